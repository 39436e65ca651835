"""Service that was given: every attendance with its minutes, the sums over them, and certificates."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from stations.accounts.models import Organization
from stations.kernel.db import db
from stations.kernel.errors import NotFound
from stations.kernel.text import Text, _
from stations.places.models import Station
from stations.seasons.queries import get_calendar
from stations.shifts.models.people import Team, Volunteer
from stations.shifts.models.placing import Assignment
from stations.shifts.models.planning import Shift
from stations.shifts.models.service import Attendance, SeasonRounding, ServiceRecord
from stations.shifts.queries.assignments import CONFIRMED
from stations.shifts.queries.scopes import AnySelect, below
from stations.shifts.rules.service import EXACT, ROUNDINGS, Presence, Tally, count_minutes, tally

NO_CERTIFICATE: Text = _("There is no such certificate.")


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """One attendance of somebody who has left again, and the minutes that it counts. `organizer` is the host of the
    station, `team` and `union` are codes."""

    assignment_id: int
    volunteer_id: int
    staff_no: str
    name: str
    team: str
    team_name: str
    union: str
    union_name: str
    district: str
    station_name: str
    organizer: str
    post: str
    starts_at: datetime
    ends_at: datetime
    in_at: datetime
    out_at: datetime
    is_closed_by_program: bool
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class GroupRow:
    """The figures of a club, a union or a district."""

    code: str
    name: str
    figures: Tally


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """A certificate; `unit` is '' where the platform alone says so. `path` is the volunteer's."""

    number: str
    key: str
    volunteer_id: int
    staff_no: str
    name: str
    path: str
    since: datetime
    until: datetime
    minutes: int
    attendances: int
    content: str
    unit: str
    issued_at: datetime
    issued_by: str
    is_revoked: bool


def find_rounding(season_id: int | None) -> str:
    """By which of ROUNDINGS a season's minutes are rounded."""
    said = db.session.execute(select(SeasonRounding.rounding).where(SeasonRounding.season_id == season_id)).scalar()
    return said if said is not None and said in ROUNDINGS else EXACT


def get_rounding() -> str:
    """The same of the current season."""
    return find_rounding(get_calendar().season_id)


def list_service(
    paths: Sequence[str], since: datetime, until: datetime, volunteer_id: int | None = None
) -> list[ServiceRow]:
    """What the volunteers below `paths` did in shifts that began in the span, by start, with their minutes rounded as
    the season says."""
    wanted = [below(Volunteer.path, paths), Assignment.starts_at >= since, Assignment.starts_at < until]
    if volunteer_id is not None:
        wanted.append(Volunteer.id == volunteer_id)
    rows = _load(*wanted)
    presences = [Presence(row.volunteer_id, row.starts_at, row.ends_at, row.in_at, row.out_at) for row in rows]
    counted = count_minutes(presences, get_rounding())
    return [replace(row, minutes=minutes) for row, minutes in zip(rows, counted, strict=True)]


def _load(*wanted: ColumnElement[bool]) -> list[ServiceRow]:
    host, own = aliased(Organization), aliased(Organization)
    chosen: AnySelect = (
        select(
            Assignment.id, Volunteer.id, Volunteer.staff_no, Volunteer.name, func.coalesce(Team.code, ""),
            func.coalesce(Team.name, ""), own.code, own.name, Station.district_code, Station.name, host.name,
            Shift.post, Assignment.starts_at, Assignment.ends_at, Attendance.in_at, Attendance.out_at,
            Attendance.is_closed_by_program,
        )
        .select_from(Attendance)
        .join(Assignment, Assignment.id == Attendance.assignment_id)
        .join(Shift, Shift.id == Assignment.shift_id)
        .join(Station, Station.id == Shift.station_id)
        .join(host, host.id == Station.organization_id)
        .join(Volunteer, Volunteer.id == Assignment.volunteer_id)
        .join(own, own.id == Volunteer.organization_id)
        .outerjoin(Team, Team.id == Volunteer.team_id)
        .where(Assignment.state == CONFIRMED, Attendance.out_at.is_not(None), *wanted)
        .order_by(Assignment.starts_at, Team.code, Volunteer.staff_no, Assignment.id)
    )  # fmt: skip
    return [ServiceRow(*row) for row in db.session.execute(chosen)]


def sum_by(rows: Sequence[ServiceRow], key: Callable[[ServiceRow], tuple[str, str]]) -> list[GroupRow]:
    """The figures of each group, whose (code, name) `key` says, by code."""
    groups: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append((row.volunteer_id, row.minutes))
    return [GroupRow(code, name, tally(counted)) for (code, name), counted in sorted(groups.items())]


def sum_all(rows: Sequence[ServiceRow]) -> Tally:
    """The figures of all of them."""
    return tally((row.volunteer_id, row.minutes) for row in rows)


def find_certificate(number: str) -> CertificateRow | None:
    """The certificate of that number, a revoked one too."""
    return _find(ServiceRecord.number == number)


def get_certificate(number: str) -> CertificateRow:
    """The same. Raises NotFound."""
    row = find_certificate(number)
    if row is None:
        raise NotFound("certificate.unknown", NO_CERTIFICATE)
    return row


def find_certificate_by_key(key: str) -> CertificateRow | None:
    """The certificate whose verification link holds that key."""
    return _find(ServiceRecord.key == key)


def list_certificates(paths: Sequence[str], most: int) -> list[CertificateRow]:
    """The latest certificates of volunteers below `paths`, the newest first."""
    return _load_certificates(below(Volunteer.path, paths), most=most)


def _find(wanted: ColumnElement[bool]) -> CertificateRow | None:
    return next(iter(_load_certificates(wanted, most=1)), None)


def _load_certificates(*wanted: ColumnElement[bool], most: int) -> list[CertificateRow]:
    chosen: AnySelect = (
        select(
            ServiceRecord.number, ServiceRecord.key, Volunteer.id, Volunteer.staff_no, Volunteer.name, Volunteer.path,
            ServiceRecord.since, ServiceRecord.until, ServiceRecord.minutes, ServiceRecord.attendances,
            ServiceRecord.content, func.coalesce(Organization.name, ""), ServiceRecord.issued_at,
            ServiceRecord.issued_by, ServiceRecord.revoked_at.is_not(None),
        )
        .join(Volunteer, Volunteer.id == ServiceRecord.volunteer_id)
        .outerjoin(Organization, Organization.id == ServiceRecord.recording_unit_id)
        .where(*wanted)
        .order_by(ServiceRecord.id.desc())
        .limit(most)
    )  # fmt: skip
    return [CertificateRow(*row) for row in db.session.execute(chosen)]
