"""Who could stand in for somebody who is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from sqlalchemy import func, select

from stations.kernel.db import db
from stations.shifts.models.people import Team, Volunteer
from stations.shifts.models.planning import ShiftNeed
from stations.shifts.queries.assignments import AssignmentRow
from stations.shifts.queries.judging import list_beside, list_held, load_candidates, load_heat, load_seats
from stations.shifts.queries.scopes import below
from stations.shifts.rules.placing import objections
from stations.shifts.rules.rows import Limits
from stations.shifts.rules.spans import minutes_from_home


@dataclass(frozen=True, slots=True)
class CoverRow:
    """Somebody to whom the guard has no objection. `way_minutes` is 0 where it is not known."""

    volunteer_id: int
    staff_no: str
    name: str
    team_name: str
    way_minutes: int


def list_covers(row: AssignmentRow, paths: Sequence[str], limits: Limits, zone: tzinfo, most: int) -> list[CoverRow]:
    """The volunteers below `paths` who may take the place of `row` now: of the same team first, then the nearest; the
    number of SELECTs does not grow with them."""
    if not paths:
        return []
    seat = load_seats(ShiftNeed.id == row.need_id)[row.need_id].seat
    since, until = row.starts_at, row.ends_at
    scope = below(Volunteer.path, paths)
    held, heat, beside = list_held(since, until), load_heat(since, until), list_beside([row.shift_id])[row.shift_id]
    others = beside - {row.volunteer_id}
    ways = {
        number: minutes_from_home(one.lat, one.lon, seat.work, limits)
        for number, one in load_candidates(scope, since, until).items()
        if number not in beside
        and not objections(one, seat.work, seat.skill, held.get(number, []), limits, heat, zone=zone, beside=others)
    }
    names = (
        select(Volunteer.id, Volunteer.staff_no, Volunteer.name, func.coalesce(Team.name, ""))
        .outerjoin(Team, Team.id == Volunteer.team_id)
        .where(scope, Volunteer.withdrawn_at.is_(None))
    )
    found = [CoverRow(*one, ways[one[0]]) for one in db.session.execute(names) if one[0] in ways]
    return sorted(found, key=lambda one: (one.team_name != row.team_name, one.way_minutes, one.staff_no))[:most]
