"""Rides: offered to a vehicle, taken step by step, given up. The vehicle's row is locked while it is decided who gets
it, and the database holds one live ride a vehicle whoever comes past that."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from stations.accounts.queries import list_display_names
from stations.accounts.rules import PROGRAM, Actor
from stations.fleet.actions.requests import get_mine, release_time, set_state
from stations.fleet.actions.telling import tell
from stations.fleet.models import Booking, Ride, Vehicle
from stations.fleet.queries.requests import HelpRow, get_request, lock_request
from stations.fleet.queries.rides import (
    RideRow,
    find_booking,
    find_live_ride,
    find_overlap,
    get_ride,
)
from stations.fleet.queries.vehicles import VehicleRow, lock_vehicle
from stations.fleet.rules.requests import Outcome, RequestState, outcome_of, without_numbers
from stations.fleet.rules.rides import NO_ANSWER, SPARE, STEP_TIMES, RideState, check_step, is_unanswered
from stations.fleet.rules.vehicles import VehicleState, check_standby, today_in
from stations.kernel import audit, clock
from stations.kernel.db import attempt, changed_one, db
from stations.kernel.errors import Forbidden, NotFound, Refused
from stations.kernel.text import Text, _
from stations.seasons.queries import get_calendar

CHANGED: Text = _("This ride has changed meanwhile. Please look again.")
CLOSES_AFTER = timedelta(minutes=10)
EARLY = timedelta(minutes=45)  # before a booked ride begins it is not on its way yet


@dataclass(frozen=True)
class Spot:
    """An end of a ride."""

    place: str
    point: tuple[float, float] | None


@dataclass(frozen=True)
class OfferOrder:
    """Which vehicle is to serve which leg of a request; what it was promised to take, in seconds, and by which
    reckoning. `pickup` and `dropoff` differ from the request's only in a relay or where they meet half-way."""

    help_request_id: int
    vehicle: str
    reach_seconds: int
    ride_seconds: int
    travel_source: str
    leg: int = 1
    pickup: Spot | None = None
    dropoff: Spot | None = None


@dataclass(frozen=True)
class Crew:
    """Who acts from a vehicle, by its signed link."""

    vehicle_id: int
    vehicle: str

    @property
    def username(self) -> str:
        """How the audit trail names them: the vehicle, never a driver."""
        return f"vehicle:{self.vehicle}"


def offer(order: OfferOrder, actor: Actor) -> dict[str, Any]:
    """Offer a leg of a request to a vehicle. Refused, saying who was first, where another dispatcher was."""
    lock_request(order.help_request_id)
    row = get_mine(order.help_request_id, actor)
    if not row.is_open or row.has_arrived:
        raise Refused("help.over", _("This request is over."))
    vehicle = lock_vehicle(order.vehicle)
    actor.require("fleet.dispatch", vehicle.path)
    now = clock.now()
    for ride in row.rides:
        if ride.leg == order.leg:
            _give_up_silent(ride, now)
    _check_free(vehicle)
    check_standby(vehicle.file, today_in(get_calendar().zone, now))
    check_fits(vehicle, row, now)
    booking_id = _book(vehicle, row, order, now)
    release_time(row.id, but=vehicle.id)
    ride_id = _insert(vehicle, row, order, booking_id, actor.username)
    set_state(row, RequestState.RIDING)
    audit.record(
        "ride.offer", f"help:{row.id}", actor=actor.username, scope=row.path,
        after={"ride": ride_id, "vehicle": vehicle.code, "leg": order.leg},
    )  # fmt: skip
    tell(row.path)
    return {"ride": ride_id, "vehicle": vehicle.code}


def take_step(
    ride_id: int, wanted: RideState, who: Actor | Crew, *, reason: str = "", code: str = ""
) -> dict[str, Any]:
    """Move a ride on, by its crew or by a dispatcher who was told on the phone."""
    reason = without_numbers(reason)
    ride = get_ride(ride_id)
    lock_request(ride.help_request_id)
    ride = get_ride(ride_id)
    row = get_request(ride.help_request_id)
    _check_may(ride, row, who)
    check_step(ride.state, wanted, reason)
    if wanted is RideState.DROPPED_OFF and not row.is_at_gate(ride):
        raise Refused("ride.meeting", _("This ride ends where another crew takes over: give them the hand-over code."))
    now = clock.now()
    if wanted is RideState.PICKED_UP and ride.leg == 2:
        _take_over(row, ride, code, who)
    state = wanted
    if wanted is RideState.ACCEPTED and _begins_now(row, now):
        state = RideState.EN_ROUTE
    _move(ride, state, reason, now)
    _follow(get_request(row.id), ride, state, now)
    if isinstance(who, Crew):
        db.session.execute(update(Vehicle).where(Vehicle.id == ride.vehicle_id).values(crew_seen_at=now))
    audit.record(
        f"ride.{wanted.value}", f"help:{row.id}", actor=who.username, scope=row.path,
        before={"state": ride.state.value}, after={"ride": ride.id, "state": state.value}, reason=reason.strip(),
    )  # fmt: skip
    tell(row.path)
    return {"ride": ride.id, "state": state.value}


def close_request(request_id: int, outcome: Outcome | None, actor: Actor, reason: str = "") -> dict[str, Any]:
    """End a request: its live rides are called off, those at the gate closed."""
    lock_request(request_id)
    row = get_mine(request_id, actor)
    if not row.is_open:
        raise Refused("help.over", _("This request is over."))
    for ride in row.rides:
        if ride.state is RideState.PICKED_UP:
            raise Refused("help.riding", _("Somebody is in %(vehicle)s. Drop them off first.", vehicle=ride.vehicle))
        take_step(ride.id, RideState.CANCELLED, actor, reason=reason)
    row = get_request(request_id)
    return _close(row, outcome or Outcome.NOT_NEEDED, actor.username, reason)


def _check_may(ride: RideRow, row: HelpRow, who: Actor | Crew) -> None:
    if isinstance(who, Actor):
        if not who.may("fleet.dispatch", row.path):
            raise NotFound("ride.unknown", _("There is no such ride."))
    elif who.vehicle_id != ride.vehicle_id:
        raise Forbidden("ride.other", _("This ride belongs to another vehicle."))


def _give_up_silent(ride: RideRow, now: datetime) -> None:
    """An offer that nobody answered makes way; any other ride stands."""
    if not is_unanswered(ride.state, ride.offered_at, now):
        message = _("%(who)s has already sent %(vehicle)s.", who=_name_of(ride.offered_by), vehicle=ride.vehicle)
        raise Refused("help.taken", message)
    _move(ride, RideState.REFUSED, NO_ANSWER, now)
    _free(ride, now)


def _check_free(vehicle: VehicleRow) -> None:
    if vehicle.state is not VehicleState.STANDBY:
        raise Refused("vehicle.off", _("%(vehicle)s is off duty.", vehicle=vehicle.code))
    bound = find_live_ride(vehicle.id)
    if bound is not None:
        who = _name_of(bound.offered_by)
        message = _("%(who)s has just sent %(vehicle)s on another ride.", who=who, vehicle=vehicle.code)
        raise Refused("vehicle.taken", message)


def _name_of(username: str) -> str:
    return list_display_names((username,)).get(username, username)


def check_fits(vehicle: VehicleRow, row: HelpRow, at: datetime) -> None:
    """The vehicle drives at that time and takes whoever asked."""
    if not vehicle.is_on_duty(at, get_calendar().zone):
        raise Refused("vehicle.hours", _("%(vehicle)s is outside its duty hours.", vehicle=vehicle.code))
    if vehicle.seats < row.seats:
        message = _("%(vehicle)s has only %(seats)s seats.", vehicle=vehicle.code, seats=vehicle.seats)
        raise Refused("vehicle.seats", message)
    if row.needs_wheelchair and not vehicle.has_wheelchair:
        raise Refused("vehicle.wheelchair", _("%(vehicle)s takes no wheelchair.", vehicle=vehicle.code))


def _book(vehicle: VehicleRow, row: HelpRow, order: OfferOrder, now: datetime) -> int:
    """Keep the vehicle's time: its own booking for this request, or a span from now on that no other one cuts."""
    known = find_booking(vehicle.id, row.id, now)
    if known is not None:
        return known
    ends_at = now + timedelta(seconds=order.reach_seconds + order.ride_seconds) + SPARE
    taken = find_overlap(vehicle.id, now, ends_at, row.id)
    if taken is not None:
        raise _is_booked(vehicle, taken)
    span = insert(Booking).values(
        vehicle_id=vehicle.id, kind="hotline", lane=0, starts_at=now, ends_at=ends_at, help_request_id=row.id, place=""
    )
    try:
        with attempt():
            return db.session.execute(span.returning(Booking.id)).scalar_one()
    except IntegrityError:
        raise _is_booked(vehicle, now) from None


def _is_booked(vehicle: VehicleRow, at: datetime) -> Refused:
    shown = at.astimezone(get_calendar().zone).strftime("%H:%M")
    message = _("%(vehicle)s is booked from %(time)s and would not be back in time.", vehicle=vehicle.code, time=shown)
    return Refused("vehicle.booked", message)


def _insert(vehicle: VehicleRow, row: HelpRow, order: OfferOrder, booking_id: int, by: str) -> int:
    start = order.pickup or Spot(row.place or row.station_name, row.point)
    end = order.dropoff or Spot(f"{row.site_name} {row.gate}".strip(), (row.to_lat, row.to_lon))
    fields = {
        "help_request_id": row.id, "leg": order.leg, "vehicle_id": vehicle.id, "booking_id": booking_id,
        "state": RideState.OFFERED.value, "offered_by": by, "offered_at": clock.now(), "end_reason": "",
        "pickup_place": start.place, "pickup_lat": start.point[0] if start.point else None,
        "pickup_lon": start.point[1] if start.point else None, "dropoff_place": end.place,
        "dropoff_lat": end.point[0] if end.point else None, "dropoff_lon": end.point[1] if end.point else None,
        "reach_seconds": order.reach_seconds, "ride_seconds": order.ride_seconds,
        "travel_source": order.travel_source, "handover_code": f"{secrets.randbelow(10_000):04d}",
    }  # fmt: skip
    try:
        with attempt():
            return db.session.execute(insert(Ride).values(fields).returning(Ride.id)).scalar_one()
    except IntegrityError:
        raise Refused("ride.taken", _("Somebody else was faster. Please look again.")) from None


def _begins_now(row: HelpRow, now: datetime) -> bool:
    return row.wanted_at is None or row.wanted_at - now <= EARLY


def _move(ride: RideRow, state: RideState, reason: str, now: datetime) -> None:
    fields: dict[str, Any] = {"state": state.value, STEP_TIMES[state]: now}
    if state is RideState.EN_ROUTE and ride.accepted_at is None:
        fields["accepted_at"] = now
    if reason.strip():
        fields["end_reason"] = reason.strip()[:200]
    same = update(Ride).where(Ride.id == ride.id, Ride.state == ride.state.value)
    if not changed_one(same.values(**fields)):
        raise Refused("ride.changed", CHANGED)


def _follow(row: HelpRow, ride: RideRow, state: RideState, now: datetime) -> None:
    """What a step means for the vehicle's time and for the request."""
    if state in (RideState.REFUSED, RideState.CANCELLED, RideState.HANDED_OVER):
        _free(ride, now)
        for other in row.rides:  # nobody will bring the second leg anything any more
            if ride.leg == 1 and other.leg == 2 and other.state is not RideState.PICKED_UP:
                _move(other, RideState.CANCELLED, "", now)
                _free(other, now)
        row = get_request(row.id)
        if not row.rides and row.is_open and not row.has_arrived:
            set_state(row, RequestState.WAITING)
    elif state is RideState.DROPPED_OFF:
        _free(ride, now)
    elif state is RideState.CLOSED and row.is_open and not row.rides:
        _close(row, outcome_of(row.cutoff_at, ride.dropped_off_at), PROGRAM.username)


def _close(row: HelpRow, outcome: Outcome, by: str, reason: str = "") -> dict[str, Any]:
    set_state(row, RequestState.CLOSED, closed_at=clock.now(), outcome=outcome.value)
    release_time(row.id)
    audit.record(
        "help.close", f"help:{row.id}", actor=by, scope=row.path, after={"outcome": outcome.value},
        reason=without_numbers(reason),
    )  # fmt: skip
    tell(row.path)
    return {"id": row.id, "outcome": outcome.value}


def _free(ride: RideRow, now: datetime) -> None:
    """Give back the rest of the vehicle's time."""
    begun = update(Booking).where(Booking.id == ride.booking_id, Booking.starts_at < now, Booking.ends_at > now)
    db.session.execute(begun.values(ends_at=now))
    ahead = update(Booking).where(Booking.id == ride.booking_id, Booking.starts_at >= now)
    db.session.execute(ahead.values(cancelled_at=now))


def _take_over(row: HelpRow, ride: RideRow, code: str, who: Actor | Crew) -> None:
    """The second leg begins when its crew says the code that the first one's was given."""
    first = next((other for other in row.rides if other.leg == 1), None)
    if first is None:
        raise Refused("ride.first", _("There is no first crew that could hand anything over."))
    if isinstance(who, Crew) and not secrets.compare_digest(code.strip().encode(), first.handover_code.encode()):
        message = _("That is not the hand-over code. Ask the crew of %(vehicle)s for it.", vehicle=first.vehicle)
        raise Refused("ride.code", message, field="code", status=400)
    now = clock.now()
    _move(first, RideState.HANDED_OVER, f"{ride.vehicle}", now)
    _free(first, now)
