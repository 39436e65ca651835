"""What is read of the fleet."""
