"""The guard's second look at those who hold a shift that is to change."""

from dataclasses import dataclass, replace
from datetime import datetime

from stations.seasons.queries import get_calendar
from stations.shifts.actions.placing import LIMITS
from stations.shifts.models.people import Volunteer
from stations.shifts.queries.assignments import AssignmentRow, list_assignments_on
from stations.shifts.queries.judging import list_held, load_candidates, load_heat, work_of
from stations.shifts.rules.placing import objections
from stations.shifts.rules.planning import ShiftRow
from stations.shifts.rules.rows import Objection


@dataclass(frozen=True)
class Unfit:
    """Somebody on the shift whom the guard would now refuse. What may be overridden lets them stay."""

    row: AssignmentRow
    objections: tuple[Objection, ...]

    @property
    def may_stay(self) -> bool:
        """Whether nothing speaks against them that nobody could override."""
        return all(one.may_override for one in self.objections)


def list_unfit(row: ShiftRow, starts_at: datetime, ends_at: datetime, post: str) -> list[Unfit]:
    """Whom the guard would refuse, of those on the shift, at another time or post."""
    work = replace(work_of(row), starts_at=starts_at, ends_at=ends_at, post=post)
    assigned = list_assignments_on(row.id)
    volunteers = {one.volunteer_id for one in assigned}
    candidates = load_candidates(Volunteer.id.in_(sorted(volunteers)), starts_at, ends_at)
    held = list_held(starts_at, ends_at, volunteers)
    heat, zone = load_heat(starts_at, ends_at), get_calendar().zone
    unfit = []
    for one in assigned:
        if one.volunteer_id not in candidates:  # they withdrew while it was on
            continue
        others = [mine for mine in held.get(one.volunteer_id, []) if mine.work.shift_id != row.id]
        found = objections(
            candidates[one.volunteer_id], work, one.skill, others, LIMITS, heat, zone=zone,
            beside=volunteers - {one.volunteer_id},
        )  # fmt: skip
        if found:
            unfit.append(Unfit(one, found))
    return unfit
