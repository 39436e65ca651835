"""Who is where: assignments with their shift, their volunteer and what is known of the attendance."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from stations.kernel.db import db
from stations.kernel.errors import NotFound
from stations.kernel.text import Text, _
from stations.places.models import Station
from stations.shifts.models.people import Team, Volunteer
from stations.shifts.models.placing import Assignment
from stations.shifts.models.planning import Shift, ShiftNeed
from stations.shifts.models.service import Attendance
from stations.shifts.queries.scopes import AnySelect, below
from stations.shifts.rules.states import AssignmentState

NO_ASSIGNMENT: Text = _("There is no such assignment.")
NEVER_THEIRS = (AssignmentState.PROPOSED, AssignmentState.DECLINED)
CONFIRMED = AssignmentState.CONFIRMED.value


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """A volunteer at a place of a shift. `path` is the shift's station's, `volunteer_path` the volunteer's own.
    `phone` is the whole number: pages mask it. `is_cancelled` tells of the shift."""

    id: int
    state: str
    source: str
    need_id: int
    skill: str
    shift_id: int
    post: str
    starts_at: datetime
    ends_at: datetime
    sequence: int
    is_cancelled: bool
    station_id: int
    station: str
    station_name: str
    path: str
    volunteer_id: int
    staff_no: str
    name: str
    phone: str
    volunteer_path: str
    standing: str
    seen_at: datetime | None
    team: str
    team_name: str
    by: str
    at: datetime
    acknowledged_at: datetime | None
    override_reason: str
    proposal_id: int | None
    in_at: datetime | None
    out_at: datetime | None
    no_show_at: datetime | None


def list_assignments(
    paths: Sequence[str], since: datetime, until: datetime, state: AssignmentState = AssignmentState.CONFIRMED
) -> list[AssignmentRow]:
    """The assignments at stations below `paths` that touch the span, by start, station, post and team, leaders first;
    in one SELECT."""
    span = Assignment.starts_at < until, Assignment.ends_at > since
    return load_assignments(below(Station.path, paths), Assignment.state == state.value, *span)


def list_assignments_of_team(paths: Sequence[str], since: datetime, until: datetime) -> list[AssignmentRow]:
    """What the volunteers below `paths` hold in the span, wherever it is."""
    span = Assignment.starts_at < until, Assignment.ends_at > since
    return load_assignments(below(Volunteer.path, paths), Assignment.state == CONFIRMED, *span)


def list_assignments_of(volunteer_id: int, since: datetime) -> list[AssignmentRow]:
    """What one volunteer holds from then on, and what was called off since: a calendar has to say so."""
    shown = [state.value for state in AssignmentState if state not in NEVER_THEIRS]
    return load_assignments(
        Assignment.volunteer_id == volunteer_id, Assignment.state.in_(shown), Assignment.ends_at > since
    )


def list_assignments_by_id(ids: Collection[int]) -> list[AssignmentRow]:
    """The assignments of these ids, ended ones too."""
    return load_assignments(Assignment.id.in_(sorted(ids)))


def list_assignments_on(shift_id: int) -> list[AssignmentRow]:
    """Who is on a shift."""
    return load_assignments(Assignment.shift_id == shift_id, Assignment.state == CONFIRMED)


def list_proposed(proposal_id: int) -> list[AssignmentRow]:
    """The assignments of a proposal that nobody has decided on yet."""
    return load_assignments(Assignment.proposal_id == proposal_id, Assignment.state == AssignmentState.PROPOSED.value)


def get_assignment(assignment_id: int) -> AssignmentRow:
    """The assignment of that id, an ended one too."""
    rows = load_assignments(Assignment.id == assignment_id)
    if not rows:
        raise NotFound("assignment.unknown", NO_ASSIGNMENT)
    return rows[0]


def load_assignments(*wanted: ColumnElement[bool]) -> list[AssignmentRow]:
    """The assignments for which all of `wanted` hold."""
    chosen: AnySelect = (
        select(
            Assignment.id, Assignment.state, Assignment.source, Assignment.need_id, ShiftNeed.skill, Shift.id,
            Shift.post, Assignment.starts_at, Assignment.ends_at, Shift.sequence, Shift.cancelled_at.is_not(None),
            Station.id, Station.code, Station.name, Station.path, Volunteer.id, Volunteer.staff_no, Volunteer.name,
            Volunteer.phone, Volunteer.path, Volunteer.standing, Volunteer.seen_at, func.coalesce(Team.code, ""),
            func.coalesce(Team.name, ""), Assignment.by, Assignment.at, Assignment.acknowledged_at,
            Assignment.override_reason, Assignment.proposal_id, Attendance.in_at, Attendance.out_at,
            Attendance.no_show_at,
        )
        .select_from(Assignment)
        .join(ShiftNeed, ShiftNeed.id == Assignment.need_id)
        .join(Shift, Shift.id == Assignment.shift_id)
        .join(Station, Station.id == Shift.station_id)
        .join(Volunteer, Volunteer.id == Assignment.volunteer_id)
        .outerjoin(Team, Team.id == Volunteer.team_id)
        .outerjoin(Attendance, Attendance.assignment_id == Assignment.id)
        .where(*wanted)
        .order_by(
            Assignment.starts_at, Station.code, Shift.post, Team.code, Volunteer.standing.desc(), Volunteer.staff_no,
            Assignment.id,
        )
    )  # fmt: skip
    return [AssignmentRow(*row) for row in db.session.execute(chosen)]
