"""Where things are: datums, distances, and which points are nearest. WGS-84 inside; degrees and metres."""
