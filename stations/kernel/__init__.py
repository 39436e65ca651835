"""What every room stands on: database, clock, geometry, errors, audit, sheets, names. It knows no domain."""
