"""The tables of the room: who helps, what is to be done, who does it, and what they did."""

from stations.shifts.models import handing_over, service

__all__ = ["handing_over", "service"]  # nobody may have asked for them yet, and the schema must be whole
