"""Catalogues of translations."""
