"""What a driver opens: a signed link, no account."""
