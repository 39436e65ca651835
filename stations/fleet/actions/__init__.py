"""What changes the fleet."""
