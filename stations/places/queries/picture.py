"""The live stations in memory: rows by position, the index over them, who is open; edited in place."""

from collections.abc import Sequence
from datetime import datetime
from operator import and_
from typing import NamedTuple
from zoneinfo import ZoneInfo

from stations.kernel.geo.distance import walk_minutes
from stations.kernel.geo.nearest import NearestIndex
from stations.places.queries.openness import OpenMask
from stations.places.queries.rows import Found, StationRow
from stations.places.rules import NEEDS, Standing, next_change, standing

Codes = frozenset[str]
Some = tuple[Codes | None, Codes] | None  # the stations that count, those that do not
BITS = {code: 1 << i for i, code in enumerate(NEEDS)}


def need_bits(codes: Sequence[str]) -> int:
    """The tag mask of a set of needs."""
    return sum(BITS[code] for code in set(codes))


class _Kept(NamedTuple):
    """How a station, being `row`, stands from one moment on and before another."""

    row: StationRow
    since: datetime
    until: datetime
    how: Standing


class Picture:
    """Stations by position. A position once given stays; one of an archived station is empty."""

    def __init__(self, rows: Sequence[StationRow], zone: ZoneInfo) -> None:
        self.stations: list[StationRow | None] = list(rows)
        self._zone = zone
        self._positions = {row.code: i for i, row in enumerate(rows)}
        self._standings: dict[int, _Kept] = {}
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
        self, starts: Sequence[tuple[float, float]], now: datetime, limit: int, need: int, only_open: bool, some: Some
    ) -> tuple[tuple[Found, ...], bool]:
        """Up to `limit` stations nearest to the closest start, in geodesic order, and whether there are more."""
        among = self._open.at(now) if only_open else None
        if some is not None:
            among = self._only(some, among)
        if len(starts) == 1:
            hits = self._index.nearest(*starts[0], limit + 1, need, among)
        else:
            hits = self._index.nearest_from(starts, limit + 1, need, among)
        rows, minute = self.stations, now.replace(second=0, microsecond=0)
        found = [
            Found(row, self._standing(position, row, minute), metres, walk_minutes(metres))
            for position, metres in hits[:limit]
            if (row := rows[position])
        ]
        return tuple(found), len(hits) > limit

    def _only(self, some: tuple[Codes | None, Codes], among: bytearray | None) -> bytearray:
        """A mask of its own for the stations of the first set (None: all) that are not in the second."""
        having, lacking = some
        positions, size = self._positions, len(self.stations)
        mask = bytearray(b"\1" * size if having is None else size)
        for code in having or ():
            if code in positions:
                mask[positions[code]] = 1
        for code in lacking:
            if code in positions:
                mask[positions[code]] = 0
        if among is not None:
            mask[:] = bytes(map(and_, mask, among))
        return mask

    def _standing(self, position: int, row: StationRow, minute: datetime) -> Standing:
        """How a station stands, worked out anew only when it was edited or the time has come for a change."""
        kept = self._standings.get(position)
        if kept is None or kept.row is not row or not kept.since <= minute < kept.until:
            known = (row.hours, row.said, minute, self._zone)
            kept = self._standings[position] = _Kept(row, minute, next_change(*known), standing(*known))
        return kept.how

    def found_all(self, now: datetime) -> list[tuple[StationRow, Standing]]:
        """Every live station with its standing, by position."""
        minute = now.replace(second=0, microsecond=0)
        return [(row, self._standing(i, row, minute)) for i, row in enumerate(self.stations) if row]


def _tags(row: StationRow) -> int:
    return need_bits((*row.services, *row.access))
