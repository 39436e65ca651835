"""Rows into the formats of other programs: GeoJSON, JSON."""
