"""When a vehicle is at a gate: in late, out later, and only by fixes that say how good they are.

A fix is at a gate when the whole circle of its error lies within ARRIVE_METRES of it, and away when the whole circle
lies beyond LEAVE_METRES; between the two nothing changes, nor by a fix whose circle is large. Two in a row decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import cos, floor, hypot, radians

from stations.adapters.trackers.fix import Fix

ARRIVE_METRES = 150.0
LEAVE_METRES = 250.0
WORST_ACCURACY_METRES = 100.0
USUAL_ACCURACY_METRES = 30.0  # of a device that does not say
FASTEST_ARRIVAL_MPS = 6.0  # whoever is faster drives past
IN_A_ROW = timedelta(minutes=15)  # fixes further apart are not
DEGREE_METRES = 111_195.0
CELL_DEGREES = 0.01

Spot = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Stay:
    """At which gate a vehicle stands, and since when; None while it is at none."""

    gate_id: int | None = None
    since: datetime | None = None


NOWHERE = Stay()


class GateMap:
    """The gates by where they are, each in every cell from which it can be arrived at."""

    def __init__(self, gates: Mapping[int, Spot]) -> None:
        """`gates` are (lat, lon) in degrees by id."""
        self.spots = dict(gates)
        self._cells: dict[tuple[int, int], list[int]] = {}
        for gate_id, (lat, lon) in self.spots.items():
            high = ARRIVE_METRES / DEGREE_METRES
            wide = high / cos(radians(lat))
            for cell in {_cell(lat + y, lon + x) for y in (-high, high) for x in (-wide, wide)}:
                self._cells.setdefault(cell, []).append(gate_id)

    def find_at(self, seen: Fix) -> int | None:
        """The nearest gate that the fix is at, or None."""
        near = self._cells.get(_cell(seen.lat, seen.lon))
        if not near:
            return None
        margin = _margin(seen)
        metres, gate_id = min((rough_metres((seen.lat, seen.lon), self.spots[gate]), gate) for gate in near)
        return gate_id if margin is not None and metres + margin <= ARRIVE_METRES else None

    def is_away(self, seen: Fix, gate_id: int) -> bool:
        """Whether the fix is away from that gate; from one that is no longer there everything is."""
        spot = self.spots.get(gate_id)
        margin = _margin(seen)
        return spot is None or (margin is not None and rough_metres((seen.lat, seen.lon), spot) - margin > LEAVE_METRES)


def follow(stay: Stay, before: Fix, before_at: datetime, seen: Fix, at: datetime, gates: GateMap) -> Stay:
    """Where the vehicle stands now that `seen` follows `before`. It came or went with the first of the two."""
    if at - before_at > IN_A_ROW:
        return stay
    if stay.gate_id is not None:
        has_left = gates.is_away(seen, stay.gate_id) and gates.is_away(before, stay.gate_id)
        return Stay(None, before_at) if has_left else stay
    if seen.speed_mps is not None and seen.speed_mps > FASTEST_ARRIVAL_MPS:
        return stay
    gate_id = gates.find_at(seen)
    return Stay(gate_id, before_at) if gate_id is not None and gates.find_at(before) == gate_id else stay


def rough_metres(one: Spot, other: Spot) -> float:
    """Metres on a sphere laid flat between the two: within 1 % over a few kilometres, enough to judge a fix by."""
    high = other[0] - one[0]
    wide = (other[1] - one[1]) * cos(radians((one[0] + other[0]) / 2))
    return DEGREE_METRES * hypot(high, wide)


def _margin(seen: Fix) -> float | None:
    """How far off the fix may be, or None where that is too far to tell anything."""
    metres = USUAL_ACCURACY_METRES if seen.accuracy_metres is None else seen.accuracy_metres
    return metres if metres <= WORST_ACCURACY_METRES else None


def _cell(lat: float, lon: float) -> tuple[int, int]:
    return floor(lat / CELL_DEGREES), floor(lon / CELL_DEGREES)
