"""The rules of the fleet: pure functions, states and frozen orders."""
