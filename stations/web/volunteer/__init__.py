"""What a volunteer opens: a signed link or a staff number with a code, no account."""
