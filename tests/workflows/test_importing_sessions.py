"""A timetable imported and undone again, on both databases."""

from dataclasses import replace
from datetime import time

import pytest
from conftest import on_both
from flask import Flask

from stations.accounts.rules import PROGRAM
from stations.kernel import audit
from stations.kernel.db import transaction
from stations.kernel.errors import Refused
from stations.seasons.actions import CutoffOrder, confirm_cutoff
from stations.seasons.queries import get_calendar, get_session, session_values
from stations.workflows import importing
from stations.workflows.sheet_kinds import KINDS

CONFIRM = CutoffOrder("S03", time(15, 15), "2027 年通知", "演示市总工会", 1)


def apply(content: str) -> int:
    kind = KINDS["sessions"]
    with transaction():
        run_id = importing.keep_rows(kind, importing.read_cells(kind, content.replace(",", "\t")), "a", PROGRAM)
        importing.apply_run(importing.get_run(run_id, PROGRAM), PROGRAM)
    return run_id


def undo(run_id: int) -> None:
    with transaction():
        importing.undo_run(importing.get_run(run_id, PROGRAM), PROGRAM)


@on_both
def test_undoing_a_timetable_restores_who_confirmed_a_time(app: Flask) -> None:
    with transaction():
        confirm_cutoff(CONFIRM, "city")
    before = session_values()
    confirmed = get_session("S03")
    run_id = apply("编号,停止入场\nS03,14:45\nS04,14:50")
    assert (get_session("S03").confirmed_by, get_session("S03").version) == (None, confirmed.version + 1)
    undo(run_id)
    assert session_values() == before
    assert (get_session("S03").confirmed_by, get_session("S03").confirmed_at) == (
        "演示市总工会",
        confirmed.confirmed_at,
    )
    assert not get_session("S04").is_confirmed
    assert [row.action for row in audit.list_events("session:S03")][:2] == ["session.confirm", "session.save"]


@on_both
def test_a_time_confirmed_since_the_import_is_not_undone(app: Flask) -> None:
    run_id = apply("编号,停止入场,另一来源停止入场\nS03,15:15,")
    row = get_session("S03")
    closes = row.entry_cutoff_at.astimezone(get_calendar().zone).time()
    with transaction():
        confirm_cutoff(replace(CONFIRM, closes=closes, source=row.source, version=row.version), "city")
    before = session_values()
    with pytest.raises(Refused, match="moved"):
        undo(run_id)
    assert session_values() == before
