"""Boxes hold equally many points, and a short list holds every point that it promises."""

from math import dist

import numpy as np
import pytest

from stations.kernel.geo.cells import LISTED, POINTS_PER_CELL, Cells, build_layers, levels_for
from stations.kernel.geo.chord import spot, spots


def test_levels_for_leaves_enough_points_in_a_box():
    assert [levels_for(times * POINTS_PER_CELL) for times in (0, 1, 2, 5)] == [0, 0, 1, 2]


@pytest.mark.parametrize("count", [1, 7, 33, 1000])
def test_cells_hold_equally_many_points(count):
    rng = np.random.default_rng(count)
    lats, lons = rng.uniform(20, 50, count), rng.uniform(80, 130, count)
    cells = Cells(lats, lons)
    boxes = [cells.find(lat, lon, cells.levels) for lat, lon in zip(lats.tolist(), lons.tolist(), strict=True)]
    filled = np.bincount(boxes, minlength=2**cells.levels)
    assert len(filled) == 2**cells.levels
    assert filled.sum() == count
    assert filled.max() - filled.min() <= cells.levels + 1


def test_short_lists_miss_no_point_within_their_horizon():
    rng = np.random.default_rng(4)
    lats, lons = rng.normal(40, 0.2, 3000), rng.normal(116, 0.3, 3000)
    marks = np.where(rng.random(3000) < 0.3, 4, 1).astype(np.uint64)
    rows = spots(lats, lons)
    cells = Cells(lats, lons)
    layers = build_layers(cells, rows, marks)
    rare = int((marks == 4).sum())
    assert {bit: layer.count for bit, layer in layers.items()} == {0: 3000, 1: 3000 - rare, 4: rare}
    promised = 0
    for lat, lon in rng.normal((40, 116), 0.2, (40, 2)).tolist():
        here = spot(lat, lon)
        for bit, layer in layers.items():
            row, horizon = layer.lists.find(cells.find(lat, lon, layer.lists.level), *here)
            assert len(row) == LISTED
            within = {at for at in range(3000) if dist(rows[at], here) <= horizon and (not bit or marks[at] == bit)}
            assert within <= set(row.tolist())
            promised += len(within)
    assert promised > 1000
