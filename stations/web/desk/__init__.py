"""The station lead's desk: one station on one phone, with or without a network."""
