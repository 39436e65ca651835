"""Parts of a roster that have nobody in common: towns apart from one another are worked out one by one."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from stations.kernel.geo.chord import spots
from stations.shifts.rules.rows import Candidate, Held, Limits, Seat

Part = tuple[list[Seat], list[Candidate]]


def part(
    seats: Sequence[Seat], candidates: Sequence[Candidate], held: Mapping[int, Sequence[Held]], limits: Limits
) -> list[Part]:
    """Seats with the volunteers who live within reach of one of their stations or hold a place at one; volunteers who
    are near none are in none. Whoever has no home known is near all."""
    works = [seat.work for seat in seats]
    works += [one.work for kept in held.values() for one in kept]
    place = {row.station_id: (row.lat, row.lon) for row in works}
    number = {station: i for i, station in enumerate(place)}
    edges = _reach(list(place.values()), candidates, limits)
    for v, one in enumerate(candidates):
        edges += [(v, number[kept.work.station_id]) for kept in held.get(one.volunteer_id, ())]
    count = len(candidates) + len(number)
    ends = np.array(edges, np.intp).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], len(candidates) + ends[:, 1])), shape=(count, count))
    _parts, label = connected_components(graph, directed=False)
    found: dict[int, Part] = {}
    for seat in seats:
        where = int(label[len(candidates) + number[seat.work.station_id]])
        found.setdefault(where, ([], []))[0].append(seat)
    for v, one in enumerate(candidates):
        if int(label[v]) in found:
            found[int(label[v])][1].append(one)
    return list(found.values())


def _reach(
    places: Sequence[tuple[float, float]], candidates: Sequence[Candidate], limits: Limits
) -> list[tuple[int, int]]:
    """Which volunteer's home is within reach of which place."""
    if not places:
        return []
    metres = (limits.way_most_minutes - limits.way_fixed_minutes) * limits.way_metres_per_minute / limits.way_detour
    tree = cKDTree(spots(*np.array(places, float).T))
    known = [v for v, one in enumerate(candidates) if one.lat is not None and one.lon is not None]
    homes = np.array([(candidates[v].lat, candidates[v].lon) for v in known], float).reshape(-1, 2)
    near = tree.query_ball_point(spots(homes[:, 0], homes[:, 1]), max(metres, 0) + 1) if known else []
    edges = [(v, int(i)) for v, listed in zip(known, near, strict=True) for i in listed]
    everywhere = sorted(set(range(len(candidates))) - set(known))
    return edges + [(v, i) for v in everywhere for i in range(len(places))]
