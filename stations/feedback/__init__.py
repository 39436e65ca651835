"""What people at the stations tell us. So far: how many talked with a counsellor, and of what."""
