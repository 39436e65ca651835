"""What is known about a volunteer is said by those who may, and counts at once."""

from datetime import date

import pytest
from conftest import on_both
from factories.fleet import a_vehicle
from factories.shifts import (
    DAYS,
    HERE,
    ORGANIZER,
    STRANGER,
    a_leader,
    a_shift,
    a_team,
    a_volunteer,
    at,
    put,
    sign_up,
    themselves,
)
from flask import Flask

from stations.kernel import audit
from stations.kernel.db import transaction
from stations.kernel.errors import Forbidden, Invalid, NotFound, Refused
from stations.shifts.actions.knowing import (
    add_duty,
    remove_duty,
    remove_skill,
    set_availability,
    set_companion,
    set_heat,
    set_skill,
    set_wishes,
)
from stations.shifts.actions.placing import Unplaced
from stations.shifts.queries.known import (
    get_availability,
    list_companions_of,
    list_duties_of,
    list_heat,
    list_skills_of,
    list_wishes_of,
)

pytestmark = pytest.mark.usefixtures("app")
TUESDAY = DAYS[1]


@on_both
def test_a_skill_is_what_somebody_saw_the_proof_of(app: Flask) -> None:
    a_team("T1")
    a_volunteer("L1", team="T1", standing="leader")
    number = a_volunteer("S1", team="T1")
    for until in (date(2027, 1, 1), date(2029, 1, 1)):
        with transaction():
            set_skill("S1", "first_aid", "certificate 12", until, ORGANIZER)
    (row,) = list_skills_of(number)
    assert (row.skill, row.proof, row.valid_until, row.checked_by) == (
        "first_aid", "certificate 12", date(2029, 1, 1), "city"
    )  # fmt: skip
    sign_up("S1", a_shift(needs={"first_aid": 1}), "first_aid")
    for skill, proof, code in (("leader", "badge", "skill.unknown"), ("guide", " ", "skill.proof")):
        with pytest.raises(Invalid) as invalid, transaction():
            set_skill("S1", skill, proof, None, ORGANIZER)
        assert invalid.value.code == code
    leader = a_leader("L1")
    with pytest.raises(Forbidden), transaction():
        set_skill("S1", "guide", "mine", None, leader)
    with transaction():
        remove_skill("S1", "first_aid", ORGANIZER)
    assert list_skills_of(number) == []


@on_both
def test_who_says_when_they_are_free_is_asked_then_only(app: Flask) -> None:
    a_team("T1")
    a_volunteer("L1", team="T1", standing="leader")
    number = a_volunteer("S1", team="T1", is_free=False)
    me, leader = themselves("S1"), a_leader("L1")
    with transaction():
        set_availability("S1", {(TUESDAY, "morning"): True, (TUESDAY, "afternoon"): True}, me)
    with transaction():
        set_availability("S1", {(TUESDAY, "afternoon"): False}, leader)
    assert get_availability(number) == {(TUESDAY, "morning"): True, (TUESDAY, "afternoon"): False}
    put("S1", a_shift("08:00"))
    with pytest.raises(Unplaced, match=r"free\.not") as unplaced:
        put("S1", a_shift("13:00"))
    assert unplaced.value.may_override
    with pytest.raises(Invalid, match=r"half\.unknown"), transaction():
        set_availability("S1", {(TUESDAY, "midnight"): True}, me)
    with pytest.raises(Forbidden), transaction():
        set_availability("S1", {}, STRANGER)
    with pytest.raises(NotFound), transaction():
        set_availability("L1", {}, me)


def test_wishes_are_replaced_and_refusals_count() -> None:
    number = a_volunteer("S1")
    me = themselves("S1")
    with transaction():
        set_wishes("S1", {"queue": False, "guidance": True}, {HERE: False}, me)
    assert [(row.about, row.code, row.is_liked) for row in list_wishes_of(number)] == [
        ("post", "guidance", True), ("post", "queue", False), ("station", HERE, False),
    ]  # fmt: skip
    with pytest.raises(Unplaced, match=r"refused\.station"):
        put("S1", a_shift())
    with transaction():
        set_wishes("S1", {}, {}, me)
    put("S1", a_shift())
    for posts, stations in (({"juggler": True}, {}), ({}, {"NONE": True})):
        with pytest.raises(Invalid), transaction():
            set_wishes("S1", posts, stations, me)
    assert list_wishes_of(number) == []


@on_both
def test_each_takes_back_only_what_they_asked_for(app: Flask) -> None:
    first, second = a_volunteer("S1"), a_volunteer("S2")
    me, other = themselves("S1"), themselves("S2")
    with transaction():
        set_companion("S1", "S2", False, me)
    for said in (True, None, True):
        with transaction():
            set_companion("S2", "S1", said, other)
    assert {(row.volunteer_id, row.is_together, row.is_own) for row in list_companions_of(first)} == {
        (second, False, True), (second, True, False)
    }  # fmt: skip
    shift = a_shift(needs={"": 2})
    put("S1", shift)
    with pytest.raises(Unplaced, match="apart"):
        put("S2", shift)
    with pytest.raises(NotFound), transaction():
        set_companion("S1", "S2", None, other)
    with transaction():
        set_companion("S1", "S2", None, ORGANIZER)
    assert [(row.is_together, row.is_own) for row in list_companions_of(second)] == [(True, True)]
    put("S2", shift)
    with pytest.raises(Invalid, match=r"companion\.self"), transaction():
        set_companion("S1", "S1", True, me)
    assert [row.actor for row in audit.list_events(f"volunteer:{first}") if row.action == "volunteer.companion"] == [
        ORGANIZER.username, me.username
    ]  # fmt: skip


def test_a_volunteer_names_colleagues_and_learns_of_nobody_else() -> None:
    a_team("T1")
    a_team("T2")
    for number, team in (("S1", "T1"), ("S2", "T1"), ("X1", "T2"), ("X2", "")):
        a_volunteer(number, team=team)
    me = themselves("S1")

    def answer(number: str) -> tuple[str, str]:
        with pytest.raises(NotFound) as missing, transaction():
            set_companion("S1", number, False, me)
        return missing.value.code, missing.value.message.message

    assert answer("X1") == answer("X2") == answer("NOBODY")
    shift = a_shift(needs={"": 2})
    for number in ("S1", "X1"):
        sign_up(number, shift)
    for number in ("S2", "X1"):
        with transaction():
            set_companion("S1", number, True, me)
    assert [row.staff_no for row in list_companions_of(me.volunteer_id)] == ["S2", "X1"]
    a_volunteer("L1", team="T1", standing="leader")
    leader = a_leader("L1")
    with pytest.raises(NotFound), transaction():
        set_companion("S1", "X2", True, leader)


@on_both
def test_a_driver_on_duty_takes_no_shift(app: Flask) -> None:
    number = a_volunteer("S1")
    vehicle = a_vehicle("V9")
    with transaction():
        duty = int(add_duty("S1", vehicle, at("06:00"), at("12:00"), ORGANIZER)["id"])
    assert [(row.vehicle_id, row.starts_at) for row in list_duties_of(number, at("00:00"))] == [(vehicle, at("06:00"))]
    with pytest.raises(Unplaced, match="busy") as unplaced:
        sign_up("S1", a_shift("08:00"))
    assert not unplaced.value.may_override
    sign_up("S1", a_shift("13:00"))
    with pytest.raises(Refused, match=r"duty\.held"), transaction():
        add_duty("S1", vehicle, at("12:00"), at("13:30"), ORGANIZER)
    with pytest.raises(Invalid, match=r"duty\.times"), transaction():
        add_duty("S1", vehicle, at("12:00"), at("12:00"), ORGANIZER)
    with pytest.raises(Forbidden), transaction():
        add_duty("S1", vehicle, at("20:00"), at("21:00"), STRANGER)
    with pytest.raises(Invalid, match=r"vehicle\.unknown"), transaction():
        add_duty("S1", 9999, at("20:00"), at("21:00"), ORGANIZER)
    with transaction():
        remove_duty(duty, ORGANIZER)
    with pytest.raises(NotFound), transaction():
        remove_duty(duty, ORGANIZER)
    assert list_duties_of(number, at("00:00")) == []


def test_heat_is_said_for_a_district_and_a_day() -> None:
    for celsius in (36.5, 38):
        with transaction():
            set_heat("110108", TUESDAY, celsius, ORGANIZER)
    assert list_heat(DAYS[0], DAYS[3]) == {("110108", TUESDAY): 38}
    with transaction():
        set_heat("110108", TUESDAY, None, ORGANIZER)
    assert list_heat(DAYS[0], DAYS[3]) == {}
    for district, celsius, code in (("0", 30, "district.unknown"), ("110108", 99, "heat.range")):
        with pytest.raises(Invalid) as invalid, transaction():
            set_heat(district, TUESDAY, celsius, ORGANIZER)
        assert invalid.value.code == code
    a_team("T1")
    a_volunteer("L1", team="T1", standing="leader")
    leader = a_leader("L1")
    with pytest.raises(Forbidden), transaction():
        set_heat("110108", TUESDAY, 30, leader)


def test_the_trail_knows_no_staff_number() -> None:
    number = a_volunteer("S1")
    assert {row.action for row in audit.list_events(f"volunteer:{number}")} == {
        "volunteer.save", "volunteer.availability"
    }  # fmt: skip
