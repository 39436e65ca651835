"""Somebody is there, has left, is missing, or never came; and who says so."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from conftest import on_both
from factories.shifts import (
    HERE,
    ORGANIZER,
    STRANGER,
    THERE,
    a_leader,
    a_shift,
    a_team,
    a_volunteer,
    at,
    put,
    sign_up,
    themselves,
)
from factories.stock import new_id
from flask import Flask

from stations.accounts.rules import Actor, Scope
from stations.kernel import audit, clock
from stations.kernel.db import db, transaction
from stations.kernel.errors import Forbidden, Invalid, NotFound, Refused
from stations.kernel.replay import Answer
from stations.shifts.actions.acting import Who
from stations.shifts.actions.attendance import (
    Correction,
    check_in,
    check_in_by_digits,
    check_out,
    close_attendance,
    correct_attendance,
    reveal_volunteer_phone,
)
from stations.shifts.actions.dropping import drop
from stations.shifts.queries.attendance import AttendanceRow, get_attendance, list_posts
from stations.shifts.rules.attendance import How, Presence, Press, Where

pytestmark = pytest.mark.usefixtures("app")
HERE_NOW = Where(HERE)


def it_is(time: str) -> datetime:
    """Let it be that time of the day of the shifts."""
    clock.show(at(time), clock.real_now())
    return at(time)


def look(assignment: int) -> AttendanceRow:
    db.session.rollback()
    return get_attendance(assignment)


def come(assignment: int, who: Who, time: str, **how: Any) -> dict[str, Any]:
    with transaction():
        return check_in(assignment, who, at(time), **how)


def go(assignment: int, who: Who, time: str) -> dict[str, Any]:
    with transaction():
        return check_out(assignment, who, at(time))


def type_digits(digits: str, station: str = HERE, press: Press = Press.IN, request_id: str = "") -> Answer:
    with transaction():
        return check_in_by_digits(request_id or new_id(), station, digits, press)


@on_both
def test_they_come_and_go_and_a_second_press_changes_nothing(app: Flask) -> None:
    a_volunteer("S1")
    mine = sign_up("S1", a_shift("08:00"))
    me = themselves("S1")
    it_is("07:10")
    assert look(mine).presence(clock.now()) is Presence.EXPECTED
    first = come(mine, me, "07:10", where=HERE_NOW)
    assert come(mine, me, "07:10", where=HERE_NOW) == first
    assert look(mine).presence(clock.now()) is Presence.PRESENT
    it_is("10:00")
    last = go(mine, me, "10:00")
    assert [datetime.fromisoformat(last[name]) for name in ("in_at", "out_at")] == [at("07:10"), at("10:00")]
    assert go(mine, me, "09:50") == last
    assert look(mine).presence(clock.now()) is Presence.LEFT
    with pytest.raises(Refused, match=r"attendance\.state"):
        come(mine, me, "08:30", where=HERE_NOW)
    events = [event.action for event in audit.list_events(f"shift:{look(mine).shift_id}")]
    assert events[:2] == ["attendance.out", "attendance.in"]
    assert events.count("attendance.in") == 1


@pytest.mark.parametrize(
    ("time", "where", "code"),
    [
        ("06:59", HERE_NOW, "attendance.early"),
        ("09:01", HERE_NOW, "attendance.late"),
        ("08:00", Where(THERE), "attendance.elsewhere"),
        ("08:00", Where(point=(39.0, 116.0)), "attendance.elsewhere"),
        ("08:00", Where(), "attendance.place"),
    ],
)
def test_elsewhere_or_an_hour_away_is_refused_with_the_reason(time: str, where: Where, code: str) -> None:
    a_volunteer("S1")
    mine = sign_up("S1", a_shift("08:00", hours=3))
    it_is(time)
    with pytest.raises(Refused) as refused:
        come(mine, themselves("S1"), time, where=where)
    assert refused.value.code == code
    assert look(mine).in_at is None


def test_a_phone_at_the_station_will_do_for_a_place() -> None:
    a_volunteer("S1")
    mine = sign_up("S1", a_shift("08:00"))
    it_is("08:00")
    row = look(mine)
    come(mine, themselves("S1"), "08:00", where=Where(point=(row.lat + 0.001, row.lon)))
    assert look(mine).in_how == How.LINK


def test_those_who_see_them_may_until_the_end_and_nobody_else() -> None:
    a_team("T1")
    a_volunteer("L1", team="T1", standing="leader")
    a_volunteer("S1", team="T1")
    mine = sign_up("S1", a_shift("08:00", hours=3))
    it_is("10:30")
    lead = Actor("lead", "Lead", (Scope("station_lead", look(mine).path),))
    elsewhere = Actor("lead2", "Lead", (Scope("station_lead", "YS-BJ/YS-BJ-110105/"),))
    for stranger in (STRANGER, elsewhere, themselves("L1")):
        with pytest.raises(Forbidden):
            come(mine, stranger, "10:30")
    come(mine, lead, "10:30")
    assert (look(mine).in_how, look(mine).presence(clock.now())) == (How.STAFF, Presence.PRESENT)
    go(mine, a_leader("L1"), "10:30")
    assert look(mine).out_how == How.STAFF


def test_a_press_without_a_network_carries_its_own_time_within_bounds() -> None:
    a_volunteer("S1")
    mine = sign_up("S1", a_shift("08:00"))
    it_is("10:30")
    with pytest.raises(Invalid, match=r"attendance\.future"):
        come(mine, ORGANIZER, "10:35")
    come(mine, ORGANIZER, "07:55")
    assert look(mine).in_at == at("07:55")
    clock.show(at("08:00") + timedelta(hours=13), clock.real_now())
    with pytest.raises(Invalid, match=r"attendance\.old"):
        go(mine, ORGANIZER, "08:59")
    assert look(mine).out_at is None


@on_both
def test_what_nobody_closed_is_closed_at_the_end_and_flagged(app: Flask) -> None:
    a_volunteer("S1")
    a_volunteer("S2")
    shift = a_shift("08:00", needs={"": 2})
    came, away = sign_up("S1", shift), sign_up("S2", shift)
    it_is("08:05")
    come(came, ORGANIZER, "08:05")
    it_is("10:59")
    with transaction():
        assert close_attendance() == (0, 0)
    assert look(away).presence(clock.now()) is Presence.MISSING
    it_is("11:00")
    with transaction():
        assert close_attendance() == (1, 1)
    with transaction():
        assert close_attendance() == (0, 0)
    assert (look(came).out_at, look(came).is_closed_by_program) == (at("10:00"), True)
    assert look(away).presence(clock.now()) is Presence.NO_SHOW


def test_an_offline_press_that_comes_late_knows_better_than_the_program() -> None:
    a_volunteer("S1")
    a_volunteer("S2")
    shift = a_shift("08:00", needs={"": 2})
    left_early, unheard = sign_up("S1", shift), sign_up("S2", shift)
    it_is("08:05")
    come(left_early, ORGANIZER, "08:05")
    it_is("11:30")
    with transaction():
        close_attendance()
    go(left_early, ORGANIZER, "09:30")
    come(unheard, ORGANIZER, "08:10")
    assert (look(left_early).out_at, look(left_early).is_closed_by_program) == (at("09:30"), False)
    assert look(unheard).presence(clock.now()) is Presence.PRESENT
    with transaction():
        assert close_attendance() == (1, 0)


def test_a_leader_corrects_with_a_reason_that_is_kept() -> None:
    a_volunteer("S1")
    mine = sign_up("S1", a_shift("08:00"))
    it_is("11:30")
    with transaction():
        close_attendance()
    version = look(mine).version

    def correct(
        start: datetime | None, end: datetime | None, reason: str = "He was there", seen: int = version
    ) -> None:
        with transaction():
            correct_attendance(Correction(mine, start, end, reason, seen), ORGANIZER)

    for start, end, reason, seen, code in [
        (at("08:00"), at("10:00"), " ", version, "attendance.reason"),
        (at("08:00"), at("10:00"), "x", version - 1, "row.changed"),
        (at("06:00"), None, "x", version, "attendance.in_at"),
        (at("09:00"), at("08:00"), "x", version, "attendance.out_at"),
        (None, at("09:00"), "x", version, "attendance.order"),
    ]:
        with pytest.raises(Refused) as refused:
            correct(start, end, reason, seen)
        assert refused.value.code == code
    correct(at("08:00"), at("10:00"))
    row = look(mine)
    assert (row.in_at, row.out_at, row.no_show_at, row.in_how) == (at("08:00"), at("10:00"), None, "correction")
    assert audit.list_events(f"shift:{row.shift_id}")[0].reason == "He was there"
    correct(None, None, seen=row.version)
    assert look(mine).presence(clock.now()) is Presence.NO_SHOW
    with pytest.raises(Forbidden), transaction():
        correct_attendance(Correction(mine, None, None, "x", look(mine).version), STRANGER)


def test_four_digits_at_the_station_are_enough_and_a_replay_answers_the_same() -> None:
    a_volunteer("A70001", phone="13800001234")
    mine = sign_up("A70001", a_shift("08:00"))
    it_is("07:30")
    first = type_digits("1234", request_id="r" * 20)
    again = type_digits("1234", request_id="r" * 20)
    assert (again.content, again.is_replay) == (first.content, True)
    assert "name" not in first.content
    assert look(mine).in_how == How.CODE
    it_is("10:00")
    type_digits("0001", press=Press.OUT)
    assert look(mine).presence(clock.now()) is Presence.LEFT


def test_digits_name_the_nearest_shift_of_several() -> None:
    a_volunteer("A70001")
    early, late = sign_up("A70001", a_shift("07:00", hours=1)), sign_up("A70001", a_shift("09:00", hours=1))
    it_is("07:00")
    type_digits("0001")
    it_is("08:20")
    type_digits("a70001")
    type_digits("0001", press=Press.OUT)
    assert [round((look(one).in_at or at("00:00")).timestamp(), -1) for one in (early, late)] == [
        at("07:00").timestamp(), at("08:20").timestamp(),
    ]  # fmt: skip
    assert [look(one).out_at is None for one in (early, late)] == [True, False]


@pytest.mark.parametrize(
    ("digits", "station", "time", "code"),
    [
        ("12", HERE, "08:00", "attendance.digits"),
        ("9999", HERE, "08:00", "attendance.unknown"),
        ("0001", THERE, "08:00", "attendance.elsewhere"),
        ("0001", THERE, "15:00", "attendance.unknown"),
        ("0001", HERE, "06:30", "attendance.early"),
        ("0002", HERE, "08:00", "attendance.several"),
        ("%%%%", HERE, "08:00", "attendance.unknown"),
    ],
)
def test_digits_that_fit_nobody_here_now_say_why(digits: str, station: str, time: str, code: str) -> None:
    shift = a_shift("08:00", needs={"": 3})
    for number, phone in (("A70001", ""), ("A80002", ""), ("A90003", "13800000002")):
        a_volunteer(number, phone=phone)
        sign_up(number, shift)
    it_is(time)
    with pytest.raises(Refused) as refused:
        type_digits(digits, station)
    assert refused.value.code == code


def test_who_gave_the_place_back_cannot_check_in() -> None:
    a_volunteer("S1")
    mine = sign_up("S1", a_shift("08:00"))
    with transaction():
        drop(mine, themselves("S1"))
    it_is("08:00")
    with pytest.raises(NotFound):
        come(mine, themselves("S1"), "08:00", where=HERE_NOW)


def test_a_phone_is_shown_for_a_reason_and_written_down() -> None:
    a_volunteer("S1", phone="13800001234")
    mine = put("S1", a_shift("08:00"))
    with pytest.raises(Invalid, match=r"reveal\.reason"), transaction():
        reveal_volunteer_phone(mine, "", ORGANIZER)
    with pytest.raises(NotFound), transaction():
        reveal_volunteer_phone(mine, "missing", STRANGER)
    with transaction():
        assert reveal_volunteer_phone(mine, "missing", ORGANIZER) == "13800001234"
    newest = audit.list_events(f"shift:{look(mine).shift_id}")[0]
    assert (newest.action, newest.reason) == ("volunteer.reveal_phone", "missing")


def test_a_post_counts_who_belongs_there() -> None:
    a_volunteer("S1")
    a_volunteer("S2")
    shift = a_shift("08:00", needs={"": 3})
    first = sign_up("S1", shift)
    sign_up("S2", shift)
    it_is("08:10")
    come(first, ORGANIZER, "08:10")
    (post,) = list_posts(HERE, at("07:00"), at("09:00"))
    now = clock.now()
    counted = [post.count(wanted, now) for wanted in (Presence.PRESENT, Presence.MISSING, Presence.EXPECTED)]
    assert (len(post.people), counted, post.came(), post.empty) == (2, [1, 1, 0], 1, 1)
