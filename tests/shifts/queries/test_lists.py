"""The lists of the pages: complete, within somebody's scope, and one SELECT however long they are."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from conftest import on_both
from factories.shifts import (
    THERE,
    a_shift,
    a_team,
    a_volunteer,
    at,
    count_reads,
    get_need,
    get_person,
    put,
    sign_up,
    themselves,
)
from flask import Flask
from sqlalchemy import insert

from stations.accounts.rules import Actor, Scope
from stations.kernel import clock
from stations.kernel.db import db, transaction
from stations.shifts.actions.dropping import acknowledge
from stations.shifts.actions.waiting import join_waiting
from stations.shifts.models.service import Attendance
from stations.shifts.queries.assignments import (
    get_assignment,
    list_assignments,
    list_assignments_of_team,
    list_assignments_on,
)
from stations.shifts.queries.gaps import list_gaps
from stations.shifts.queries.open_shifts import list_open_shifts_for
from stations.shifts.queries.risks import list_at_risk
from stations.shifts.queries.shifts import list_shifts
from stations.shifts.queries.volunteers import list_teams, list_volunteers
from stations.shifts.queries.waiting import list_waiting
from stations.shifts.rules.risks import Risk

pytestmark = pytest.mark.usefixtures("app")
DAY = at("00:00"), at("23:59")
LEAD = Actor("lead", "Lead", (Scope("station_lead", "YS-BJ/YS-BJ-110108/GH-HD-01/"),))


def test_the_grid_holds_what_touches_the_span_in_ones_scope() -> None:
    first, second = a_shift("08:00"), a_shift("07:00", station=THERE, needs={"": 2, "guide": 1})
    a_shift("08:00", day="2027-06-09")
    assert [row.id for row in list_shifts(("YS-BJ/",), *DAY)] == [second, first]
    assert [row.id for row in list_shifts(LEAD.paths("shifts.read"), *DAY)] == [first]
    assert [row.id for row in list_shifts(("",), *DAY, station=THERE)] == [second]
    assert [row.id for row in list_shifts(("",), at("08:30"), at("08:31"))] == [second, first]
    assert list_shifts((), *DAY) == []


@on_both
def test_gaps_are_what_nobody_has_taken(app: Flask) -> None:
    for number in ("S1", "S2", "S3"):
        a_volunteer(number)
    first = a_shift("08:00", needs={"": 3, "guide": 1})
    full = a_shift("13:00")
    sign_up("S1", first)
    sign_up("S2", full)
    gaps = list_gaps(("YS-BJ/",), *DAY)
    assert [(row.shift_id, row.skill, row.places, row.taken, row.free) for row in gaps] == [
        (first, "", 3, 1, 2), (first, "guide", 1, 0, 1),
    ]  # fmt: skip
    assert list_gaps(("YS-BJ/",), at("12:00"), at("20:00")) == []
    assert list_gaps(("YS-BJ/YS-QY/",), *DAY) == []


@on_both
def test_what_is_open_says_why_not(app: Flask) -> None:
    for number in ("S1", "S2"):
        a_volunteer(number, point=(39.96, 116.35))
    held, clash, free = a_shift("08:00"), a_shift("09:00", station=THERE), a_shift("13:00", needs={"": 1, "guide": 1})
    sign_up("S1", held)
    sign_up("S2", free)
    rows = list_open_shifts_for(get_person("S1").id, "YS-BJ/", *DAY)
    said = [(row.seat.work.shift_id, row.seat.skill, row.is_full, row.may_take) for row in rows]
    assert said == [(clash, "", False, False), (free, "", True, False), (free, "guide", False, False)]
    assert [[one.code for one in row.objections] for row in rows] == [["time.overlap"], [], ["skill.missing"]]
    assert all(row.way_minutes > 8 for row in rows)
    assert list_open_shifts_for(get_person("S1").id, "YS-BJ/YS-QY/", *DAY) == []
    assert list_open_shifts_for(9999, "", *DAY) == []


@on_both
def test_who_may_not_turn_up_is_named_with_the_sign(app: Flask) -> None:
    for number in ("S1", "S2", "S3", "S4"):
        a_volunteer(number, phone="13900000000")
    today = "2027-06-07"  # 07:45
    running = a_shift("07:00", 3, needs={"": 2}, day=today)
    late, there = put("S1", running), put("S2", running)
    with transaction():
        values = {"in_at": clock.now(), "in_how": "leader", "in_by": "x", "out_how": "", "out_by": ""}
        row = {"assignment_id": there, "is_closed_by_program": False, "version": 1, **values}
        db.session.execute(insert(Attendance).values(row))
    near, far = a_shift("08:00", 2, day=today), a_shift("10:10", 1, station="MD-052", day=today)
    sign_up("S3", near)
    away = put("S3", far, reason="will be driven")
    sign_up("S4", a_shift("18:00", 1, day=today))
    sign_up("S4", a_shift("21:00", 1, day=today))  # more than twelve hours ahead
    rows = {row.assignment_id: row.risks for row in list_at_risk(("YS-BJ/",), clock.now())}
    assert rows == {late: (Risk.LATE, Risk.SILENT, Risk.UNCONFIRMED), away: (Risk.FAR, Risk.UNCONFIRMED)}
    me = themselves("S1")
    with transaction():
        acknowledge(late, me)
    assert {row.assignment_id: row.risks for row in list_at_risk(("YS-BJ/",), clock.now())}[late] == (Risk.LATE,)
    (only,) = list_at_risk(LEAD.paths("shifts.read"), clock.now())
    assert (only.staff_no, only.phone, only.station, only.shift_id) == ("S1", "13900000000", "GH-HD-01", running)
    assert list_at_risk(("YS-BJ/YS-QY/YS-X/",), clock.now()) == []


def test_assignments_are_read_by_place_and_by_team() -> None:
    a_team("T1")
    a_volunteer("L1", team="T1", standing="leader")
    a_volunteer("S1", team="T1")
    a_volunteer("S2")
    here, there = a_shift(needs={"": 3}), a_shift("13:00", station=THERE)
    numbers = [put(number, here) for number in ("S2", "S1", "L1")]
    put("S1", there)
    assert {row.staff_no for row in list_assignments(LEAD.paths("shifts.read"), *DAY)} == {"L1", "S1", "S2"}
    assert [row.staff_no for row in list_assignments_on(here) if row.team == "T1"] == ["L1", "S1"]
    team = list_assignments_of_team((get_person("L1").team_path,), *DAY)
    assert [(row.staff_no, row.station) for row in team] == [("L1", "GH-HD-01"), ("S1", "GH-HD-01"), ("S1", THERE)]
    row = get_assignment(numbers[0])
    assert (row.name, row.skill, row.post, row.in_at, row.no_show_at) == ("志愿者S2", "", "supplies", None, None)


def grown() -> None:
    """Three more of everything."""
    count = len(list_volunteers(("",)))
    for n in range(count, count + 3):
        a_team(f"T{n}")
        a_volunteer(f"S{n}", team=f"T{n}")
        shift = a_shift("08:00", needs={"": 2})
        put(f"S{n}", shift)
        a_volunteer(f"W{n}")
        full = a_shift("13:00")
        put(f"S{n}", full)
        me = themselves(f"W{n}")
        with transaction():
            join_waiting(get_need(full).id, me.volunteer_id, me)


READS: dict[str, Callable[[], list[Any]]] = {
    "shifts": lambda: list_shifts(("YS-BJ/",), *DAY),
    "assignments": lambda: list_assignments(("YS-BJ/",), *DAY),
    "volunteers": lambda: list_volunteers(("YS-BJ/",)),
    "teams": lambda: list_teams(("YS-BJ/",)),
    "gaps": lambda: list_gaps(("YS-BJ/",), *DAY),
    "at risk": lambda: list_at_risk(("YS-BJ/",), at("07:00") + timedelta(minutes=30)),
    "waiting": lambda: list_waiting(range(1, 100)),
}


def test_every_list_is_one_select_however_long() -> None:
    lengths = []
    for _ in range(2):
        grown()
        db.session.rollback()
        for name, read in READS.items():
            with count_reads() as asked:
                lengths.append(len(read()))
            assert len(asked) == 1, (name, asked)
    few, many = lengths[: len(READS)], lengths[len(READS) :]
    assert all(0 < one < other for one, other in zip(few, many, strict=True)), (few, many)
    opened = []
    for _ in range(2):
        with count_reads() as asked:
            assert list_open_shifts_for(get_person("S0").id, "", *DAY)
        opened.append(len(asked))
        a_shift("16:00", needs={"": 1, "guide": 1})
    assert opened[0] == opened[1]
