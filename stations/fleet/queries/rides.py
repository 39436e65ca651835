"""Rides with their vehicle, as the board, the driver and the asker see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from stations.fleet.models import Booking, HelpRequest, Ride, Vehicle
from stations.fleet.rules.rides import LIVE, RideState
from stations.kernel.db import db
from stations.kernel.errors import NotFound
from stations.kernel.text import _

AnySelect = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class RideRow:
    """One ride. `path` is its request's, `vehicle_path` its vehicle's."""

    id: int
    help_request_id: int
    leg: int
    vehicle_id: int
    vehicle: str
    plate: str
    seats: int
    vehicle_path: str
    crew_phone: str
    crew_seen_at: datetime | None
    booking_id: int
    state: RideState
    offered_by: str
    offered_at: datetime
    accepted_at: datetime | None
    en_route_at: datetime | None
    picked_up_at: datetime | None
    dropped_off_at: datetime | None
    ended_at: datetime | None
    end_reason: str
    pickup_place: str
    pickup_lat: float | None
    pickup_lon: float | None
    dropoff_place: str
    dropoff_lat: float | None
    dropoff_lon: float | None
    reach_seconds: int
    ride_seconds: int
    travel_source: str
    handover_code: str

    @property
    def is_live(self) -> bool:
        """Whether the vehicle is bound by it."""
        return self.state in LIVE

    @property
    def changed_at(self) -> datetime:
        """When its last step was made."""
        steps = (self.accepted_at, self.en_route_at, self.picked_up_at, self.dropped_off_at, self.ended_at)
        return max((at for at in steps if at), default=self.offered_at)


RIDE_COLUMNS = (
    Ride.id, Ride.help_request_id, Ride.leg, Ride.vehicle_id, Vehicle.code, Vehicle.plate, Vehicle.seats,
    Vehicle.path, Vehicle.crew_phone, Vehicle.crew_seen_at, Ride.booking_id, Ride.state, Ride.offered_by,
    Ride.offered_at, Ride.accepted_at, Ride.en_route_at, Ride.picked_up_at, Ride.dropped_off_at, Ride.ended_at,
    Ride.end_reason, Ride.pickup_place, Ride.pickup_lat, Ride.pickup_lon, Ride.dropoff_place, Ride.dropoff_lat,
    Ride.dropoff_lon, Ride.reach_seconds, Ride.ride_seconds, Ride.travel_source, Ride.handover_code,
)  # fmt: skip
_STATE = RIDE_COLUMNS.index(Ride.state)


def ride_row(values: Sequence[Any]) -> RideRow:
    """A row of RIDE_COLUMNS."""
    fields: tuple[Any, ...] = (*values[:_STATE], RideState(values[_STATE]), *values[_STATE + 1 :])
    return RideRow(*fields)


def get_ride(ride_id: int) -> RideRow:
    """One ride."""
    found = _read(_select().where(Ride.id == ride_id))
    if not found:
        raise NotFound("ride.unknown", _("There is no such ride."))
    return found[0]


def find_live_ride(vehicle_id: int) -> RideRow | None:
    """What binds a vehicle now."""
    found = _read(_select().where(Ride.vehicle_id == vehicle_id, Ride.state.in_(LIVE)))
    return found[0] if found else None


def list_rides_of(help_request_id: int) -> list[RideRow]:
    """Every ride of a request, the oldest first."""
    return _read(_select().where(Ride.help_request_id == help_request_id).order_by(Ride.id))


def list_unanswered(before: datetime) -> list[int]:
    """The offers made before `before` that nobody has answered."""
    return list(
        db.session.execute(
            select(Ride.id).where(Ride.state == RideState.OFFERED, Ride.offered_at < before).order_by(Ride.id)
        ).scalars()
    )


def list_over(before: datetime) -> list[int]:
    """The rides that dropped somebody off before `before` and are not closed."""
    chosen = select(Ride.id).where(Ride.state == RideState.DROPPED_OFF, Ride.dropped_off_at < before)
    return list(db.session.execute(chosen.order_by(Ride.id)).scalars())


def find_overlap(vehicle_id: int, starts_at: datetime, ends_at: datetime, but: int | None) -> datetime | None:
    """When the first booked ride of a vehicle begins that overlaps a span, the one of request `but` apart."""
    chosen = select(Booking.starts_at).where(
        Booking.vehicle_id == vehicle_id, Booking.lane == 0, Booking.cancelled_at.is_(None),
        Booking.starts_at < ends_at, Booking.ends_at > starts_at,
    )  # fmt: skip
    if but is not None:
        chosen = chosen.where(Booking.help_request_id.is_(None) | (Booking.help_request_id != but))
    return db.session.execute(chosen.order_by(Booking.starts_at).limit(1)).scalar()


def find_booking(vehicle_id: int, help_request_id: int, now: datetime) -> int | None:
    """The booking that a vehicle has for a request, and that is not over."""
    chosen = select(Booking.id).where(
        Booking.vehicle_id == vehicle_id, Booking.help_request_id == help_request_id, Booking.cancelled_at.is_(None),
        Booking.ends_at > now,
    )  # fmt: skip
    return db.session.execute(chosen.order_by(Booking.id).limit(1)).scalar()


def _select() -> AnySelect:
    return (
        select(*RIDE_COLUMNS)
        .join(Vehicle, Vehicle.id == Ride.vehicle_id)
        .join(HelpRequest, HelpRequest.id == Ride.help_request_id)
    )


def _read(chosen: AnySelect) -> list[RideRow]:
    return [ride_row(row) for row in db.session.execute(chosen)]
