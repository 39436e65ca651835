"""The topics whose revision a write of the fleet raises."""

QUEUE = "fleet"  # requests, rides, bookings, who stands by
VEHICLES = "vehicles"  # the vehicles' files and keys
