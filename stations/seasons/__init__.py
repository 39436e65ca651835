"""The exam season: its days, its exam_sessions, and entry_cutoff_at, until when an examinee is let in."""
