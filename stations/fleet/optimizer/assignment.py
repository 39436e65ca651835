"""The assignment of least cost when cost has ranks: the first counts before any amount of the second, and so on."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

Cost = NDArray[np.float64]
Places = NDArray[np.intp]

# Whole numbers up to here are exact in a float64, and so are their sums.
EXACT = 2.0**53


def assign(ranks: Sequence[Cost], is_allowed: NDArray[np.bool_]) -> tuple[Places, Places]:
    """Rows and the columns that they get, as many as can be: the least total of the first rank, among those of the
    second, and so on. Ranks are whole numbers >= 0, the first of shape (rows, columns), the others of that or of one
    that broadcasts to it; what is not allowed is never given.

    Exact (Hungarian method: D. F. Crouse, On implementing 2D rectangular assignment algorithms, 2016) as long as the
    totals of all ranks fit together into 53 bits; else the last ranks are made coarser, down to nothing.
    """
    if not is_allowed.size:
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    count = min(is_allowed.shape)
    cost, _above = _in_one(ranks, count, room=1)
    if not is_allowed.all():
        cost[~is_allowed] = np.inf
    try:
        rows, columns = linear_sum_assignment(cost)
    except ValueError:  # somebody has to go without
        cost, above = _in_one(ranks, count, room=count + 1)
        cost[~is_allowed] = above
        rows, columns = linear_sum_assignment(cost)
    given = is_allowed[rows, columns]
    return rows[given], columns[given]


def _in_one(ranks: Sequence[Cost], count: int, room: int) -> tuple[Cost, float]:
    """One number for all ranks, each weighing more than any total of those after it, and a number above any total."""
    most = [float(rank.max()) for rank in ranks]
    shrink = _shrink(most, count, room)
    units, unit = [], 1.0
    for top, by in zip(reversed(most), reversed(shrink), strict=True):
        units.append(unit)
        unit *= 1 if by == np.inf else count * (top // by) + 1
    cost: Cost = ranks[0] * units[-1] if shrink[0] == 1 else np.floor(ranks[0] / shrink[0]) * units[-1]
    for rank, by, each in list(zip(ranks, shrink, reversed(units), strict=True))[1:]:
        if by < np.inf:
            cost += (rank if by == 1 else np.floor(rank / by)) * each
    return cost, unit


def _shrink(most: Sequence[float], count: int, room: int) -> list[float]:
    """By what each rank is divided so that `room` times the number above any total stays exact."""
    shrink = [1.0] * len(most)
    for last in range(len(most) - 1, -1, -1):
        while np.prod([count * (top // by) + 1 for top, by in zip(most, shrink, strict=True)]) * room > EXACT:
            if shrink[last] > most[last]:
                shrink[last] = np.inf
                break
            shrink[last] *= 2
    return shrink
