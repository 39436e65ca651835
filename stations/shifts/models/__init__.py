"""The tables of the room: who helps, what is to be done, who does it, and what they did."""

from stations.shifts.models import service

__all__ = ["service"]  # nobody asks for it yet, and the schema must be whole
