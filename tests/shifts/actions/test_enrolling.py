"""Many new volunteers at once."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from conftest import on_both
from factories.shifts import DAYS, HERE, ORGANIZER, STRANGER, a_team, get_person
from flask import Flask

from stations.accounts.rules import Actor
from stations.kernel import audit, clock
from stations.kernel.db import transaction
from stations.kernel.errors import Forbidden, Refused
from stations.shifts.actions.enrolling import Enrolment, enrol
from stations.shifts.queries.known import get_availability, list_skills_of, list_wishes_of
from stations.shifts.queries.volunteers import find_volunteer, list_volunteers
from stations.shifts.rules.orders import VolunteerOrder


def a_person(number: int, standing: str = "", **known: object) -> Enrolment:
    order = VolunteerOrder(f"E{number}", f"志愿者{number}", team="T1", phone="010-00020001", point=(39.9512, 116.3493))
    return Enrolment(order, standing, **known)  # type: ignore[arg-type]


def add(rows: list[Enrolment], actor: Actor = ORGANIZER) -> dict[str, int]:
    with transaction():
        return enrol(rows, actor)


@on_both
def test_volunteers_come_with_all_that_is_known_about_them(app: Flask) -> None:
    a_team("T1")
    until = date(2028, 5, 31)
    known = a_person(
        2, skills={"first_aid": ("card seen", until)}, free={(DAYS[0], "morning"): True, (DAYS[0], "evening"): False},
        posts={"guidance": True, "traffic": False}, stations={HERE: True},
    )  # fmt: skip
    ids = add([a_person(1, "leader"), known, a_person(3, "deputy")])
    assert ids == {row.staff_no: row.id for row in list_volunteers(("",))}
    leader, row = get_person("E1"), get_person("E2")
    assert (leader.standing, leader.team, row.standing, row.phone) == ("leader", "T1", "", "010-00020001")
    assert row.path == f"{row.group_path}E2/"
    assert (row.lat, row.lon) == (39.95, 116.35)
    (skill,) = list_skills_of(row.id)
    assert (skill.skill, skill.proof, skill.valid_until, skill.checked_by) == ("first_aid", "card seen", until, "city")
    assert get_availability(row.id) == {(DAYS[0], "morning"): True, (DAYS[0], "evening"): False}
    wishes = {(wish.about, wish.code, wish.is_liked) for wish in list_wishes_of(row.id)}
    assert wishes == {("post", "guidance", True), ("post", "traffic", False), ("station", HERE, True)}
    (told,) = audit.list_acts("volunteers.enrol", clock.now() - timedelta(hours=1))
    assert (told.actor, told.after) == ("city", {"count": 3})


WRONG = [
    ([a_person(1, "leader"), a_person(2, "leader")], r"standing\.leaders"),
    ([a_person(number, "deputy") for number in range(3)], r"standing\.deputies"),
    ([a_person(1, "chief")], r"standing\.unknown"),
    ([a_person(1), a_person(1)], r"row\.exists"),
    ([a_person(1, skills={"magic": ("seen", None)})], r"skill\.unknown"),
    ([a_person(1, skills={"english": (" ", None)})], r"skill\.proof"),
    ([a_person(1, posts={"moon": True})], r"post\.unknown"),
    ([a_person(1, stations={"NO": True})], r"station\.unknown"),
    ([a_person(1, free={(DAYS[0], "night"): True})], r"half\.unknown"),
    ([replace(a_person(1), volunteer=VolunteerOrder("E1", "x", team="T9"))], r"team\.unknown"),
]


@pytest.mark.parametrize(("rows", "code"), WRONG)
def test_one_wrong_row_leaves_out_all(app: Flask, rows: list[Enrolment], code: str) -> None:
    a_team("T1")
    with pytest.raises(Refused, match=code):
        add([a_person(9), *rows])
    assert find_volunteer("E9") is None


def test_only_who_keeps_volunteers_there_enrols_and_only_into_an_empty_team(app: Flask) -> None:
    a_team("T1")
    with pytest.raises(Forbidden):
        add([a_person(1)], STRANGER)
    add([a_person(1)])
    with pytest.raises(Refused, match=r"team\.members"):
        add([a_person(2)])
