"""Changes of the room: each checks who acts, writes with a guard, and leaves an audit line."""
