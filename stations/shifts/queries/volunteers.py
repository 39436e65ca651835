"""Volunteers and teams."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select

from stations.accounts.models import Organization
from stations.kernel.db import db
from stations.kernel.errors import NotFound
from stations.kernel.text import Text, _
from stations.shifts.models.people import Team, Volunteer
from stations.shifts.queries.scopes import AnySelect, below
from stations.shifts.rules.orders import TeamOrder, VolunteerOrder

NO_VOLUNTEER: Text = _("There is no such volunteer.")
NO_TEAM: Text = _("There is no such team.")


@dataclass(frozen=True, slots=True)
class TeamRow:
    """One team; `path` is its scope, `organization` a code, `members` how many volunteers it has."""

    id: int
    code: str
    name: str
    name_en: str
    kind: str
    organization_id: int
    organization: str
    path: str
    version: int
    is_archived: bool
    members: int


@dataclass(frozen=True, slots=True)
class VolunteerRow:
    """One volunteer; `team` is '' without one. `phone` is the whole number: pages mask it."""

    id: int
    staff_no: str
    name: str
    phone: str
    born_on: date | None
    guardian_consent_at: datetime | None
    organization: str
    organization_name: str
    team_id: int | None
    team: str
    team_name: str
    team_path: str
    path: str
    standing: str
    lat: float | None
    lon: float | None
    link_no: int
    feed_key: str
    seen_at: datetime | None
    version: int
    is_withdrawn: bool
    has_code: bool

    @property
    def code(self) -> str:
        """What tells volunteers apart."""
        return self.staff_no

    @property
    def group_path(self) -> str:
        """The path of the team or organization: what the audit trail, which is never erased, may keep of `path`."""
        return self.path.removesuffix(f"{self.staff_no}/")


def list_teams(paths: Sequence[str]) -> list[TeamRow]:
    """The live teams below `paths`, by code; in one SELECT."""
    return _load_teams(Team.archived_at.is_(None), below(Team.path, paths))


def find_team(code: str) -> TeamRow | None:
    """The team of that code, an archived one too."""
    return next(iter(_load_teams(Team.code == code)), None)


def get_team(code: str) -> TeamRow:
    """The live team of that code."""
    row = find_team(code)
    if row is None or row.is_archived:
        raise NotFound("team.unknown", NO_TEAM)
    return row


def _load_teams(*wanted: ColumnElement[bool]) -> list[TeamRow]:
    members = (
        select(func.count())
        .where(Volunteer.team_id == Team.id, Volunteer.withdrawn_at.is_(None))
        .correlate(Team)
        .scalar_subquery()
    )
    chosen = (
        select(
            Team.id, Team.code, Team.name, Team.name_en, Team.kind, Team.organization_id, Organization.code, Team.path,
            Team.version, Team.archived_at.is_not(None), members,
        )
        .join(Organization, Organization.id == Team.organization_id)
        .where(*wanted)
        .order_by(Team.code)
    )  # fmt: skip
    return [TeamRow(*row) for row in db.session.execute(chosen)]


def list_volunteers(
    paths: Sequence[str], text: str = "", team: str = "", limit: int | None = None, offset: int = 0
) -> list[VolunteerRow]:
    """The volunteers below `paths` who have not withdrawn, with `text` in number, name or team, by team, leaders first,
    then number; in one SELECT."""
    chosen = _select(*_filter(paths, text, team)).order_by(
        Team.code, Volunteer.standing.desc(), Volunteer.staff_no
    )  # "leader", "deputy", ""
    return _load(chosen.limit(limit).offset(offset))


def count_volunteers(paths: Sequence[str], text: str = "", team: str = "") -> int:
    """How many `list_volunteers` finds without a limit."""
    joined = select(func.count()).select_from(Volunteer).outerjoin(Team, Team.id == Volunteer.team_id)
    return db.session.execute(joined.where(*_filter(paths, text, team))).scalar_one()


def find_volunteer(staff_no: str) -> VolunteerRow | None:
    """The volunteer of that staff number, a withdrawn one too."""
    return next(iter(_load(_select(Volunteer.staff_no == staff_no))), None)


def get_volunteer(volunteer_id: int) -> VolunteerRow:
    """The volunteer of that id, a withdrawn one too."""
    rows = _load(_select(Volunteer.id == volunteer_id))
    if not rows:
        raise NotFound("volunteer.unknown", NO_VOLUNTEER)
    return rows[0]


def find_volunteer_by_feed(feed_key: str) -> VolunteerRow | None:
    """Whose calendar feed has that key; nobody who has withdrawn."""
    rows = _load(_select(Volunteer.feed_key == feed_key, Volunteer.withdrawn_at.is_(None)))
    return next(iter(rows), None)


def lock_volunteers(ids: Collection[int]) -> None:
    """Lock these volunteers to the end of the transaction, before anything else is: what one of them holds is decided
    by one transaction at a time."""
    chosen = select(Volunteer.id).where(Volunteer.id.in_(sorted(ids)))
    db.session.execute(chosen.order_by(Volunteer.id).with_for_update()).all()


def lock_volunteer(staff_no: str) -> VolunteerRow:
    """The volunteer of that staff number, locked to the end of the transaction."""
    db.session.execute(select(Volunteer.id).where(Volunteer.staff_no == staff_no).with_for_update()).first()
    row = find_volunteer(staff_no)
    if row is None or row.is_withdrawn:
        raise NotFound("volunteer.unknown", NO_VOLUNTEER)
    return row


def find_code_hash(staff_no: str) -> str:
    """What the short code of a volunteer is checked against; '' where nobody can sign in by that number."""
    chosen = select(Volunteer.code_hash).where(Volunteer.staff_no == staff_no, Volunteer.withdrawn_at.is_(None))
    return db.session.execute(chosen).scalar() or ""


def _filter(paths: Sequence[str], text: str, team: str) -> list[ColumnElement[bool]]:
    wanted = [Volunteer.withdrawn_at.is_(None), below(Volunteer.path, paths)]
    if team:
        wanted.append(Team.code == team)
    if text:
        columns = (Volunteer.staff_no, Volunteer.name, Team.code, Team.name)
        wanted.append(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    return wanted


def _select(*wanted: ColumnElement[bool]) -> AnySelect:
    return (
        select(
            Volunteer.id, Volunteer.staff_no, Volunteer.name, Volunteer.phone, Volunteer.born_on,
            Volunteer.guardian_consent_at, Organization.code, Organization.name, Volunteer.team_id,
            func.coalesce(Team.code, ""), func.coalesce(Team.name, ""), func.coalesce(Team.path, ""), Volunteer.path,
            Volunteer.standing, Volunteer.lat, Volunteer.lon, Volunteer.link_no, Volunteer.feed_key,
            Volunteer.seen_at, Volunteer.version, Volunteer.withdrawn_at.is_not(None), Volunteer.code_hash != "",
        )
        .join(Organization, Organization.id == Volunteer.organization_id)
        .outerjoin(Team, Team.id == Volunteer.team_id)
        .where(*wanted)
    )  # fmt: skip


def _load(chosen: AnySelect) -> list[VolunteerRow]:
    return [VolunteerRow(*row) for row in db.session.execute(chosen)]


def team_order(row: TeamRow) -> TeamOrder:
    """A stored team as an order."""
    return TeamOrder(row.code, row.name, row.name_en, row.kind, row.organization, row.version)


def volunteer_order(row: VolunteerRow) -> VolunteerOrder:
    """A stored volunteer as an order."""
    point = None if row.lat is None or row.lon is None else (row.lat, row.lon)
    return VolunteerOrder(
        row.staff_no, row.name, row.organization, row.team, row.phone, row.born_on,
        row.guardian_consent_at is not None, point, version=row.version,
    )  # fmt: skip
