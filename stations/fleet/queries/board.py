"""What the dispatch board shows of every vehicle, in one SELECT."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from stations.fleet.models import Booking, HelpRequest, Ride, Vehicle, VehiclePosition
from stations.fleet.rules.rides import LIVE
from stations.kernel.db import db
from stations.places.models import ExamSite, Gate, Station


@dataclass(frozen=True, slots=True)
class BoardVehicle:
    """One vehicle as the board sees it. `base_*` is where it stands by while no device says where it is: the gate
    that it was sent to, else its base. `seen_at` is None while nothing was ever heard of its position."""

    id: int
    code: str
    plate: str
    kind: str
    seats: int
    has_wheelchair: bool
    path: str
    crew_phone: str
    state: str
    state_reason: str
    crew_seen_at: datetime | None
    duty_from_minute: int
    duty_until_minute: int
    licence_until: date | None
    registration_until: date | None
    insurance_until: date | None
    driver_checked_on: date | None
    base_name: str
    base_lat: float
    base_lon: float
    sent_gate_id: int | None
    lat: float | None
    lon: float | None
    seen_at: datetime | None
    heard_at: datetime | None
    accuracy_metres: float | None
    speed_mps: float | None
    heading: float | None
    battery_percent: float | None
    interval_seconds: int | None
    alarm_at: datetime | None
    at_gate_id: int | None
    at_gate_since: datetime | None
    ride_id: int | None
    ride_state: str | None
    ride_request_id: int | None
    ride_request_kind: str | None
    ride_offered_at: datetime | None
    ride_accepted_at: datetime | None
    ride_en_route_at: datetime | None
    ride_reach_seconds: int | None
    ride_ride_seconds: int | None
    ride_picked_up_at: datetime | None
    dropoff_lat: float | None
    dropoff_lon: float | None
    booked_from: datetime | None

    @property
    def last_sign_at(self) -> datetime | None:
        """When its crew on a ride was last known to be well: a step, a word with them, its device; None without one."""
        signs = (
            self.ride_offered_at, self.ride_accepted_at, self.ride_en_route_at, self.ride_picked_up_at,
            self.crew_seen_at, self.heard_at,
        )  # fmt: skip
        return max((at for at in signs if at is not None), default=None) if self.ride_id is not None else None

    @property
    def point(self) -> tuple[float, float]:
        """Where it is as far as anybody knows."""
        if self.lat is None or self.lon is None:
            return self.base_lat, self.base_lon
        return self.lat, self.lon


def list_board_vehicles(paths: Sequence[str], now: datetime) -> list[BoardVehicle]:
    """The vehicles below any of `paths`, by code."""
    if not paths:
        return []
    sent, site, where, ride = aliased(Gate), aliased(ExamSite), VehiclePosition, Ride
    booked = (
        select(func.min(Booking.starts_at))
        .where(
            Booking.vehicle_id == Vehicle.id, Booking.lane == 0, Booking.cancelled_at.is_(None),
            Booking.ends_at > now, Booking.kind == "booked",
        )
        .correlate(Vehicle)
        .scalar_subquery()
    )  # fmt: skip
    columns: tuple[Any, ...] = (
        Vehicle.id, Vehicle.code, Vehicle.plate, Vehicle.kind, Vehicle.seats, Vehicle.has_wheelchair, Vehicle.path,
        Vehicle.crew_phone, Vehicle.state, Vehicle.state_reason, Vehicle.crew_seen_at, Vehicle.duty_from_minute,
        Vehicle.duty_until_minute, Vehicle.licence_until, Vehicle.registration_until, Vehicle.insurance_until,
        Vehicle.driver_checked_on, func.coalesce(site.name + " " + sent.name, Station.name),
        func.coalesce(sent.lat, Station.lat), func.coalesce(sent.lon, Station.lon), Vehicle.gate_id, where.lat,
        where.lon, where.seen_at, where.heard_at, where.accuracy_metres, where.speed_mps, where.heading,
        where.battery_percent, where.interval_seconds, where.alarm_at, where.gate_id, where.gate_since, ride.id,
        ride.state, ride.help_request_id, HelpRequest.kind, ride.offered_at, ride.accepted_at, ride.en_route_at,
        ride.reach_seconds, ride.ride_seconds, ride.picked_up_at, ride.dropoff_lat, ride.dropoff_lon, booked,
    )  # fmt: skip
    below = or_(*(Vehicle.path.startswith(path, autoescape=True) for path in paths))
    chosen = (
        select(*columns)
        .join(Station, Station.id == Vehicle.station_id)
        .outerjoin(sent, sent.id == Vehicle.gate_id)
        .outerjoin(site, site.id == sent.exam_site_id)
        .outerjoin(where, where.vehicle_id == Vehicle.id)
        .outerjoin(ride, and_(ride.vehicle_id == Vehicle.id, ride.state.in_(LIVE)))
        .outerjoin(HelpRequest, HelpRequest.id == ride.help_request_id)
        .where(Vehicle.archived_at.is_(None), below)
        .order_by(Vehicle.code)
    )
    return [BoardVehicle(*row) for row in db.session.execute(chosen)]
