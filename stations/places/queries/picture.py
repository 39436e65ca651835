"""The live stations in memory: rows by position, the index over them, who is open; edited in place."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from stations.kernel.geo.distance import walk_minutes
from stations.kernel.geo.nearest import NearestIndex
from stations.places.queries.openness import OpenMask
from stations.places.queries.rows import Found, StationRow
from stations.places.rules import NEEDS, Standing, standing

BITS = {code: 1 << i for i, code in enumerate(NEEDS)}


def need_bits(codes: Sequence[str]) -> int:
    """The tag mask of a set of needs."""
    return sum(BITS[code] for code in set(codes))


class Picture:
    """Stations by position. A position once given stays; one of an archived station is empty."""

    def __init__(self, rows: Sequence[StationRow], zone: ZoneInfo) -> None:
        self.stations: list[StationRow | None] = list(rows)
        self._zone = zone
        self._positions = {row.code: i for i, row in enumerate(rows)}
        self._standings: dict[int, tuple[datetime, StationRow, Standing]] = {}
        self._open = OpenMask(rows, zone)
        self._index = NearestIndex([r.lat for r in rows], [r.lon for r in rows], [_tags(r) for r in rows])

    @property
    def offered(self) -> frozenset[str]:
        """Every service and access feature that some live station has."""
        return frozenset(code for row in self.stations if row for code in (*row.services, *row.access))

    @property
    def is_worn(self) -> bool:
        """Whether so much was edited that a new picture would answer faster."""
        return self._index.is_worn

    def find(self, code: str) -> StationRow | None:
        """The live station of that code."""
        position = self._positions.get(code)
        return None if position is None else self.stations[position]

    def put(self, row: StationRow) -> None:
        """Show a station as it is now; seen by the next question. One that came and went unseen is left out."""
        if row.is_archived and row.code not in self._positions:
            return
        position = self._positions.setdefault(row.code, len(self.stations))
        if position == len(self.stations):
            self.stations.append(None)
        self._open.put(position, row)
        if row.is_archived:
            self.stations[position] = None
            self._index.remove(position)
        else:
            self.stations[position] = row
            self._index.put(position, row.lat, row.lon, _tags(row))

    def nearest(
        self, starts: Sequence[tuple[float, float]], now: datetime, limit: int, need: int, only_open: bool
    ) -> list[Found]:
        """Up to `limit` stations nearest to the closest start, in geodesic order."""
        among = self._open.at(now) if only_open else None
        if len(starts) == 1:
            hits = self._index.nearest(*starts[0], limit, need, among)
        else:
            hits = self._index.nearest_from(starts, limit, need, among)
        rows, minute = self.stations, now.replace(second=0, microsecond=0)
        return [
            Found(row, self._standing(position, row, minute), metres, walk_minutes(metres))
            for position, metres in hits
            if (row := rows[position])
        ]

    def _standing(self, position: int, row: StationRow, minute: datetime) -> Standing:
        """How a station stands, worked out once a minute."""
        kept = self._standings.get(position)
        if kept is None or kept[0] != minute or kept[1] is not row:
            kept = self._standings[position] = (minute, row, standing(row.hours, row.said, minute, self._zone))
        return kept[2]

    def found_all(self, now: datetime) -> list[tuple[StationRow, Standing]]:
        """Every live station with its standing, by position."""
        minute = now.replace(second=0, microsecond=0)
        return [(row, self._standing(i, row, minute)) for i, row in enumerate(self.stations) if row]


def _tags(row: StationRow) -> int:
    return need_bits((*row.services, *row.access))
