"""Sequences that cross rooms: one file a thing that happens."""
