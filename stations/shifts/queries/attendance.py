"""Who is expected, there, gone or missing; and what the program has to close."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from stations.kernel.db import db
from stations.kernel.errors import NotFound
from stations.places.models import Station
from stations.shifts.models.people import Team, Volunteer
from stations.shifts.models.placing import Assignment
from stations.shifts.models.planning import Shift, ShiftNeed
from stations.shifts.models.service import Attendance
from stations.shifts.queries.assignments import CONFIRMED, NO_ASSIGNMENT
from stations.shifts.queries.scopes import AnySelect, below
from stations.shifts.rules.attendance import AFTER_END, Presence, Seen, Spot, presence


@dataclass(frozen=True, slots=True)
class AttendanceRow:
    """Somebody who is, was or should have been at a post. `path` is the station's, `volunteer_path` the volunteer's,
    `team_path` the path of the team or organization. `phone` is the whole number: pages mask it. `version` is 0 where
    nothing was recorded yet."""

    assignment_id: int
    state: str
    shift_id: int
    need_id: int
    post: str
    skill: str
    starts_at: datetime
    ends_at: datetime
    station: str
    station_name: str
    path: str
    lat: float
    lon: float
    volunteer_id: int
    staff_no: str
    name: str
    phone: str
    volunteer_path: str
    standing: str
    team_name: str
    in_at: datetime | None
    in_how: str
    out_at: datetime | None
    out_how: str
    is_closed_by_program: bool
    no_show_at: datetime | None
    version: int

    @property
    def seen(self) -> Seen:
        """What is known of it."""
        return Seen(self.in_at, self.out_at, self.is_closed_by_program, self.no_show_at)

    @property
    def spot(self) -> Spot:
        """Where and when it is."""
        return Spot(self.station, self.station_name, self.lat, self.lon, self.starts_at, self.ends_at)

    def presence(self, now: datetime) -> Presence:
        """Where they stand now."""
        return presence(self.seen, self.starts_at, now)


@dataclass(frozen=True, slots=True)
class PostRow:
    """One post of one shift with who belongs there. `expected` is everybody, the present, the gone and the missing
    too; `empty` how many places nobody has."""

    shift_id: int
    post: str
    starts_at: datetime
    ends_at: datetime
    people: tuple[AttendanceRow, ...]
    empty: int

    def count(self, wanted: Presence, now: datetime) -> int:
        """How many stand so."""
        return sum(row.presence(now) == wanted for row in self.people)

    def came(self) -> int:
        """How many have come, whether or not they have left."""
        return sum(row.in_at is not None for row in self.people)


def get_attendance(assignment_id: int) -> AttendanceRow:
    """One confirmed assignment with what is known of the attendance."""
    rows = _load(Assignment.id == assignment_id)
    if not rows:
        raise NotFound("assignment.unknown", NO_ASSIGNMENT)
    return rows[0]


def lock_attendance(assignment_id: int) -> AttendanceRow:
    """The same, locked to the end of the transaction."""
    db.session.execute(select(Assignment.id).where(Assignment.id == assignment_id).with_for_update()).first()
    return get_attendance(assignment_id)


def list_attendance(station: str, since: datetime, until: datetime) -> list[AttendanceRow]:
    """Who has a place at a station in the span, by start, post and team; in one SELECT."""
    return _load(Station.code == station, Assignment.starts_at < until, Assignment.ends_at > since)


def list_team_attendance(paths: Sequence[str], since: datetime, until: datetime) -> list[AttendanceRow]:
    """The same of the volunteers below `paths`, wherever they are."""
    return _load(below(Volunteer.path, paths), Assignment.starts_at < until, Assignment.ends_at > since)


def list_by_digits(typed: str, since: datetime, until: datetime) -> list[AttendanceRow]:
    """Who has a place anywhere in the span and a staff or phone number that ends so, or that staff number."""
    own = (Volunteer.staff_no.endswith(typed, autoescape=True)) | (Volunteer.phone.endswith(typed, autoescape=True))
    return _load(own, Assignment.starts_at < until, Assignment.ends_at > since)


def list_unclosed(now: datetime, since: datetime) -> list[AttendanceRow]:
    """Whose shift ended a while ago and who is neither gone nor missing by now."""
    over = Assignment.ends_at <= now - AFTER_END, Assignment.ends_at > since
    return _load(*over, Attendance.out_at.is_(None), Attendance.no_show_at.is_(None))


def list_posts(station: str, since: datetime, until: datetime) -> list[PostRow]:
    """The live shifts at a station in the span, by start and post, with who belongs there; in two SELECTs."""
    people: dict[int, list[AttendanceRow]] = defaultdict(list)
    for row in list_attendance(station, since, until):
        people[row.shift_id].append(row)
    places = func.sum(ShiftNeed.places - ShiftNeed.taken)
    chosen = (
        select(Shift.id, Shift.post, Shift.starts_at, Shift.ends_at, places)
        .join(Station, Station.id == Shift.station_id)
        .join(ShiftNeed, ShiftNeed.shift_id == Shift.id)
        .where(Station.code == station, Shift.starts_at < until, Shift.ends_at > since, Shift.cancelled_at.is_(None))
        .group_by(Shift.id, Shift.post, Shift.starts_at, Shift.ends_at)
        .order_by(Shift.starts_at, Shift.post, Shift.id)
    )
    return [
        PostRow(number, post, starts, ends, tuple(people[number]), int(empty))
        for number, post, starts, ends, empty in db.session.execute(chosen)
    ]


def _load(*wanted: ColumnElement[bool]) -> list[AttendanceRow]:
    chosen: AnySelect = (
        select(
            Assignment.id, Assignment.state, Assignment.shift_id, Assignment.need_id, Shift.post, ShiftNeed.skill,
            Assignment.starts_at, Assignment.ends_at, Station.code, Station.name, Station.path, Station.lat,
            Station.lon, Volunteer.id, Volunteer.staff_no, Volunteer.name, Volunteer.phone, Volunteer.path,
            Volunteer.standing, func.coalesce(Team.name, ""), Attendance.in_at, func.coalesce(Attendance.in_how, ""),
            Attendance.out_at, func.coalesce(Attendance.out_how, ""),
            func.coalesce(Attendance.is_closed_by_program, False), Attendance.no_show_at,
            func.coalesce(Attendance.version, 0),
        )
        .select_from(Assignment)
        .join(ShiftNeed, ShiftNeed.id == Assignment.need_id)
        .join(Shift, Shift.id == Assignment.shift_id)
        .join(Station, Station.id == Shift.station_id)
        .join(Volunteer, Volunteer.id == Assignment.volunteer_id)
        .outerjoin(Team, Team.id == Volunteer.team_id)
        .outerjoin(Attendance, Attendance.assignment_id == Assignment.id)
        .where(Assignment.state == CONFIRMED, *wanted)
        .order_by(Assignment.starts_at, Shift.post, Team.code, Volunteer.standing.desc(), Volunteer.staff_no)
    )  # fmt: skip
    return [AttendanceRow(*row) for row in db.session.execute(chosen)]
