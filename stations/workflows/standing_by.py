"""How well the gates are covered by the vehicles that stand by."""

import numpy as np

from stations.places.queries.atlas import get_atlas
from stations.seasons.queries import get_calendar
from stations.workflows.dispatching import Board, get_router

COVER_MINUTES = 12


def list_cover(board: Board) -> list[tuple[str, float, float, int | None]]:
    """Every gate: name, lat, lon, and the minutes until the next free vehicle is there; None where it takes longer
    than COVER_MINUTES or nobody stands by."""
    calendar = get_calendar()
    sites = get_atlas(calendar.zone).sites.values()
    gates = [(f"{s.name} {g.name}", g.lat, g.lon) for s in sites for g in s.gates] or [
        (s.name, s.lat, s.lon) for s in sites
    ]
    free = [v.point for v in board.vehicles if v.state == "standby" and v.ride_id is None]
    if not free or not gates:
        return [(*gate, None) for gate in gates]
    ends = np.array([gate[1:] for gate in gates], dtype=np.float64)
    travel = get_router(calendar.zone).travel(np.array(free, dtype=np.float64), ends, board.at)
    soonest = np.ceil(travel.seconds.min(axis=0) / 60).astype(int).tolist()
    return [
        (*gate, minutes if minutes <= COVER_MINUTES else None) for gate, minutes in zip(gates, soonest, strict=True)
    ]
