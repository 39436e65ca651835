"""The tables of the room: who helps, what is to be done, who does it, and what they did."""
