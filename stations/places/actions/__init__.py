"""Changes to places: guarded by scope, version and state in the database, audited, raising the revision."""
