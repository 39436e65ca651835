"""Reading stock: rows and scalars, one SELECT a list."""
