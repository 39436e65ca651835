"""What the guard and the roster are told is what stands in the database, whoever asks for how many."""

from datetime import date, timedelta

import pytest
from conftest import on_both
from factories.fleet import a_vehicle
from factories.shifts import (
    DAYS,
    HERE,
    ORGANIZER,
    THERE,
    a_shift,
    a_team,
    a_volunteer,
    at,
    count_reads,
    get_need,
    get_person,
    many_volunteers,
    sign_up,
    themselves,
)
from flask import Flask

from stations.kernel.db import transaction
from stations.shifts.actions.dropping import drop
from stations.shifts.actions.knowing import add_duty, set_companion, set_heat, set_wishes
from stations.shifts.actions.waiting import join_waiting
from stations.shifts.queries.judging import (
    list_beside,
    list_candidates,
    list_held,
    list_seats,
    load_heat,
    work_of,
)
from stations.shifts.queries.shifts import get_shift
from stations.shifts.rules.rows import State

pytestmark = pytest.mark.usefixtures("app")
DAY = at("00:00"), at("23:59")


@on_both
def test_a_candidate_is_all_that_is_on_file(app: Flask) -> None:
    a_team("T1")
    a_volunteer(
        "S1", team="T1", standing="leader", skills={"guide": None, "first_aid": date(2028, 1, 1)},
        born_on=date(2010, 1, 2), has_guardian_consent=True, point=(39.9, 116.3),
    )  # fmt: skip
    other, third = a_volunteer("S2", is_free=False), a_volunteer("S3")
    vehicle = a_vehicle("V9")
    sign_up("S1", a_shift("08:00", 1.5))
    with transaction():
        set_wishes("S1", {"queue": False, "guidance": True}, {HERE: True}, ORGANIZER)
        set_companion("S1", "S2", True, ORGANIZER)
        set_companion("S1", "S3", False, ORGANIZER)
        add_duty("S1", vehicle, at("18:00"), at("20:00"), ORGANIZER)
    tomorrow = at("00:00", "2027-06-09"), at("23:59", "2027-06-09")
    found = list_candidates(("YS-BJ/",), *DAY)
    one = found[get_person("S1").id]
    station = get_shift(a_shift()).station_id
    assert (one.team_id, one.standing, one.born_on, one.has_guardian_consent, one.lat, one.lon) == (
        get_person("S1").team_id, "leader", date(2010, 1, 2), True, 39.9, 116.3,
    )  # fmt: skip
    assert dict(one.skills) == {"guide": None, "first_aid": date(2028, 1, 1)}
    assert one.available is not None
    assert len(one.available) == 3 * len(DAYS)
    assert (one.likes, one.dislikes) == (frozenset({"guidance", station}), frozenset({"queue"}))
    assert (one.together, one.apart) == (frozenset({other}), frozenset({third}))
    assert [(busy.starts_at, busy.skill) for busy in one.busy] == [(at("18:00"), "driver")]
    assert (found[other].available, found[other].together, found[third].apart) == (
        None, frozenset({one.volunteer_id}), frozenset({one.volunteer_id})
    )  # fmt: skip
    assert one.minutes_before == 0
    after = list_candidates(("YS-BJ/",), *tomorrow)[one.volunteer_id]
    assert (after.minutes_before, after.busy) == (90, ())
    assert list_candidates(("YS-BJ/YS-QY/",), *DAY) == {}


@on_both
def test_seats_and_what_is_held_are_those_of_the_span(app: Flask) -> None:
    for number in ("S1", "S2", "S3"):
        a_volunteer(number)
    first = a_shift("08:00", needs={"": 2, "guide": 1})
    far = a_shift("08:00", station=THERE, day="2027-06-07")
    sign_up("S1", first)
    held_place = sign_up("S2", first)
    me, gone = themselves("S3"), themselves("S2")
    with transaction():
        join_waiting(get_need(first).id, me.volunteer_id, me)
        drop(held_place, gone)
    seats = list_seats(("YS-BJ/",), *DAY)
    assert [(seat.skill, seat.places, seat.taken) for seat in seats] == [("", 2, 2), ("guide", 1, 0)]  # one is offered
    assert seats[0].work == work_of(get_shift(first)) == seats[1].work
    held = list_held(*DAY)
    assert {number: [(one.work.shift_id, one.state, one.need_id) for one in mine] for number, mine in held.items()} == {
        get_person("S1").id: [(first, State.CONFIRMED, seats[0].need_id)]
    }  # fmt: skip
    assert list_held(*DAY, [me.volunteer_id]) == {}
    assert list_held(*(moment + timedelta(days=4) for moment in DAY)) == {}
    assert list_beside([first, far]) == {first: {get_person("S1").id}, far: set()}
    with transaction():
        set_heat("110108", at("00:00").date(), 37, ORGANIZER)
    assert load_heat(*DAY) == {("110108", at("00:00").date()): 37}


def test_as_many_selects_for_a_crowd_as_for_one() -> None:
    counts = []
    for size in (1, 25):
        many = many_volunteers(size) if size > 1 else [a_volunteer("S1")]
        for clock in ("08:00", "13:00")[: len(many)]:
            a_shift(clock, needs={"": 3})
        with count_reads() as asked:
            assert len(list_candidates(("",), *DAY)) >= size
            list_seats(("",), *DAY)
            list_held(*DAY)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 10
