"""Pages for parents: no sign-in, no session, cacheable."""
