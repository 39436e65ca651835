"""Requests and rides of a day, without phones: no column of one is read."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, false, func, or_, select

from stations.fleet.models import HelpRequest, Ride, Vehicle
from stations.fleet.rules.days import DayRequest, DayRide
from stations.fleet.rules.requests import HelpKind, RequestState
from stations.fleet.rules.rides import RideState
from stations.kernel.db import db
from stations.places.models import ExamSite, Gate, Station

MOST_REQUESTS = 2_000

_REQUEST: tuple[Any, ...] = (
    HelpRequest.id, HelpRequest.kind, HelpRequest.state, HelpRequest.asked_at, HelpRequest.wanted_at,
    HelpRequest.entry_cutoff_at, ExamSite.code, ExamSite.name, func.coalesce(Gate.name, ""),
    func.coalesce(Gate.lat, ExamSite.lat), func.coalesce(Gate.lon, ExamSite.lon),
    func.coalesce(func.nullif(HelpRequest.place, ""), Station.name, ""), HelpRequest.lat, HelpRequest.lon,
    HelpRequest.closed_at, HelpRequest.outcome, HelpRequest.erased_at.is_not(None),
)  # fmt: skip
_RIDE: tuple[Any, ...] = (
    Ride.id, Ride.help_request_id, Ride.leg, Vehicle.code, Vehicle.plate, Ride.state, Ride.offered_by, Ride.offered_at,
    Ride.accepted_at, Ride.en_route_at, Ride.picked_up_at, Ride.dropped_off_at, Ride.ended_at, Ride.end_reason,
    Ride.reach_seconds, Ride.ride_seconds, Ride.travel_source,
)  # fmt: skip
_RIDE_STATE = _RIDE.index(Ride.state)


def list_day_requests(paths: Sequence[str], since: datetime, until: datetime) -> list[DayRequest]:
    """Those below any of `paths` that were asked in the span or had a vehicle offered in it, the oldest first."""
    chosen = (
        select(*_REQUEST)
        .join(ExamSite, ExamSite.id == HelpRequest.exam_site_id)
        .outerjoin(Gate, Gate.id == HelpRequest.gate_id)
        .outerjoin(Station, Station.id == HelpRequest.station_id)
        .where(_of_the_day(paths, since, until))
        .order_by(HelpRequest.asked_at, HelpRequest.id)
        .limit(MOST_REQUESTS)
    )
    return [_request(tuple(row)) for row in db.session.execute(chosen)]


def list_day_rides(paths: Sequence[str], since: datetime, until: datetime) -> list[DayRide]:
    """All rides of those requests, the oldest first."""
    chosen = (
        select(*_RIDE)
        .join(Vehicle, Vehicle.id == Ride.vehicle_id)
        .join(HelpRequest, HelpRequest.id == Ride.help_request_id)
        .where(_of_the_day(paths, since, until))
        .order_by(Ride.offered_at, Ride.id)
    )
    return [_ride(tuple(row)) for row in db.session.execute(chosen)]


def _of_the_day(paths: Sequence[str], since: datetime, until: datetime) -> ColumnElement[bool]:
    below = or_(false(), *(HelpRequest.path.startswith(path, autoescape=True) for path in paths))
    offered = select(Ride.help_request_id).where(Ride.offered_at >= since, Ride.offered_at < until)
    asked = (HelpRequest.asked_at >= since) & (HelpRequest.asked_at < until)
    return below & (asked | HelpRequest.id.in_(offered))


def _request(values: tuple[Any, ...]) -> DayRequest:
    number, kind, state, *_rest = values
    fields: tuple[Any, ...] = (number, HelpKind(kind), RequestState(state), *values[3:-1], bool(values[-1]))
    return DayRequest(*fields)


def _ride(values: tuple[Any, ...]) -> DayRide:
    fields: tuple[Any, ...] = (*values[:_RIDE_STATE], RideState(values[_RIDE_STATE]), *values[_RIDE_STATE + 1 :])
    return DayRide(*fields)
