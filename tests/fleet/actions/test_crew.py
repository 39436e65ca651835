"""A crew tells its own vehicle where to be; an asker calls off what is on its way."""

from datetime import timedelta

import pytest
from cast import Cast
from factories.fleet import a_request, a_vehicle, an_offer
from factories.stock import refuses

from stations.fleet.actions.crew import crew_of, go_off_duty, report_well, stand_by
from stations.fleet.actions.rides import take_step
from stations.fleet.actions.withdrawing import withdraw
from stations.fleet.queries.requests import get_request
from stations.fleet.queries.rides import get_ride, list_rides_of
from stations.fleet.queries.vehicles import get_vehicle, list_posts
from stations.fleet.rules.requests import RequestState
from stations.fleet.rules.rides import RideState
from stations.fleet.rules.vehicles import VehicleState
from stations.kernel.audit import list_events
from stations.kernel.db import db, transaction

pytestmark = pytest.mark.usefixtures("app")

TODAY = Cast.now.date()
PAPERS = {
    "licence_until": TODAY, "registration_until": TODAY, "insurance_until": TODAY, "driver_checked_on": TODAY,
}  # fmt: skip


def test_crew_stands_by_at_a_gate_and_at_its_base_again() -> None:
    a_vehicle(**PAPERS)
    post = next(iter(list_posts().values()))
    with transaction():
        stand_by(get_vehicle("T1"), post.gate_id)
    row = get_vehicle("T1")
    assert (row.gate_id, row.post) == (post.gate_id, (post.lat, post.lon))
    assert row.crew_seen_at is not None
    with transaction():
        stand_by(row, None)
    assert get_vehicle("T1").gate_id is None
    assert [event.actor for event in list_events("vehicle:T1")] == ["vehicle:T1"] * 2


def test_crew_without_complete_papers_cannot_stand_by() -> None:
    a_vehicle(**PAPERS | {"insurance_until": TODAY - timedelta(days=1)}, state="off")
    with refuses("It cannot stand by yet"), transaction():
        stand_by(get_vehicle("T1"), None)
    row = get_vehicle("T1")
    assert (row.state, row.crew_seen_at) == (VehicleState.OFF, None)


def test_crew_on_a_ride_cannot_leave_and_without_one_can() -> None:
    a_vehicle(**PAPERS)
    ride = an_offer(a_request())
    with refuses("End the ride first"), transaction():
        go_off_duty(get_vehicle("T1"))
    with transaction():
        take_step(ride, RideState.REFUSED, crew_of(get_vehicle("T1")), reason="breakdown")
        go_off_duty(get_vehicle("T1"))
    assert get_vehicle("T1").state is VehicleState.OFF


def test_sign_of_life_is_kept() -> None:
    a_vehicle()
    with transaction():
        report_well(get_vehicle("T1"))
    assert get_vehicle("T1").crew_seen_at is not None
    assert [event.action for event in list_events("vehicle:T1")] == ["crew.well"]


def test_asker_calls_off_and_frees_the_vehicle() -> None:
    a_vehicle()
    number = a_request()
    ride = an_offer(number)
    with transaction():
        take_step(ride, RideState.ACCEPTED, crew_of(get_vehicle("T1")))
    with transaction():
        withdraw(get_request(number).key)
    row = get_request(number)
    assert (row.state, row.rides) == (RequestState.CANCELLED, ())
    assert row.closed_at is not None
    assert (get_ride(ride).state, get_ride(ride).end_reason) == (RideState.CANCELLED, "asker")
    an_offer(a_request())  # it is free for the next


@pytest.mark.parametrize("steps", [(RideState.PICKED_UP,), (RideState.PICKED_UP, RideState.DROPPED_OFF)])
def test_asker_who_is_aboard_or_there_calls_nothing_off(steps: tuple[RideState, ...]) -> None:
    a_vehicle()
    number = a_request()
    ride = an_offer(number)
    for step in (RideState.ACCEPTED, *steps):
        with transaction():
            take_step(ride, step, crew_of(get_vehicle("T1")))
    key = get_request(number).key
    db.session.rollback()
    with refuses("aboard" if len(steps) == 1 else "arrived"), transaction():
        withdraw(key)
    assert get_request(number).state is RequestState.RIDING
    assert [row.state for row in list_rides_of(number)] == [steps[-1]]
