"""Plans over the whole network: rows in, a proposal with its reasons out; the same for the same."""
