"""A ride's steps, who may take them, and what each means for the vehicle and the request."""

from datetime import timedelta

import pytest
from conftest import on_both
from factories.fleet import DISPATCHER, OTHER, a_request, a_vehicle, an_offer
from factories.stock import refuses
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from stations.accounts.rules import Actor, Scope
from stations.fleet.actions.erasing import erase_before
from stations.fleet.actions.rides import Crew, OfferOrder, Spot, close_request, offer, take_step
from stations.fleet.models import Booking, Ride, Vehicle
from stations.fleet.queries.requests import get_request
from stations.fleet.queries.rides import get_ride, list_rides_of
from stations.fleet.rules.requests import Outcome, RequestState
from stations.fleet.rules.rides import RideState
from stations.kernel import clock
from stations.kernel.audit import AuditEvent
from stations.kernel.db import db, transaction
from stations.kernel.errors import Forbidden, NotFound
from stations.workflows.dispatching import look, promise, send
from stations.workflows.fleet_watch import look_after_rides

pytestmark = pytest.mark.usefixtures("app")


def step(ride: int, wanted: RideState, who: Actor | Crew = DISPATCHER, **said: str) -> None:
    with transaction():
        take_step(ride, wanted, who, **said)


def pass_time(**span: int) -> None:
    clock.show(clock.now() + timedelta(**span), clock.real_now())


@on_both
def test_ride_goes_step_by_step_with_a_time_for_each(app: Flask) -> None:
    crew = Crew(a_vehicle(), "T1")
    number = a_request()
    ride = an_offer(number)
    assert get_request(number).state is RequestState.RIDING
    for wanted in (RideState.ACCEPTED, RideState.PICKED_UP, RideState.DROPPED_OFF):
        step(ride, wanted, crew)
        pass_time(minutes=3)
    row = get_ride(ride)
    assert row.state is RideState.DROPPED_OFF
    assert row.offered_at <= row.accepted_at == row.en_route_at < row.picked_up_at < row.dropped_off_at  # type: ignore[operator]
    assert db.session.get_one(Vehicle, row.vehicle_id).crew_seen_at is not None
    again = an_offer(a_request(), "T1")  # free as soon as it dropped them off
    assert get_ride(again).is_live
    pass_time(minutes=10)
    assert look_after_rides() == 2  # the new offer had no answer
    done = get_request(number)
    assert (done.state, done.outcome) == (RequestState.CLOSED, Outcome.IN_TIME)
    assert get_ride(again).state is RideState.REFUSED


def test_step_that_the_table_does_not_have_is_refused() -> None:
    a_vehicle()
    ride = an_offer(a_request())
    with refuses("that step is no longer possible"):
        step(ride, RideState.DROPPED_OFF)
    with refuses("Please say why."):
        step(ride, RideState.REFUSED)
    step(ride, RideState.REFUSED, reason="flat tyre")
    with refuses("that step is no longer possible"):
        step(ride, RideState.ACCEPTED)


def test_refused_ride_puts_the_request_back_and_frees_the_vehicle() -> None:
    crew = Crew(a_vehicle(), "T1")
    number = a_request()
    step(an_offer(number), RideState.REFUSED, crew, reason="stuck")
    assert get_request(number).state is RequestState.WAITING
    an_offer(number)
    assert [r.state for r in list_rides_of(number)] == [RideState.REFUSED, RideState.OFFERED]


def test_second_dispatcher_is_told_who_was_first() -> None:
    a_vehicle()
    a_vehicle("T2")
    number, other = a_request(), a_request()
    an_offer(number)
    with refuses("演示调度员"):
        an_offer(number, "T2", OTHER)
    with refuses("演示调度员"):
        an_offer(other, "T1", OTHER)
    assert get_request(other).state is RequestState.WAITING


def test_offer_without_an_answer_makes_way_after_a_minute() -> None:
    a_vehicle()
    a_vehicle("T2")
    number = a_request()
    first = an_offer(number)
    pass_time(seconds=61)
    second = an_offer(number, "T2", OTHER)
    assert (get_ride(first).state, get_ride(first).end_reason) == (RideState.REFUSED, "no_answer")
    assert get_ride(second).is_live
    assert get_request(number).state is RequestState.RIDING


def test_crew_takes_steps_of_its_own_ride_only() -> None:
    a_vehicle()
    stranger = Crew(a_vehicle("T2"), "T2")
    ride = an_offer(a_request())
    with pytest.raises(Forbidden):
        step(ride, RideState.ACCEPTED, stranger)
    elsewhere = Actor("x", "X", (Scope("dispatcher", "YS-SH/"),))
    with pytest.raises(NotFound):
        step(ride, RideState.ACCEPTED, elsewhere)


def test_booked_vehicle_is_not_sent_away() -> None:
    vehicle = a_vehicle()
    soon = clock.now() + timedelta(minutes=12)
    with transaction():
        db.session.execute(
            insert(Booking).values(
                vehicle_id=vehicle, kind="booked", lane=0, starts_at=soon, ends_at=soon + timedelta(hours=1), place=""
            )
        )
    number = a_request()
    with refuses("T1 is booked from"):
        an_offer(number)
    assert get_request(number).state is RequestState.WAITING


def test_relay_is_taken_over_with_the_code_of_the_first_crew() -> None:
    first, second = Crew(a_vehicle(), "T1"), Crew(a_vehicle("T2"), "T2")
    number = a_request()
    half_way = Spot("half-way", (39.98, 116.32))
    leg1 = an_offer(number, "T1", leg=1, dropoff=half_way)
    leg2 = an_offer(number, "T2", leg=2, pickup=half_way)
    step(leg1, RideState.ACCEPTED, first)
    step(leg1, RideState.PICKED_UP, first)
    step(leg2, RideState.ACCEPTED, second)
    code = get_ride(leg1).handover_code
    wrong = f"{(int(code) + 1) % 10_000:04d}"
    with refuses("That is not the hand-over code."):
        step(leg2, RideState.PICKED_UP, second, code=wrong)
    step(leg2, RideState.PICKED_UP, second, code=code)
    assert get_ride(leg1).state is RideState.HANDED_OVER
    step(leg2, RideState.DROPPED_OFF, second)
    step(leg2, RideState.CLOSED)
    assert get_request(number).outcome == Outcome.IN_TIME


def test_closing_calls_live_rides_off_but_never_with_somebody_aboard() -> None:
    a_vehicle()
    number = a_request()
    ride = an_offer(number)
    with transaction():
        close_request(number, Outcome.FALSE_ALARM, DISPATCHER, "hoax")
    assert get_ride(ride).state is RideState.CANCELLED
    assert get_request(number).outcome == Outcome.FALSE_ALARM
    other = a_request()
    ride = an_offer(other)
    step(ride, RideState.ACCEPTED)
    step(ride, RideState.PICKED_UP)
    with refuses("Somebody is in T1"), transaction():
        close_request(other, None, DISPATCHER)


@on_both
def test_database_holds_one_live_ride_and_no_overlapping_bookings(app: Flask) -> None:
    """Past every check of ours."""
    vehicle = a_vehicle()
    ride = an_offer(a_request())
    number = a_request()
    columns = {
        c.name: getattr(db.session.get_one(Ride, ride), c.name) for c in Ride.__table__.columns if c.name != "id"
    }
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(insert(Ride).values(columns | {"help_request_id": number}))
    known = db.session.execute(select(Booking)).scalar_one()
    span = {"vehicle_id": vehicle, "kind": "booked", "lane": 0, "place": ""}
    late = known.ends_at - timedelta(seconds=1)
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(insert(Booking).values(**span, starts_at=late, ends_at=late + timedelta(hours=1)))
    with transaction():
        end = known.ends_at
        db.session.execute(insert(Booking).values(**span, starts_at=end, ends_at=end + timedelta(hours=1)))
        roving = span | {"kind": "roving", "lane": 1}
        db.session.execute(insert(Booking).values(**roving, starts_at=known.starts_at, ends_at=end))


def test_what_is_old_is_erased_and_counted() -> None:
    a_vehicle()
    number = a_request(phone="13800001234", place="某小区")
    ride = an_offer(number)
    open_one = a_request(phone="13800005678")
    with transaction():
        close_request(number, None, DISPATCHER)
    with transaction():
        counts = erase_before(clock.now() + timedelta(seconds=1))
    assert (counts["phones"], counts["places"]) == (1, 1)
    row, gone = get_request(number), get_ride(ride)
    assert (row.phone, row.place, row.point, gone.pickup_lat, gone.handover_code) == ("", "", None, None, "")
    assert (row.state, row.outcome) == (RequestState.CLOSED, Outcome.NOT_NEEDED)
    assert get_request(open_one).phone == "13800005678"
    with transaction():
        assert not any(erase_before(clock.now() + timedelta(seconds=1)).values())


def test_whoever_has_arrived_is_sent_no_second_vehicle() -> None:
    a_vehicle()
    a_vehicle("T2")
    number = a_request()
    ride = an_offer(number)
    for wanted in (RideState.ACCEPTED, RideState.PICKED_UP, RideState.DROPPED_OFF):
        step(ride, wanted)
    board = look(DISPATCHER.paths("fleet.read"))
    line = board.find_line(number)
    assert line is not None
    assert (line.is_waiting, line.proposed) == (False, None)
    with refuses("This request is over."):
        an_offer(number, "T2")


def test_relay_that_loses_its_first_leg_begins_anew() -> None:
    first = Crew(a_vehicle(), "T1")
    a_vehicle("T2")
    number = a_request()
    half_way = Spot("half-way", (39.98, 116.32))
    leg1 = an_offer(number, "T1", leg=1, dropoff=half_way)
    leg2 = an_offer(number, "T2", leg=2, pickup=half_way)
    step(leg2, RideState.ACCEPTED)
    step(leg1, RideState.REFUSED, first, reason="breakdown")
    assert get_ride(leg2).state is RideState.CANCELLED
    assert get_request(number).state is RequestState.WAITING


def test_relay_that_loses_its_second_leg_gets_another_at_the_meeting_point() -> None:
    first = Crew(a_vehicle(), "T1")
    a_vehicle("T2")
    a_vehicle("T3")
    number = a_request()
    half_way = Spot("half-way", (39.98, 116.32))
    leg1 = an_offer(number, "T1", leg=1, dropoff=half_way)
    leg2 = an_offer(number, "T2", leg=2, pickup=half_way)
    step(leg1, RideState.ACCEPTED, first)
    step(leg1, RideState.PICKED_UP, first)
    step(leg2, RideState.REFUSED, reason="breakdown")
    with refuses("This ride ends where another crew takes over"):
        step(leg1, RideState.DROPPED_OFF, first)
    line = look(DISPATCHER.paths("fleet.read")).find_line(number)
    assert line is not None
    assert line.is_waiting
    order = promise(number, "T3", DISPATCHER.paths("fleet.read"))
    assert (order.leg, order.pickup) == (2, half_way)
    with transaction():
        offer(order, DISPATCHER)
    assert [ride.vehicle for ride in get_request(number).rides] == ["T1", "T3"]


def test_vehicle_that_is_offered_again_keeps_its_time_anew() -> None:
    a_vehicle()
    number = a_request()
    step(an_offer(number), RideState.REFUSED, reason="stuck")
    again = get_ride(an_offer(number))
    known = db.session.get_one(Booking, again.booking_id)
    assert known.ends_at - clock.now() > timedelta(minutes=10)


def test_request_that_everybody_forgot_is_over_after_a_day_and_then_erased() -> None:
    number = a_request(phone="13800001234", place="某小区")
    pass_time(hours=25)
    assert look_after_rides() == 1
    assert get_request(number).state is RequestState.CLOSED
    with transaction():
        assert erase_before(clock.now() + timedelta(seconds=1))["phones"] == 1


def test_reason_keeps_no_number() -> None:
    a_vehicle()
    number = a_request()
    step(an_offer(number), RideState.REFUSED, reason="call 138 0000 1234 first")
    with transaction():
        close_request(number, None, DISPATCHER, "家长 13800001234")
    said = str(db.session.execute(select(AuditEvent.reason)).scalars().all())
    assert ("***" in said, "1234" in said) == (True, False)


def test_ride_wanted_later_is_booked_only_with_a_vehicle_that_fits() -> None:
    a_vehicle(seats=2)
    number = a_request(seats=3, wanted_at=clock.now() + timedelta(hours=3))
    with refuses("T1 has only 2 seats."), transaction():
        send(OfferOrder(number, "T1", 300, 600, "built-in"), DISPATCHER)
    with transaction():
        close_request(number, None, DISPATCHER)
    with refuses("This request is over."), transaction():
        send(OfferOrder(number, "V010", 300, 600, "built-in"), DISPATCHER)
