"""The demonstration's volunteers, shifts and first roster."""

import filecmp
import os
import shutil
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from conftest import on_both
from flask import Flask
from sqlalchemy import func, select

from stations.config import ROOT
from stations.kernel import clock
from stations.kernel.audit import AuditEvent
from stations.kernel.db import db
from stations.seasons.queries import get_calendar
from stations.shifts.actions.placing import LIMITS
from stations.shifts.models.people import Volunteer
from stations.shifts.models.planning import ShiftNeed
from stations.shifts.queries.assignments import list_assignments
from stations.shifts.queries.gaps import list_gaps
from stations.shifts.queries.judging import list_held, load_candidates, load_heat, load_seats
from stations.shifts.queries.risks import list_at_risk
from stations.shifts.queries.shifts import list_shifts
from stations.shifts.queries.volunteers import list_teams, list_volunteers
from stations.shifts.rules.placing import objections
from stations.workflows.preparing import DEMO_START, load_volunteers

EVERYTHING = ("",)
SINCE, UNTIL = datetime(2027, 6, 6, tzinfo=UTC), datetime(2027, 6, 11, tzinfo=UTC)
MADE = ("teams.csv", "volunteers.csv", "shift_templates.csv", "roster.csv")
SOURCES = ("demo/stations.csv", "demo/organizations.csv", "demo/sessions.csv", "beijing_metro_stations.csv")


def count_events() -> int:
    return db.session.execute(select(func.count()).select_from(AuditEvent)).scalar_one()


def find_objections() -> list[str]:
    """What the guard says today of everybody who has a place."""
    seats = load_seats(ShiftNeed.taken > 0)
    candidates, held = load_candidates(Volunteer.id > 0, SINCE, UNTIL), list_held(SINCE, UNTIL)
    assigned = list_assignments(EVERYTHING, SINCE, UNTIL)
    heat, zone = load_heat(SINCE, UNTIL), get_calendar().zone
    found = []
    for row in assigned:
        others = [one for one in held[row.volunteer_id] if one.need_id != row.need_id]
        beside = {one.volunteer_id for one in assigned if one.shift_id == row.shift_id} - {row.volunteer_id}
        seat = seats[row.need_id].seat
        said = objections(
            candidates[row.volunteer_id], seat.work, seat.skill, others, LIMITS, heat, zone=zone, beside=beside
        )
        found += [f"{row.staff_no}: {one.message}" for one in said]
    return found


@on_both
def test_the_demonstration_begins_with_volunteers_shifts_and_a_roster_that_has_gaps(app: Flask) -> None:
    load_volunteers()
    now = clock.now()
    assert abs(now - DEMO_START) < timedelta(minutes=1)
    teams, people = list_teams(EVERYTHING), list_volunteers(EVERYTHING)
    assert (100 <= len(teams) <= 150, len(people)) == (True, 1000)
    assert all(row.name == f"志愿者 {row.staff_no.removeprefix('ZY')}" for row in people)
    standings = Counter(row.standing for row in people)
    assert standings["leader"] == len(teams)
    assert standings["deputy"] > 50
    minors = [row for row in people if row.born_on and row.born_on > DEMO_START.date().replace(year=2009)]
    assert {row.guardian_consent_at is not None for row in minors} == {True, False}
    before, events = list_assignments(EVERYTHING, SINCE, UNTIL), count_events()
    assert Counter(row.source for row in before) == {"self": 366, "leader": 92, "admin": 35}
    shifts = list_shifts(EVERYTHING, SINCE, UNTIL)
    days = Counter(row.starts_at.astimezone(get_calendar().zone).date() for row in shifts)
    assert tuple(sorted(days)) == get_calendar().days
    noon = DEMO_START.replace(hour=12, minute=0)
    busy = [sum(row.places.values()) for row in shifts if row.station == "GH-HD-01" and row.starts_at < noon]
    assert (len(busy), sum(busy)) == (8, 13)
    assert find_objections() == []
    assert 30 < sum(gap.free for gap in list_gaps(EVERYTHING, now, now + timedelta(hours=2))) < 120
    risks = Counter(risk for row in list_at_risk(EVERYTHING, now) for risk in row.risks)
    assert risks["late"] > 1
    assert risks["silent"] > 5
    load_volunteers()
    assert list_assignments(EVERYTHING, SINCE, UNTIL) == before
    assert count_events() == events


def test_its_sheets_are_what_the_seeded_scripts_make(tmp_path: Path) -> None:
    (tmp_path / "data" / "demo").mkdir(parents=True)
    for name in (*SOURCES, "make_demo_volunteers.py", "make_demo_roster.py"):
        shutil.copy(ROOT / "data" / name, tmp_path / "data" / name)
    for script in ("make_demo_volunteers.py", "make_demo_roster.py"):
        made = [sys.executable, str(tmp_path / "data" / script)]
        subprocess.run(made, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    same = filecmp.cmpfiles(ROOT / "data/demo", tmp_path / "data/demo", MADE, shallow=False)
    assert same == (list(MADE), [], [])
