"""How long driving takes when no route server is asked: the straight line, a detour, the road speed of the hour.

Every constant stands in `data/travel_speeds.csv` with its source.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo

import numpy as np

from stations.adapters.router import Points, Seconds, Travel
from stations.kernel.geo.chord import spots

DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Speeds:
    """The constants: rings round a centre (metres of radius, factor on the speed), speeds over the day, and the rest.

    `minutes` and `km_per_hour` are the corners of a line through the day, between which it is straight.
    """

    centre: tuple[float, float]
    ring_metres: tuple[float, ...]
    ring_factors: tuple[float, ...]
    minutes: tuple[int, ...]
    km_per_hour: tuple[float, ...]
    detour: float
    rain: float
    boarding_seconds: int
    gate_walk_seconds: int

    def at(self, minute: float) -> float:
        """Kilometres an hour on a road of the middle ring at a minute of the local day."""
        return float(np.interp(minute, self.minutes, self.km_per_hour, period=DAY_MINUTES))


def read_speeds(lines: Iterable[str]) -> Speeds:
    """The constants out of the lines of `travel_speeds.csv`; ValueError or KeyError for what cannot be one."""
    rows = list(csv.DictReader(lines))
    one = {row["name"]: row["value"] for row in rows}
    factors = {row["kind"]: float(row["value"]) for row in rows if row["name"] == "factor"}
    rings = [row for row in rows if row["name"] == "ring"]
    speeds = [(_minute(row["at"]), float(row["value"])) for row in rows if row["name"] == "speed"]
    lat, lon = map(float, one["centre"].split())
    if not rings or not speeds or min(value for _, value in speeds) <= 0 or min(factors.values()) <= 0:
        raise ValueError("travel speeds need a ring, and speeds and factors above 0")
    return Speeds(
        centre=(lat, lon),
        ring_metres=tuple(float(ring["value"]) * 1000 for ring in rings[:-1]),
        ring_factors=tuple(factors[ring["kind"]] for ring in rings),
        minutes=tuple(minute for minute, _ in speeds),
        km_per_hour=tuple(value for _, value in speeds),
        detour=float(one["detour"]),
        rain=float(one["rain"]),
        boarding_seconds=int(one["boarding"]),
        gate_walk_seconds=int(one["gate_walk"]),
    )


def straight_metres(origins: Points, targets: Points) -> Seconds:
    """Chords from n points to m others, shape (n, m): in a city within 1 cm of the geodesic, at 100 km 1 m short."""
    ends = spots(targets[:, 0], targets[:, 1])
    starts = spots(origins[:, 0], origins[:, 1])
    middle = ends.mean(axis=0) if len(ends) else 0.0
    starts, ends = starts - middle, ends - middle
    squares: Seconds = starts @ ends.T
    squares *= -2
    squares += (starts**2).sum(axis=1)[:, None]
    squares += (ends**2).sum(axis=1)
    np.maximum(squares, 0, out=squares)
    return np.sqrt(squares, out=squares)


class BuiltIn:
    """The estimate behind the interface `Router`."""

    def __init__(self, speeds: Speeds, zone: tzinfo) -> None:
        """`zone` is the season's: the hour of the day decides the speed."""
        self.speeds, self._zone = speeds, zone

    def travel(self, origins: Points, targets: Points, at: datetime, is_raining: bool = False) -> Travel:
        """See Router. The slowness of both ends counts half each."""
        speeds = self.speeds
        metres = straight_metres(origins, targets)
        half = speeds.detour * (speeds.rain if is_raining else 1.0) * 3.6 / speeds.at(self._minute(at)) / 2
        metres *= half * (1 / self._factors(origins))[:, None] + half / self._factors(targets)
        return Travel(metres, "built-in")

    def slowness(self, at: datetime, is_raining: bool = False) -> float:
        """See Estimate."""
        speeds = self.speeds
        return max(speeds.km_per_hour) / speeds.at(self._minute(at)) * (speeds.rain if is_raining else 1.0)

    def _minute(self, at: datetime) -> float:
        local = at.astimezone(self._zone)
        return local.hour * 60 + local.minute + local.second / 60

    def _factors(self, points: Points) -> Seconds:
        """The speed factor of each point by the ring that it lies in."""
        metres = straight_metres(points, np.array([self.speeds.centre]))[:, 0]
        return np.array(self.speeds.ring_factors)[np.searchsorted(self.speeds.ring_metres, metres)]


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
