"""What people are told on their phones: an outbox, each notice at most once."""
