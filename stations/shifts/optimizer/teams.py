"""Where each team belongs: the stations at which its members stand together, and its leader or a deputy with them."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from stations.shifts.optimizer.pairs import Flags, Numbers, Works
from stations.shifts.rules.rows import Seat


def own_stations(teams: Sequence[int | None], way: Numbers, works: Works, needs: Sequence[Seat]) -> Flags:
    """The stations of each volunteer's team, shape (volunteers, stations); False for those without one.

    All free places are shared among the teams by their size so that the mean ways of their members are the shortest in
    all (a transport problem); a team belongs wherever it has a share. `way` is of shape (volunteers, shifts).
    """
    codes = sorted({team for team in teams if team is not None})
    stations = int(works.station.max(initial=-1)) + 1
    own = np.zeros((len(teams), stations), bool)
    if not codes or not needs:
        return own
    members = np.array([[team == code for team in teams] for code in codes], float)
    first = np.array([int(np.argmax(works.station == station)) for station in range(stations)])
    minutes = members @ way[:, first] / members.sum(axis=1)[:, None]
    places = np.zeros(stations)
    column = {row.shift_id: int(station) for row, station in zip(works.rows, works.station, strict=True)}
    for seat in needs:
        places[column[seat.work.shift_id]] += seat.places - seat.taken
    shares = _share(minutes, members.sum(axis=1), places)
    for code, share in zip(codes, shares, strict=True):
        own[[v for v, team in enumerate(teams) if team == code]] = share
    return own


def _share(minutes: Numbers, sizes: Numbers, places: Numbers) -> Flags:
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
