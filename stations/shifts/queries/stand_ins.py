"""Who of a team could take over a shift that somebody holds."""

from dataclasses import dataclass

from sqlalchemy import select

from stations.kernel.db import db
from stations.seasons.queries import get_calendar
from stations.shifts.models.people import Team, Volunteer
from stations.shifts.models.planning import ShiftNeed
from stations.shifts.queries.assignments import AssignmentRow
from stations.shifts.queries.judging import list_beside, list_held, load_candidates, load_heat, load_seats
from stations.shifts.rules.placing import objections
from stations.shifts.rules.rows import Limits


@dataclass(frozen=True, slots=True)
class StandIn:
    """A teammate whom nothing speaks against; `minutes` are held on the days around the shift."""

    staff_no: str
    name: str
    minutes: int


def list_stand_ins(row: AssignmentRow, limits: Limits | None = None) -> list[StandIn]:
    """The holder's teammates whom the guard would let take over, who hold least first."""
    seat = next((one.seat for one in load_seats(ShiftNeed.id == row.need_id).values()), None)
    if seat is None or not row.team:
        return []
    team_id = select(Team.id).where(Team.code == row.team).scalar_subquery()
    mates = (Volunteer.team_id == team_id) & (Volunteer.id != row.volunteer_id)
    candidates = load_candidates(mates, row.starts_at, row.ends_at)
    held = list_held(row.starts_at, row.ends_at, candidates.keys())
    beside = list_beside({row.shift_id})[row.shift_id] - {row.volunteer_id}
    heat, zone = load_heat(row.starts_at, row.ends_at), get_calendar().zone
    names = select(Volunteer.id, Volunteer.staff_no, Volunteer.name).where(mates).order_by(Volunteer.staff_no)
    fit = []
    for volunteer_id, staff_no, name in db.session.execute(names):
        candidate, own = candidates.get(volunteer_id), held.get(volunteer_id, [])
        if candidate is None or volunteer_id in beside:
            continue
        if not objections(
            candidate, seat.work, seat.skill, own, limits or Limits(), heat, zone=zone, beside=beside, asks_self=True
        ):
            fit.append(StandIn(staff_no, name, sum(one.work.minutes for one in own)))
    return sorted(fit, key=lambda one: one.minutes)
