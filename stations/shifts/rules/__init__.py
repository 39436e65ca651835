"""What makes a placement possible: skills, posts, hours, ways, heat, and the one guard over all of it."""
