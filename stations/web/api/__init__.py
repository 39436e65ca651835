"""The open API under /api/v1, described by /openapi.json."""
