"""Changes to the season."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from conftest import on_both
from flask import Flask

from stations.kernel import audit, clock
from stations.kernel.db import transaction
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.seasons.actions import (
    CutoffOrder,
    SeasonOrder,
    begin_season,
    confirm_cutoff,
    remove_session,
    save_session,
    set_clock,
)
from stations.seasons.queries import get_calendar, get_session, session_order

CONFIRM = CutoffOrder("S03", time(15, 15), "2027 年通知", "演示市总工会", 1)


@on_both
def test_a_confirmed_time_counts_until_the_timetable_says_another(app: Flask) -> None:
    with transaction():
        confirm_cutoff(CONFIRM, "city")
    session = get_session("S03")
    assert (session.is_confirmed, session.other_cutoff_at, session.version) == (True, None, 2)
    assert session.entry_cutoff_at.astimezone(get_calendar().zone).strftime("%d %H:%M") == "08 15:15"
    with pytest.raises(Refused, match="changed"), transaction():
        confirm_cutoff(replace(CONFIRM, closes=time(14, 45)), "city")

    order = session_order(session, get_calendar().zone)
    with transaction():
        save_session(replace(order, subject="英语"), "program")
    assert get_session("S03").is_confirmed
    with transaction():
        save_session(replace(order, entry_cutoff_at=order.starts_at), "program")
    session = get_session("S03")
    assert (session.is_confirmed, session.entry_cutoff_at) == (False, order.starts_at)
    assert [row.action for row in audit.list_events("session:S03")][:3] == [
        "session.save", "session.save", "session.confirm",
    ]  # fmt: skip


@on_both
def test_what_cannot_be_is_refused_and_changes_nothing(app: Flask) -> None:
    before = get_calendar()
    order = session_order(get_session("S01"), before.zone)
    for wrong in (replace(CONFIRM, closes=time(3, 0)), replace(CONFIRM, source="  ")):
        with pytest.raises(Invalid), transaction():
            confirm_cutoff(wrong, "city")
    with pytest.raises(Invalid), transaction():
        save_session(replace(order, ends_at=order.starts_at), "city")
    with pytest.raises(NotFound), transaction():
        confirm_cutoff(replace(CONFIRM, code="S99"), "city")
    with pytest.raises(NotFound), transaction():
        remove_session("S99", "city")
    assert get_calendar() == before


def test_a_new_season_takes_over_and_keeps_the_real_time(app: Flask) -> None:
    days = date(2028, 6, 7), date(2028, 6, 10)
    order = SeasonOrder("2028", "2028", "2028", "Asia/Shanghai", *days, (39.9, 116.4), is_demo=False)
    with transaction():
        begin_season(order, "city")
    calendar = get_calendar()
    assert (calendar.code, calendar.sessions, calendar.is_demo) == ("2028", (), False)
    with pytest.raises(Refused, match="not_demo"), transaction():
        set_clock(clock.now() + timedelta(days=1), clock.real_now())
