"""One path to a place, and what it refuses, whoever asks."""

from datetime import date

import pytest
from conftest import on_both
from factories.shifts import (
    ORGANIZER,
    STRANGER,
    THERE,
    TOMORROW,
    a_leader,
    a_shift,
    a_team,
    a_volunteer,
    at,
    count_reads,
    get_need,
    get_person,
    many_volunteers,
    people_on,
    put,
    sign_up,
    themselves,
)
from factories.stock import new_id, refuses
from flask import Flask
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from stations.kernel import audit, clock
from stations.kernel.db import db, transaction
from stations.kernel.errors import Forbidden, NotFound, Refused
from stations.shifts.actions.knowing import add_duty, set_companion, set_heat
from stations.shifts.actions.placing import PlaceOrder, Unplaced, place, place_all
from stations.shifts.models.placing import Assignment
from stations.shifts.models.planning import ShiftNeed
from stations.shifts.queries.assignments import get_assignment
from stations.shifts.rules.states import Source

pytestmark = pytest.mark.usefixtures("app")


@on_both
def test_somebody_signs_up_once_however_often_it_is_sent() -> None:
    a_volunteer("S1", is_free=False)
    shift = a_shift(needs={"": 2})
    me, order = themselves("S1"), PlaceOrder(get_need(shift).id, get_person("S1").id)
    answers = []
    for _ in range(3):
        with transaction():
            answers.append(place("request-of-mine", order, Source.SELF, me))
    assert [answer.is_replay for answer in answers] == [False, True, True]
    assert len({answer.content["id"] for answer in answers}) == 1
    need = get_need(shift)
    assert (need.taken, need.free) == (1, 1)
    row = get_assignment(int(answers[0].content["id"]))
    assert (row.staff_no, row.source, row.state, row.acknowledged_at is not None) == ("S1", "self", "confirmed", True)
    assert get_person("S1").seen_at is not None
    assert [event.action for event in audit.list_events(f"shift:{shift}")] == ["shift.place", "shift.add"]
    other = PlaceOrder(get_need(a_shift("13:00")).id, order.volunteer_id)
    with pytest.raises(Refused, match=r"request\.reused"), transaction():
        place("request-of-mine", other, Source.SELF, me)


@on_both
def test_a_full_shift_and_an_overlap_are_refused_with_the_reason() -> None:
    for number in ("S1", "S2"):
        a_volunteer(number)
    first, second = a_shift("08:00"), a_shift("09:30", station=THERE)
    sign_up("S1", first)
    with refuses("All 1 places are taken.") as full:
        sign_up("S2", first)
    with refuses("at the same time") as overlap:
        sign_up("S1", second)
    assert (full.value.code, overlap.value.code) == ("seat.full", "time.overlap")
    with pytest.raises(Unplaced) as forced:
        put("S1", second, reason="needed")  # no reason makes somebody be in two places
    assert not forced.value.may_override
    with pytest.raises(Unplaced, match=r"seat\.full"):
        put("S2", first, reason="needed")
    assert (people_on(first), people_on(second)) == (["S1"], [])
    assert (get_need(first).taken, get_need(second).taken) == (1, 0)


def test_an_override_needs_somebody_in_charge_and_a_reason_which_is_kept() -> None:
    a_volunteer("S1", is_free=False)
    shift = a_shift()
    with pytest.raises(Unplaced, match=r"free\.unsaid") as unplaced:
        put("S1", shift)
    assert unplaced.value.may_override
    number = put("S1", shift, reason="called on the phone")
    assert get_assignment(number).override_reason == "called on the phone"
    event = audit.list_events(f"shift:{shift}")[0]
    assert (event.action, event.actor, event.reason) == ("shift.place", "city", "called on the phone")
    free = a_volunteer("S2")
    order = PlaceOrder(get_need(a_shift("12:00", 5)).id, free, "no need of a reason")
    with transaction():
        made = place(new_id(), order, Source.ADMIN, ORGANIZER)
    assert get_assignment(int(made.content["id"])).override_reason == ""
    late = PlaceOrder(get_need(a_shift("17:10", 4, THERE)).id, free, "I insist")
    with pytest.raises(Unplaced, match=r"(time\.travel|day\.long)"), transaction():  # nobody overrides for themselves
        place(new_id(), late, Source.SELF, themselves("S2"))


def test_nobody_is_placed_by_a_stranger_or_by_another_volunteer() -> None:
    a_team("T1")
    a_volunteer("L1", team="T1", standing="leader")
    a_volunteer("S1", team="T1")
    a_volunteer("S2")
    shift = a_shift(needs={"": 3})
    order = PlaceOrder(get_need(shift).id, get_person("S1").id)
    for who in (STRANGER, themselves("S2")):
        with pytest.raises(Forbidden), transaction():
            place(new_id(), order, Source.SELF, who)
    with pytest.raises(Forbidden):
        put("S2", shift, actor=a_leader("L1"))  # not of the team
    put("S1", shift, actor=a_leader("L1"))
    put("S2", shift)
    assert people_on(shift) == ["S1", "S2"]
    with pytest.raises(Forbidden):
        a_leader("S1")


def test_skills_age_heat_duty_and_company_are_asked_on_the_same_path() -> None:
    a_volunteer("S1", skills={"first_aid": date(2027, 6, 7)})
    shift = a_shift(needs={"first_aid": 1, "": 1})
    with refuses("the proof ended on 2027-06-07"):
        sign_up("S1", shift, "first_aid")
    a_volunteer("S2", born_on=date(2012, 1, 1))
    with refuses("a guardian has to agree"):
        sign_up("S2", shift)
    a_volunteer("S3", born_on=date(2012, 1, 1), has_guardian_consent=True)
    sign_up("S3", shift)
    outdoors = a_shift("14:00", post="queue", needs={"": 3})
    with transaction():
        set_heat("110108", at("00:00").date(), 41, ORGANIZER)
    with refuses("41 degrees expected"):
        sign_up("S1", outdoors)
    with transaction():
        set_heat("110108", at("00:00").date(), None, ORGANIZER)
        add_duty("S1", a_vehicle_id(), at("13:00"), at("15:00"), ORGANIZER)
    with pytest.raises(Unplaced, match="busy"):
        put("S1", outdoors, reason="needed")
    a_volunteer("S4")
    a_volunteer("S5")
    sign_up("S4", outdoors)
    with transaction():
        set_companion("S5", "S4", False, ORGANIZER)
    with refuses("Somebody with whom not to be posted"):
        sign_up("S5", outdoors)


def a_vehicle_id() -> int:
    return int(db.session.execute(select(func.min(db.metadata.tables["vehicle"].c.id))).scalar_one())


def test_what_has_begun_is_for_those_in_charge_and_what_is_over_for_nobody() -> None:
    a_volunteer("S1")
    a_volunteer("S2")
    running = a_shift("07:00", day="2027-06-07", needs={"": 2})  # it is 07:45
    with pytest.raises(Unplaced, match=r"shift\.over"):
        sign_up("S1", running)
    put("S1", running)
    clock.show(at("09:00", "2027-06-07"), clock.real_now())
    with pytest.raises(Unplaced, match=r"shift\.over"):
        put("S2", running, reason="late")
    assert people_on(running) == ["S1"]


def test_what_is_not_there_is_said() -> None:
    one = a_volunteer("S1")
    need = get_need(a_shift()).id
    for order in (PlaceOrder(need + 1, one), PlaceOrder(need, one + 1)):
        with pytest.raises(NotFound), transaction():
            place(new_id(), order, Source.ADMIN, ORGANIZER)


def test_many_are_judged_one_after_the_other() -> None:
    numbers = [a_volunteer(f"S{n}") for n in range(4)]
    first, second = a_shift(needs={"": 2}), a_shift("09:00")
    needs = get_need(first).id, get_need(second).id
    orders = [PlaceOrder(needs[0], number) for number in numbers] + [PlaceOrder(needs[1], numbers[0])]
    with transaction():
        verdicts = place_all(orders, Source.IMPORT, ORGANIZER)
    assert [one.is_granted for one in verdicts] == [True, True, False, False, False]
    assert [one.objections[0].code for one in verdicts[2:]] == ["seat.full", "seat.full", "time.overlap"]
    assert people_on(first) == ["S0", "S1"]
    assert [get_assignment(one.assignment_id).staff_no for one in verdicts[:2]] == ["S0", "S1"]
    assert (get_need(first).taken, get_need(second).taken) == (2, 0)


@on_both
def test_the_database_refuses_what_comes_past_the_path(app: Flask) -> None:
    a_volunteer("S1")
    first, second = a_shift("08:00"), a_shift("09:00")
    number = sign_up("S1", first)
    held = {
        "need_id": get_need(second).id, "shift_id": second, "volunteer_id": get_person("S1").id, "state": "confirmed",
        "source": "admin", "starts_at": at("09:00"), "ends_at": at("11:00"), "override_reason": "", "by": "nobody",
        "at": at("07:00"), "end_reason": "",
    }  # fmt: skip
    with pytest.raises(IntegrityError, match="assignment_apart"), transaction():
        db.session.execute(insert(Assignment).values(held))
    with transaction():
        proposed = insert(Assignment).values(held | {"state": "proposed"}).returning(Assignment.id)
        proposed_id = db.session.execute(proposed).scalar_one()
    with pytest.raises(IntegrityError, match="assignment_apart"), transaction():
        db.session.execute(update(Assignment).where(Assignment.id == proposed_id).values(state="confirmed"))
    with transaction():
        touching = held | {"starts_at": at("10:00"), "ends_at": at("12:00")}
        later = db.session.execute(insert(Assignment).values(touching).returning(Assignment.id)).scalar_one()
    with pytest.raises(IntegrityError, match="assignment_apart"), transaction():
        db.session.execute(update(Assignment).where(Assignment.id == number).values(ends_at=at("10:01")))
    need = get_need(first).id
    for wrong in ({"taken": 2}, {"offered": 1}, {"taken": -1}, {"places": 0}):
        with pytest.raises(IntegrityError, match="never_over_full"), transaction():
            db.session.execute(update(ShiftNeed).where(ShiftNeed.id == need).values(**wrong))
    assert later > proposed_id
    assert people_on(first) == ["S1"]


def test_placing_many_asks_the_database_as_often_as_placing_few() -> None:
    ids = many_volunteers(30)
    few, many = a_shift(needs={"": 3}, day=TOMORROW), a_shift(needs={"": 27})
    counts = []
    for shift, mine in ((few, ids[:3]), (many, ids[3:])):
        orders = [PlaceOrder(get_need(shift).id, number, "a crowd") for number in mine]
        with transaction(), count_reads() as asked:
            assert all(one.is_granted for one in place_all(orders, Source.IMPORT, ORGANIZER))
        counts.append(len(asked))
    assert counts[0] == counts[1]
