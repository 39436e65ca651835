"""Keeping a vehicle's time, and giving it back."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from stations.accounts.rules import Actor
from stations.fleet.actions.telling import tell
from stations.fleet.models import Booking
from stations.fleet.queries.bookings import find_clash, get_booking
from stations.fleet.queries.vehicles import VehicleRow, lock_vehicle
from stations.fleet.rules.bookings import BOOKING_KINDS, BookingOrder, check_span, lane_of
from stations.kernel import audit, clock
from stations.kernel.db import attempt, changed_one, db
from stations.kernel.errors import Refused
from stations.kernel.text import _
from stations.seasons.queries import get_calendar

APART = "booking_apart"  # the constraint, or the trigger on SQLite


def book(order: BookingOrder, actor: Actor) -> dict[str, Any]:
    """Keep a vehicle's time; the booking's id. Refused, saying the other's hours, where it cuts another booking."""
    vehicle = lock_vehicle(order.vehicle)
    actor.require("fleet.dispatch", vehicle.path)
    check_span(order.starts_at, order.ends_at, clock.now())
    span = insert(Booking).values(
        vehicle_id=vehicle.id, kind=order.kind.value, lane=lane_of(order.kind), starts_at=order.starts_at,
        ends_at=order.ends_at, help_request_id=order.help_request_id, place=order.place,
    )  # fmt: skip
    try:
        with attempt():
            booking_id = db.session.execute(span.returning(Booking.id)).scalar_one()
    except IntegrityError as error:
        if APART not in str(error.orig):
            raise
        raise _is_booked(vehicle, order) from None
    audit.record(
        "booking.add", f"vehicle:{vehicle.code}", actor=actor.username, scope=vehicle.path,
        after={"id": booking_id, "kind": order.kind.value, "from": order.starts_at.isoformat(),
               "until": order.ends_at.isoformat()},  # the place is erased one day, this is not
    )  # fmt: skip
    tell(vehicle.path)
    return {"id": booking_id}


def cancel_booking(booking_id: int, actor: Actor) -> dict[str, Any]:
    """Give the time back. Refused while a live ride is bound to it."""
    row = get_booking(booking_id)
    lock_vehicle(row.vehicle)
    actor.require("fleet.dispatch", row.path)
    if get_booking(booking_id).has_ride:
        raise Refused("booking.riding", _("%(vehicle)s is on a ride. End the ride first.", vehicle=row.vehicle))
    stands = update(Booking).where(Booking.id == booking_id, Booking.cancelled_at.is_(None))
    if not changed_one(stands.values(cancelled_at=clock.now())):
        raise Refused("booking.gone", _("This booking was cancelled already."))
    audit.record(
        "booking.cancel", f"vehicle:{row.vehicle}", actor=actor.username, scope=row.path, before={"id": booking_id}
    )
    tell(row.path)
    return {"id": booking_id}


def _is_booked(vehicle: VehicleRow, order: BookingOrder) -> Refused:
    other = find_clash(vehicle.id, lane_of(order.kind), order.starts_at, order.ends_at)
    assert other is not None  # its vehicle is locked: nobody has cancelled it meanwhile
    message = _(
        "%(vehicle)s is booked from %(since)s to %(until)s: %(kind)s. Choose another time or vehicle.",
        vehicle=vehicle.code, since=_shown(other.starts_at), until=_shown(other.ends_at),
        kind=BOOKING_KINDS[other.kind.value],
    )  # fmt: skip
    return Refused("vehicle.booked", message, field="starts")


def _shown(at: datetime) -> str:
    return at.astimezone(get_calendar().zone).strftime("%m-%d %H:%M")
