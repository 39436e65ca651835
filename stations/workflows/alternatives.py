"""What else helps when no plain ride is in time: on foot, half-way towards each other, or papers in two legs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from stations.accounts.rules import Actor
from stations.adapters.router import Points, Seconds
from stations.fleet.actions.rides import OfferOrder, Spot, offer
from stations.fleet.optimizer.pairs import fits
from stations.fleet.optimizer.rows import Conditions
from stations.fleet.queries.board import BoardVehicle
from stations.fleet.queries.requests import HelpRow
from stations.fleet.rules.requests import HelpKind
from stations.fleet.rules.rides import SPARE
from stations.fleet.rules.slack import (
    SECONDS_PER_METRE_ON_FOOT,
    WALK_METRES,
    Advice,
    Alternative,
    meet,
    on_foot_seconds,
    points_on_way,
    ranked,
    relay,
    walk,
)
from stations.kernel.errors import NotFound
from stations.kernel.geo.distance import geodesic_metres
from stations.kernel.text import Text, _
from stations.places.queries.atlas import get_atlas
from stations.seasons.queries import get_calendar
from stations.workflows.dispatching import Board, as_call, get_conditions, standing_for
from stations.workflows.under_way import find_aboard, last_stretch

GONE: Text = _("This way is no longer possible. Please look again.")


@dataclass(frozen=True, slots=True)
class Way:
    """Another way: what, when and where; the vehicles that make it, the rides that they would be offered."""

    found: Alternative
    place: str
    orders: tuple[OfferOrder, ...] = ()

    @property
    def vehicles(self) -> tuple[str, ...]:
        """The codes of its vehicles."""
        return tuple(order.vehicle for order in self.orders)


@dataclass(frozen=True, slots=True)
class _Ground:
    """The straight way from the caller to the gate with seconds a point: for whoever sets out from the caller, for
    each vehicle (`in_time`: where it can still bring them to the gate before its next booking, else infinity), and
    from the point to inside the gate."""

    row: HelpRow
    way: Points
    mover: Seconds
    vehicles: tuple[BoardVehicle, ...]
    reach: Seconds
    in_time: Seconds
    ride: Seconds
    left: float
    source: str


def list_ways(row: HelpRow, board: Board) -> tuple[Way, ...]:
    """The other ways to be in before the cut-off, the soonest first; none without a cut-off or a place. Whoever sits in
    a vehicle may still get out of it."""
    if row.cutoff_at is None or row.point is None:
        return ()
    if find_aboard(row):
        given = get_conditions(board.at, get_calendar())
        return tuple(_get_out(each) for each in last_stretch(row, board.vehicles, given))
    ground = _measure(row, board)
    found = [walk(ground.way, ground.left)]
    if ground.vehicles:
        found += [_meet(ground), _relay(ground)]
    return tuple(_way(each, ground) for each in ranked(found))


def find_way(row: HelpRow, board: Board, advice: str) -> Way:
    """The way of that advice with its rides, as it is now."""
    for way in list_ways(row, board):
        if way.found.advice == advice and way.orders:
            return way
    raise NotFound("way.gone", GONE)


def offer_way(orders: Sequence[OfferOrder], actor: Actor) -> dict[str, Any]:
    """Offer the rides of a way, all or none."""
    return {"rides": [offer(order, actor)["ride"] for order in orders]}


def _measure(row: HelpRow, board: Board) -> _Ground:
    calendar = get_calendar()
    given = get_conditions(board.at, calendar)
    point = row.point or (row.to_lat, row.to_lon)
    way = points_on_way(*point, row.to_lat, row.to_lon)
    gate = np.array([(row.to_lat, row.to_lon)])
    free = [v for v in board.vehicles if v.ride_id is None]
    call, standing = as_call(row), standing_for(row, free, board.at, calendar.zone)
    able = [(v, standby) for v, standby in zip(free, standing, strict=True) if fits(call, standby, board.at)]
    ready = tuple(vehicle for vehicle, _standby in able)
    at = np.array([v.point for v in ready], dtype=np.float64).reshape(-1, 2)
    reached = given.router.travel(at, way, given.now)
    ride = given.router.travel(way, gate, given.now).seconds[:, 0] + given.boarding_seconds + given.gate_walk_seconds
    assert row.cutoff_at is not None
    left = (row.cutoff_at - board.at).total_seconds()
    booked_in = np.array([_until(standby.blocked_from, board.at) for _vehicle, standby in able])
    in_time = np.where(reached.seconds + ride <= booked_in[:, None], reached.seconds, np.inf)
    return _Ground(row, way, _mover(row, way, given), ready, reached.seconds, in_time, ride, left, reached.source)


def _until(at: datetime | None, now: datetime) -> float:
    """Seconds until the spare time before a booking begins."""
    return np.inf if at is None else (at - SPARE - now).total_seconds()


def _mover(row: HelpRow, way: Points, given: Conditions) -> Seconds:
    """Papers are brought towards the gate by whatever the family has; an examinee walks, and not too far."""
    if row.kind is HelpKind.PAPERS:
        driven: Seconds = given.router.travel(way[:1], way, given.now).seconds[0]
        return driven
    on_foot = on_foot_seconds(way)
    walked: Seconds = np.where(on_foot <= WALK_METRES * SECONDS_PER_METRE_ON_FOOT, on_foot, np.inf)
    return walked


def _meet(ground: _Ground) -> Alternative | None:
    return meet(ground.way, ground.mover, ground.in_time.min(axis=0), ground.ride, ground.left)


def _relay(ground: _Ground) -> Alternative | None:
    """The soonest vehicle at the caller, which a booking calls away, and the soonest other one to each point."""
    first = int(ground.reach[:, 0].argmin())
    vehicle = ground.vehicles[first]
    if vehicle.booked_from is None or len(ground.vehicles) < 2 or ground.row.kind is not HelpKind.PAPERS:
        return None
    ends = _first_leg(ground, first)
    others = np.delete(ground.in_time, first, axis=0).min(axis=0)
    assert ground.row.cutoff_at is not None
    booked_in = ground.left - (ground.row.cutoff_at - vehicle.booked_from + SPARE).total_seconds()
    return relay(ground.way, ends, booked_in, others, ground.ride, ground.left)


def _first_leg(ground: _Ground, first: int) -> Seconds:
    """Seconds until the vehicle `first` has brought the papers to each point: at the caller's speed of driving."""
    ends: Seconds = ground.reach[first, 0] + ground.ride[0] - ground.ride
    return ends


def _way(found: Alternative, ground: _Ground) -> Way:
    if found.lat is None or found.lon is None or found.advice not in (Advice.MEET_HALF_WAY, Advice.RELAY):
        return Way(found, "")
    point = (found.lat, found.lon)
    k = int(np.abs(ground.way - np.array(point)).sum(axis=1).argmin())
    place = _name_near(point)
    spot = Spot(place, point)
    last = int(ground.in_time[:, k].argmin())
    ride = int(ground.ride[k])
    if found.advice is Advice.MEET_HALF_WAY:
        order = OfferOrder(
            ground.row.id, ground.vehicles[last].code, found.arrives_seconds - ride, ride, ground.source, pickup=spot
        )
        return Way(found, place, (order,))
    first = int(ground.reach[:, 0].argmin())
    rest = [j for j in range(len(ground.vehicles)) if j != first]
    second = min(rest, key=lambda j: float(ground.in_time[j, k]))
    reach = int(ground.reach[first, 0])
    brought = int(_first_leg(ground, first)[k])
    legs = (
        OfferOrder(ground.row.id, ground.vehicles[first].code, reach, brought - reach, ground.source, dropoff=spot),
        OfferOrder(
            ground.row.id, ground.vehicles[second].code, int(ground.reach[second, k]), ride, ground.source, leg=2,
            pickup=spot,
        ),
    )  # fmt: skip
    return Way(found, place, legs)


def _get_out(found: Alternative) -> Way:
    return Way(found, "" if found.lat is None or found.lon is None else _name_near((found.lat, found.lon)))


def _name_near(point: tuple[float, float]) -> str:
    """The metro exit or station that people know nearest to a point."""
    landmarks = get_atlas(get_calendar().zone).landmarks.values()
    near = min(landmarks, key=lambda mark: geodesic_metres(mark.lat, mark.lon, *point), default=None)
    return near.name if near else f"{point[0]:.5f}, {point[1]:.5f}"
