"""The coordinator's pages: who is where, what is missing, the roster, templates, volunteers and teams."""
