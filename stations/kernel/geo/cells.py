"""Halving boxes over points, and for each box the points nearest to it: most searches end in one such short list."""

from array import array
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Positions = NDArray[np.int32]

POINTS_PER_CELL = 8
LISTED = 48
CENTRES_AT_ONCE = 4096
# A tag on more points than this gets no tree of its own: walking past the others costs less than the memory.
COMMON_SHARE = 0.4


class Cells:
    """Boxes of equally many points: level l has 2**l of them, cut in turn by latitude and by longitude."""

    def __init__(self, lats: Floats, lons: Floats) -> None:
        """Halve n >= 1 points (degrees) as long as POINTS_PER_CELL are left on either side."""
        self.levels = levels_for(len(lats))
        width = -(-len(lats) // 2**self.levels)
        # Some points stand in the list twice, so that every halving comes out even.
        self._order = np.resize(np.arange(len(lats), dtype=np.int32), width * 2**self.levels)
        self._cuts = array("d", (0.0,))
        for level in range(self.levels):
            self._halve((lats, lons)[level % 2], level)

    def _halve(self, degrees: Floats, level: int) -> None:
        boxes = self._order.reshape(2**level, -1)
        values = degrees[boxes]
        half = boxes.shape[1] // 2
        by = np.argpartition(values, half, axis=1)
        self._order = np.take_along_axis(boxes, by, axis=1).ravel()
        self._cuts.frombytes(np.take_along_axis(values, by[:, half : half + 1], axis=1).tobytes())

    def find(self, lat: float, lon: float, level: int) -> int:
        """The number, from 0, of the box of `level` that holds this latitude and longitude."""
        cuts, node = self._cuts, 1
        for _pair in range(level >> 1):
            node += node + (lat >= cuts[node])
            node += node + (lon >= cuts[node])
        if level & 1:
            node += node + (lat >= cuts[node])
        return node - (1 << level)

    def forget_points(self) -> None:
        """Free what only `get_centres` needs."""
        del self._order

    def get_centres(self, spots: Floats, level: int) -> Floats:
        """Mean x, y, z of the points in each box of `level`, shape (2**level, 3); `spots` is of shape (n, 3)."""
        return np.asarray(spots[self._order].reshape(2**level, -1, 3).mean(axis=1))


def levels_for(count: int) -> int:
    """How often `count` points can be halved with at least POINTS_PER_CELL left in a box."""
    return max(0, (count // POINTS_PER_CELL).bit_length() - 1)


class ShortLists:
    """For each box of one level, the LISTED points of `tree` that are nearest to its centre.

    A point that is missing from a list is at least `reach` from the centre, so from a query at `away` metres off the
    centre every point within reach - away is listed.
    """

    def __init__(self, cells: Cells, spots: Floats, tree: cKDTree, positions: Positions) -> None:
        """`positions` maps the tree's own numbering to the caller's."""
        self.level = min(levels_for(tree.n), cells.levels)
        centres = cells.get_centres(spots, self.level)
        listed = min(LISTED, tree.n)
        self.rows = np.empty((len(centres), listed), dtype=np.int32)
        reach = np.full(len(centres), np.inf)
        for start in range(0, len(centres), CENTRES_AT_ONCE):
            part = slice(start, start + CENTRES_AT_ONCE)
            chords, found = tree.query(centres[part], range(1, listed + 1), workers=-1)
            self.rows[part] = positions[found]
            if listed < tree.n:
                reach[part] = chords[:, -1]
        self._centres = array("d", np.column_stack((centres, reach)).tobytes())

    def find(self, box: int, x: float, y: float, z: float) -> tuple[Positions, float]:
        """The list of `box`, and within how many metres of x, y, z it holds every point."""
        cx, cy, cz, reach = self._centres[4 * box : 4 * box + 4]
        x -= cx
        y -= cy
        z -= cz
        return self.rows[box], reach - sqrt(x * x + y * y + z * z)


@dataclass(frozen=True, slots=True)
class Layer:
    """The `count` points with one tag bit (bit 0: all): their short lists, and a tree of them or of all points.

    `positions` maps the numbering of the tree, whose points all have `tree_bit`, to the caller's.
    """

    bit: int
    count: int
    lists: ShortLists
    tree: cKDTree
    tree_bit: int
    positions: Positions


def build_layers(cells: Cells, spots: Floats, marks: NDArray[np.uint64]) -> dict[int, Layer]:
    """A layer for all n >= 1 points, under 0, and one for every bit in use. `spots` (n, 3) metres, `marks` (n,)."""
    every = np.arange(len(marks), dtype=np.int32)
    whole = _build_layer(cells, spots, 0, every)
    layers = {0: whole}
    for bit in (1 << shift for shift in range(64)):
        positions = every[(marks & np.uint64(bit)) != 0]
        if len(positions):
            layer = _build_layer(cells, spots, bit, positions)
            if len(positions) > COMMON_SHARE * len(every):
                layer = replace(layer, tree=whole.tree, tree_bit=0, positions=every)
            layers[bit] = layer
    return layers


def _build_layer(cells: Cells, spots: Floats, bit: int, positions: Positions) -> Layer:
    tree = cKDTree(spots[positions] if bit else spots, leafsize=32, balanced_tree=False, compact_nodes=False)
    return Layer(bit, tree.n, ShortLists(cells, spots, tree, positions), tree, bit, positions)
