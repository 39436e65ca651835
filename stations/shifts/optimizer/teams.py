"""Where each team belongs: the stations at which its members stand together, and its leader or a deputy with them."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from stations.shifts.optimizer.pairs import Flags, Numbers, Places, Works
from stations.shifts.rules.rows import Seat


def own_stations(
    teams: Sequence[int | None], way: Numbers, works: Works, needs: Sequence[Seat], fixed: Sequence[Sequence[int]]
) -> Flags:
    """The stations of each volunteer's team, shape (volunteers, stations); False for those without one.

    A team belongs where its members are confirmed. While those are fewer than its members it belongs also where it has
    a share when all free places are shared among such teams by size, so that the mean ways of their members are the
    shortest in all (a transport problem). `way` is of shape (volunteers, shifts), `fixed` the shifts confirmed.
    """
    codes, team = np.unique([-1 if one is None else one for one in teams], return_inverse=True)
    has_team = codes != -1
    stations = int(works.station.max(initial=-1)) + 1
    held = np.zeros((len(codes), stations))
    for v, shifts in enumerate(fixed):
        np.add.at(held, (team[v], works.station[list(shifts)]), 1)
    own = held > 0
    sizes = np.bincount(team, minlength=len(codes))
    unsettled = np.flatnonzero(has_team & (held.sum(axis=1) < sizes))
    if len(unsettled) and needs:
        first = np.array([int(np.argmax(works.station == station)) for station in range(stations)])
        mean = csr_array((np.ones(len(team)), (team, np.arange(len(team))))) @ way[:, first] / sizes[:, None]
        places, column = np.zeros(stations), dict(zip((row.shift_id for row in works.rows), works.station, strict=True))
        for seat in needs:
            places[column[seat.work.shift_id]] += seat.places - seat.taken
        own[unsettled] |= _share(mean[unsettled], sizes[unsettled], places)
    return np.asarray(own[team] & has_team[team][:, None])


def _share(minutes: Numbers, sizes: Places, places: Numbers) -> Flags:
    """Which team gets a share of which station."""
    count, stations = minutes.shape
    supply = sizes / sizes.sum() * places.sum()
    cells = np.arange(count * stations)
    rows = csr_array(
        (np.ones(2 * len(cells)), (np.r_[cells // stations, count + cells % stations], np.r_[cells, cells])),
        shape=(count + stations, len(cells)),
    )
    solved = linprog(minutes.ravel(), A_eq=rows, b_eq=np.r_[supply, places])
    flow = np.zeros(len(cells)) if solved.x is None else solved.x
    return np.asarray(flow.reshape(count, stations) > places.sum() * 1e-6)
