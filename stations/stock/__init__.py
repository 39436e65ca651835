"""Supplies: items in lots at places, an append-only ledger of movements, transfers, counts, loans and alerts.

Quantities are whole base units (bottles, not cases). A unit is in exactly one place: at a station, held there for a
transfer, in transit, or lent."""
