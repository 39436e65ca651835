"""Who of a team could take over a shift that somebody holds, or exchange one for it."""

from collections.abc import Sequence
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


def list_exchanges(row: AssignmentRow, theirs: Sequence[AssignmentRow]) -> list[AssignmentRow]:
    """Which of `theirs` the guard would let the holder of `row` and theirs exchange for it, each as if they took the
    other's place by themselves."""
    if not theirs:
        return []
    since, until = min(one.starts_at for one in (row, *theirs)), max(one.ends_at for one in (row, *theirs))
    people = {one.volunteer_id for one in (row, *theirs)}
    seats = load_seats(ShiftNeed.id.in_({one.need_id for one in (row, *theirs)}))
    candidates = load_candidates(Volunteer.id.in_(people), since, until)
    held, beside = list_held(since, until, people), list_beside({one.shift_id for one in (row, *theirs)})
    heat, zone = load_heat(since, until), get_calendar().zone

    def may_take(wanted: AssignmentRow, given: AssignmentRow) -> bool:
        seat, candidate = seats.get(wanted.need_id), candidates.get(given.volunteer_id)
        if seat is None or candidate is None:
            return False
        others = beside[wanted.shift_id] - {wanted.volunteer_id}
        own = [one for one in held.get(given.volunteer_id, []) if one.work.shift_id != given.shift_id]
        return given.volunteer_id not in others and not objections(
            candidate, seat.seat.work, seat.seat.skill, own, Limits(), heat, zone=zone, beside=others, asks_self=True
        )

    return [one for one in theirs if may_take(one, row) and may_take(row, one)]
