"""The pages: one folder an audience, one module a page; and what every page shares."""
