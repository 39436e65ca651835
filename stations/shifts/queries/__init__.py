"""Reads of the room: frozen rows, one SELECT a list."""
