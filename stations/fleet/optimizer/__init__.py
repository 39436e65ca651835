"""Which vehicle for whom, and where to stand by: rows in, a proposal with its reasons out; the same for the same."""
