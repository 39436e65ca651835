"""A box on the map, as addresses spell it."""

from typing import NamedTuple

from stations.kernel.errors import Invalid
from stations.kernel.text import _

FARTHEST_DEGREES = 540  # a map that was dragged once round the world still asks for what it shows


class Box(NamedTuple):
    """The edges in degrees, themselves inside."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lat: float, lon: float) -> bool:
        """Whether the point lies in it."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north


def read_box(typed: str) -> Box:
    """The box of "west,south,east,north"; raises Invalid."""
    try:
        box = Box(*(float(part) for part in typed.split(",")))
    except (ValueError, TypeError):
        box = Box(1, 1, 0, 0)
    if not (-FARTHEST_DEGREES <= box.west <= box.east <= FARTHEST_DEGREES) or not -90 <= box.south <= box.north <= 90:
        raise Invalid("map.box", _("A part of the map is written west,south,east,north in degrees."), field="bbox")
    return box
