"""Pages for staff: places, sessions, imports."""
