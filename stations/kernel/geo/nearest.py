"""The nearest points of many, exact by geodesic on WGS-84, in memory.

Points lie in 3-D on the ellipsoid, where the order of chords is the order of geodesics but for pairs within
`chord.slack`; only those are measured with Karney's algorithm. A search looks first into the short list of its box,
then into a k-d tree of the rarest tag it needs, then at every point.
"""

from array import array
from collections.abc import Iterable, Iterator
from itertools import islice
from math import inf, sqrt
from threading import Lock
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from stations.kernel.geo.cells import LISTED, Cells, Layer, build_layers
from stations.kernel.geo.chord import ARC_METRES, FLAT_METRES, Spot, arc_metres, bend, slack, spot, spots
from stations.kernel.geo.distance import geodesic_metres

Mask = bytes | bytearray
Near = list[tuple[float, int]]  # chord in metres, position
Found = list[tuple[float, int, int]]  # the same, and the number of the start

WORN_EDITS = 256
TREE_FETCHES = (32, 256)


class _Edited(NamedTuple):
    lat: float
    lon: float
    tags: int
    spot: Spot


class _Edits(NamedTuple):
    """What changed since the build: rows by position, None for a removed point. Replaced whole, never altered."""

    size: int
    rows: dict[int, _Edited | None]


class _Ask(NamedTuple):
    """One search from one start."""

    lat: float
    lon: float
    spot: Spot
    k: int
    need: int
    among: Mask | None
    edits: _Edits


class NearestIndex:
    """k-nearest over n points with a 64-bit tag mask each; positions are those of the arrays it was built from.

    Reading is safe from any thread while another edits. Past 8,900 km every eligible point is measured one by one.
    """

    def __init__(self, lats: ArrayLike, lons: ArrayLike, tags: ArrayLike) -> None:
        """`lats`, `lons` in degrees, `tags` as uint64, each of length n >= 0; takes about 1 s for 200,000 points."""
        self._lats = np.array(lats, dtype=np.float64)
        self._lons = np.array(lons, dtype=np.float64)
        marks = np.array(tags, dtype=np.uint64)
        if not len(self._lats) == len(self._lons) == len(marks):
            raise ValueError("lats, lons and tags differ in length")
        self._tags = array("Q", marks.tobytes())
        self._spots = spots(self._lats, self._lons)
        self._edits = _Edits(len(marks), {})
        self._writing = Lock()
        self._layers: dict[int, Layer] = {}
        if len(marks):
            self._cells = Cells(self._lats, self._lons)
            self._layers = build_layers(self._cells, self._spots, marks)
            self._cells.forget_points()

    def __len__(self) -> int:
        """One more than the last position ever used; `among` must be at least as long."""
        return self._edits.size

    @property
    def is_worn(self) -> bool:
        """Whether so many edits have piled up that a new index should be built, off the request path."""
        return len(self._edits.rows) > WORN_EDITS

    def put(self, position: int, lat: float, lon: float, tags: int) -> None:
        """Move, retag or bring back a point, or add one at position len(self); the next search sees it.

        Make `among` longer before adding. Raises IndexError past len(self).
        """
        self._edit(position, _Edited(lat, lon, tags, spot(lat, lon)))

    def remove(self, position: int) -> None:
        """Leave a point out from the next search on; raises IndexError when there was never one."""
        self._edit(position, None)

    def _edit(self, position: int, row: _Edited | None) -> None:
        with self._writing:
            size, rows = self._edits
            if not 0 <= position < size + (row is not None):
                raise IndexError(f"position {position} of {size}")
            self._edits = _Edits(max(size, position + 1), {**rows, position: row})

    def nearest(
        self, lat: float, lon: float, k: int, need: int = 0, among: Mask | None = None
    ) -> list[tuple[int, float]]:
        """Up to `k` (position, geodesic metres), nearest first, equals by position.

        Eligible are points with all bits of `need` whose byte in `among`, read live, is not 0. The order is that of
        Karney's geodesics, and metres are within 1 cm of them.
        """
        edits = self._edits
        if _is_void(k, among, edits.size):
            return []
        start = spot(lat, lon)
        ask = _Ask(lat, lon, start, k, need, among, edits)
        near = self._collect(self._find_layer(need), ask)
        if _is_plain(near):
            lift = bend(start)
            return [(position, chord + lift * chord * chord * chord) for chord, position in near]
        return self._rank([ask], [(chord, position, 0) for chord, position in near])

    def nearest_from(
        self, starts: Iterable[tuple[float, float]], k: int, need: int = 0, among: Mask | None = None
    ) -> list[tuple[int, float]]:
        """`nearest` by the least distance from any of several starts, each (lat, lon) in degrees."""
        edits = self._edits
        if _is_void(k, among, edits.size):
            return []
        asks = [_Ask(lat, lon, spot(lat, lon), k, need, among, edits) for lat, lon in starts]
        layer = self._find_layer(need)
        found: Found = []
        for number, ask in enumerate(asks):
            found += [(chord, position, number) for chord, position in self._collect(layer, ask)]
        return self._rank(asks, sorted(found))

    def _find_layer(self, need: int) -> Layer | None:
        """The layer of the rarest bit in `need`; None when no point had one of them at the build."""
        if not need & (need - 1):
            return self._layers.get(need)
        layers = [self._layers.get(1 << shift) for shift in range(need.bit_length()) if need >> shift & 1]
        known = [layer for layer in layers if layer]
        return min(known, key=lambda layer: layer.count) if len(known) == len(layers) else None

    def _collect(self, layer: Layer | None, ask: _Ask) -> Near:
        """The `k` nearest eligible points by chord, in that order, and all that could be as near by geodesic."""
        near = self._search(layer, ask) if layer else []
        if ask.edits.rows:
            near = _cut(sorted([*near, *_list_edited(ask)]), ask.k)
        return near

    def _search(self, layer: Layer, ask: _Ask) -> Near:
        if 2 * ask.k < LISTED:
            near = self._search_list(layer, ask)
            if near is not None:
                return near
        tree = layer.tree
        for fetch in TREE_FETCHES:
            if ask.k < fetch:
                wanted = min(fetch, tree.n)
                chords, numbers = tree.query(ask.spot, wanted if wanted > 1 else [1])
                horizon = float(chords[-1]) if wanted < tree.n else inf
                positions = layer.positions[numbers].tolist()
                near = self._pick(ask, layer.tree_bit, chords.tolist(), positions, horizon)
                if near is not None:
                    return near
        return self._sweep(layer, ask)

    def _search_list(self, layer: Layer, ask: _Ask) -> Near | None:
        lists = layer.lists
        row, horizon = lists.find(self._cells.find(ask.lat, ask.lon, lists.level), *ask.spot)
        if horizon <= 0:
            return None
        offsets = self._spots.take(row, 0)
        offsets -= ask.spot
        chords = np.sqrt(np.vecdot(offsets, offsets))
        order = chords.argsort()
        return self._pick(ask, layer.bit, chords.take(order).tolist(), row.take(order).tolist(), horizon)

    def _pick(self, ask: _Ask, bit: int, chords: list[float], positions: list[int], horizon: float) -> Near | None:
        """The eligible of candidates that all have `bit`, as `_collect` wants them.

        None when points farther than `horizon`, of which no candidate is known, may belong there too.
        """
        _, _, _, k, need, among, (_, rows) = ask
        if need == bit:
            need = 0
        tags, near, limit = self._tags, Near(), horizon
        for pair in zip(chords, positions, strict=True):
            chord, position = pair
            if chord > limit:
                break
            if among is not None and not among[position]:
                continue
            if (need and tags[position] & need != need) or (rows and position in rows):
                continue
            near.append(pair)
            if len(near) == k:
                limit = min(horizon, chord + slack(chord))
        return near if limit < horizon or horizon == inf else None

    def _sweep(self, layer: Layer, ask: _Ask) -> Near:
        """As `_pick`, over all points of the layer."""
        positions = layer.positions
        eligible = np.ones(len(positions), dtype=np.bool_)
        if ask.need != layer.tree_bit:
            need = np.uint64(ask.need)
            eligible &= np.frombuffer(self._tags, np.uint64)[positions] & need == need
        if ask.among is not None:
            # Copied, because a bytearray cannot grow while NumPy looks at it.
            eligible &= np.frombuffer(bytes(ask.among), np.uint8)[positions] != 0
        if ask.edits.rows:
            eligible &= ~np.isin(positions, list(ask.edits.rows))
        positions = positions[eligible]
        offsets = self._spots[positions] - ask.spot
        chords = np.sqrt(np.vecdot(offsets, offsets))
        if len(chords) > ask.k:
            last = float(np.partition(chords, ask.k - 1)[ask.k - 1])
            close = chords <= last + slack(last)
            chords, positions = chords[close], positions[close]
        return sorted(zip(chords.tolist(), positions.tolist(), strict=True))

    def _rank(self, asks: list[_Ask], found: Found) -> list[tuple[int, float]]:
        """Order by geodesic what is in order by chord, the first of each position only."""
        least: dict[int, float] = {}
        for run in _list_runs(found):
            grounds = {self._locate(asks[0].edits, position) for _, position, _ in run} if len(run) > 1 else ()
            measured = [(self._measure(asks[start], chord, at, len(grounds) > 1), at) for chord, at, start in run]
            for metres, position in sorted(measured):
                least.setdefault(position, metres)
        return list(islice(least.items(), asks[0].k if asks else 0))

    def _measure(self, ask: _Ask, chord: float, position: int, exact: bool) -> float:
        if exact or chord > ARC_METRES:
            return geodesic_metres(ask.lat, ask.lon, *self._locate(ask.edits, position))
        row = ask.edits.rows.get(position)
        return arc_metres(ask.spot, row.spot if row else self._spots[position].tolist(), chord)

    def _locate(self, edits: _Edits, position: int) -> tuple[float, float]:
        row = edits.rows.get(position)
        return (row.lat, row.lon) if row else (float(self._lats[position]), float(self._lons[position]))


def _is_void(k: int, among: Mask | None, size: int) -> bool:
    if among is not None and len(among) < size:
        raise ValueError(f"among covers {len(among)} of {size} points")
    return k < 1


def _list_edited(ask: _Ask) -> Iterator[tuple[float, int]]:
    x, y, z = ask.spot
    need, among = ask.need, ask.among
    for position, row in ask.edits.rows.items():
        if row and row.tags & need == need and (among is None or among[position]):
            px, py, pz = row.spot
            yield sqrt((px - x) ** 2 + (py - y) ** 2 + (pz - z) ** 2), position


def _cut(near: Near, k: int) -> Near:
    """The first `k` and those within slack of the last."""
    if len(near) <= k:
        return near
    last = near[k - 1][0]
    limit = last + slack(last)
    return [one for one in near if one[0] <= limit]


def _is_plain(near: Near) -> bool:
    """Whether all are within FLAT_METRES and the order by chord is certain."""
    end = -1.0
    for chord, _position in near:
        if chord <= end or chord > FLAT_METRES:
            return False
        end = chord + slack(chord)
    return True


def _list_runs(found: Found) -> list[Found]:
    """`found`, in order of chord, cut wherever the order by geodesic is certain."""
    runs: list[Found] = []
    end = -1.0
    for one in found:
        if one[0] > end:
            runs.append([])
        runs[-1].append(one)
        end = one[0] + slack(one[0])
    return runs
