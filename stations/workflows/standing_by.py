"""How well the gates are covered by the vehicles that stand by, and where they had better stand."""

from dataclasses import dataclass

import numpy as np

from stations.fleet.optimizer.standing_by import Coverage, Gate, stand_by
from stations.fleet.queries.vehicles import Post, list_posts
from stations.places.queries.atlas import get_atlas
from stations.seasons.queries import get_calendar
from stations.workflows.dispatching import Board, as_standby, get_conditions, get_router

COVER_MINUTES = 12
STOP_SECONDS = 0.4  # a page waits for it


@dataclass(frozen=True, slots=True)
class StandbyPlan:
    """What is proposed, the gates that it speaks of by their id as text, and how many there are."""

    coverage: Coverage
    posts: dict[str, Post]
    idle: int


def propose_posts(board: Board, within_minutes: int) -> StandbyPlan:
    """Where the vehicles of the board should stand by so that every gate is reached within so many minutes."""
    calendar = get_calendar()
    posts = {str(post.gate_id): post for post in list_posts().values()}
    gates = [Gate(number, post.lat, post.lon) for number, post in posts.items()]
    free = [vehicle for vehicle in board.vehicles if vehicle.state == "standby" and vehicle.ride_id is None]
    idle = [as_standby(vehicle, board.at, calendar.zone) for vehicle in free]
    given = get_conditions(board.at, calendar)
    return StandbyPlan(stand_by(idle, gates, given, within_minutes, STOP_SECONDS), posts, len(idle))


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
