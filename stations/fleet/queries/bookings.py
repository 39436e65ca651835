"""Bookings of vehicles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select, text

from stations.fleet.models import LIVE, Booking, Ride, Vehicle
from stations.fleet.rules.bookings import BookingKind
from stations.kernel.db import db
from stations.kernel.errors import NotFound
from stations.kernel.text import Text, _

NO_BOOKING: Text = _("There is no such booking.")


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A span of a vehicle's time. `path` is the vehicle's; `has_ride` says that a live ride is bound to it."""

    id: int
    vehicle: str
    plate: str
    path: str
    kind: BookingKind
    lane: int
    starts_at: datetime
    ends_at: datetime
    place: str
    help_request_id: int | None
    has_ride: bool


def list_bookings(paths: Sequence[str], since: datetime, until: datetime) -> list[BookingRow]:
    """The bookings that stand, of the vehicles below `paths`, that touch the span; by vehicle, lane and start."""
    below = or_(false(), *(func.substr(Vehicle.path, 1, len(path)) == path for path in paths))
    return _load(_select().where(below, *_stand_in(since, until)))


def get_booking(booking_id: int) -> BookingRow:
    """The booking of that id, a cancelled one too."""
    rows = _load(_select().where(Booking.id == booking_id))
    if not rows:
        raise NotFound("booking.unknown", NO_BOOKING)
    return rows[0]


def find_clash(vehicle_id: int, lane: int, since: datetime, until: datetime) -> BookingRow | None:
    """The first booking of the vehicle on that lane that the span would cut."""
    mine = (Booking.vehicle_id == vehicle_id, Booking.lane == lane)
    return next(iter(_load(_select().where(*mine, *_stand_in(since, until)))), None)


def has_bookings_ahead(vehicle_id: int, now: datetime) -> bool:
    """Whether the vehicle is bound now or later."""
    ahead = select(Booking.id).where(
        Booking.vehicle_id == vehicle_id, Booking.ends_at > now, Booking.cancelled_at.is_(None)
    )
    return db.session.execute(ahead.limit(1)).first() is not None


def _stand_in(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return Booking.cancelled_at.is_(None), Booking.starts_at < until, Booking.ends_at > since


def _select() -> Select[*tuple[Any, ...]]:
    has_ride = select(Ride.id).where(Ride.booking_id == Booking.id, text(f"ride.{LIVE}")).exists()
    return (
        select(
            Booking.id, Vehicle.code, Vehicle.plate, Vehicle.path, Booking.kind, Booking.lane, Booking.starts_at,
            Booking.ends_at, Booking.place, Booking.help_request_id, has_ride,
        )
        .join(Vehicle, Vehicle.id == Booking.vehicle_id)
        .order_by(Vehicle.code, Booking.lane, Booking.starts_at)
    )  # fmt: skip


def _load(chosen: Select[*tuple[Any, ...]]) -> list[BookingRow]:
    found = [(*row[:4], BookingKind(row[4]), *row[5:-1], bool(row[-1])) for row in db.session.execute(chosen)]
    return [BookingRow(*row) for row in found]
