"""The at-risk list: who may not turn up for a shift that begins soon or has begun."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from stations.kernel.db import db
from stations.places.models import Station
from stations.shifts.models.people import Team, Volunteer
from stations.shifts.models.placing import Assignment
from stations.shifts.models.planning import Shift
from stations.shifts.models.service import Attendance
from stations.shifts.queries.scopes import AnySelect, below
from stations.shifts.rules.risks import WATCHED, Risk, Signs, find_risks
from stations.shifts.rules.rows import Limits, Work
from stations.shifts.rules.states import AssignmentState

SAME_DAY = timedelta(hours=12)
CONFIRMED = AssignmentState.CONFIRMED.value


@dataclass(frozen=True, slots=True)
class RiskRow:
    """Somebody at risk, and why; the gravest sign first. `phone` is the whole number: pages mask it."""

    assignment_id: int
    shift_id: int
    station: str
    station_name: str
    post: str
    starts_at: datetime
    ends_at: datetime
    volunteer_id: int
    staff_no: str
    name: str
    phone: str
    team: str
    risks: tuple[Risk, ...]


def list_at_risk(paths: Sequence[str], now: datetime, limits: Limits | None = None) -> list[RiskRow]:
    """Who may not turn up at stations below `paths`, of shifts that run now or begin within WATCHED, by start; in one
    SELECT."""
    rows = []
    for found in db.session.execute(_select(paths, now)):
        work = Work(*found[9:18])
        before = None if found[18] is None else Work(*found[18:27])
        risks = find_risks(Signs(work, found[1], found[2], found[3], before), limits or Limits(), now)
        if risks:
            span = (work.station_name, work.post, work.starts_at, work.ends_at)
            fields: list[Any] = [found[0], work.shift_id, found[27], *span, *found[4:9], risks]
            rows.append(RiskRow(*fields))
    return rows


def _select(paths: Sequence[str], now: datetime) -> AnySelect:
    earlier, last = aliased(Assignment), aliased(Assignment)
    last_shift, last_station = aliased(Shift), aliased(Station)
    last_id = (
        select(earlier.id)
        .where(
            earlier.volunteer_id == Assignment.volunteer_id, earlier.state == CONFIRMED,
            earlier.ends_at <= Assignment.starts_at,
        )
        .order_by(earlier.ends_at.desc())
        .limit(1)
        .correlate(Assignment)
        .scalar_subquery()
    )  # fmt: skip
    return (
        select(
            Assignment.id, Volunteer.seen_at, Assignment.acknowledged_at, Attendance.in_at, Volunteer.id,
            Volunteer.staff_no, Volunteer.name, Volunteer.phone, func.coalesce(Team.code, ""),
            Shift.id, Station.id, Station.district_code, Shift.post, Station.lat, Station.lon, Shift.starts_at,
            Shift.ends_at, Station.name,
            last_shift.id, last_station.id, last_station.district_code, last_shift.post, last_station.lat,
            last_station.lon, last_shift.starts_at, last_shift.ends_at, last_station.name, Station.code,
        )
        .select_from(Assignment)
        .join(Shift, Shift.id == Assignment.shift_id)
        .join(Station, Station.id == Shift.station_id)
        .join(Volunteer, Volunteer.id == Assignment.volunteer_id)
        .outerjoin(Team, Team.id == Volunteer.team_id)
        .outerjoin(Attendance, Attendance.assignment_id == Assignment.id)
        .outerjoin(last, and_(last.id == last_id, last.ends_at > now - SAME_DAY))
        .outerjoin(last_shift, last_shift.id == last.shift_id)
        .outerjoin(last_station, last_station.id == last_shift.station_id)
        .where(
            Assignment.state == CONFIRMED, Assignment.starts_at < now + WATCHED, Assignment.ends_at > now,
            Attendance.in_at.is_(None), Attendance.no_show_at.is_(None), below(Station.path, paths),
        )
        .order_by(Assignment.starts_at, Station.code, Shift.post, Volunteer.staff_no)
    )  # fmt: skip
