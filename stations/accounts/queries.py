"""People, organizations and what somebody may do."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from stations.accounts.models import Grant, Organization, Person
from stations.accounts.rules import Actor, OrganizationOrder, valid_scopes
from stations.kernel import clock
from stations.kernel.db import db
from stations.kernel.errors import NotFound
from stations.kernel.revision import kept
from stations.kernel.text import _

TOPIC = "organizations"


@dataclass(frozen=True, slots=True)
class OrganizationRow:
    """One organization; `path` is its scope."""

    id: int
    code: str
    name: str
    kind: str
    path: str


def get_actor(person_id: int) -> Actor:
    """The person with the scopes that are valid now, in one SELECT."""
    chosen = (
        select(Person.username, Person.display_name, Grant.role, Grant.path, Grant.ends_at)
        .outerjoin(Grant, Grant.person_id == Person.id)
        .where(Person.id == person_id)
    )
    rows = db.session.execute(chosen).all()
    if not rows:
        raise NotFound("person.unknown", _("There is no such account."))
    grants = [(row.role, row.path, row.ends_at) for row in rows if row.role is not None]
    return Actor(rows[0].username, rows[0].display_name, valid_scopes(grants, clock.now()), person_id)


def find_signed_in(mark: str) -> Actor | None:
    """Whose sessions carry that mark (it changes with the password), while their account is on."""
    chosen = select(Person.id).where(Person.fs_uniquifier == mark, Person.active)
    person_id = db.session.execute(chosen).scalar()
    return None if person_id is None else get_actor(person_id)


def list_display_names(usernames: Collection[str]) -> dict[str, str]:
    """What people are called, by username; who has no account is left out."""
    chosen = select(Person.username, Person.display_name).where(Person.username.in_(usernames))
    return {row.username: row.display_name for row in db.session.execute(chosen)} if usernames else {}


def _load_organizations() -> dict[str, OrganizationRow]:
    fields = (Organization.id, Organization.code, Organization.name, Organization.kind, Organization.path)
    rows = db.session.execute(select(*fields).order_by(Organization.path))
    return {row.code: OrganizationRow(*row) for row in rows}


def list_organizations(paths: tuple[str, ...] = ("",)) -> list[OrganizationRow]:
    """The organizations below any of `paths`, parents before children; kept in memory."""
    return [row for row in kept(TOPIC, _load_organizations).values() if row.path.startswith(paths)]


def find_organization(named: str) -> OrganizationRow | None:
    """The organization of that code or name."""
    rows = kept(TOPIC, _load_organizations)
    return rows.get(named) or next((row for row in rows.values() if row.name == named), None)


def has_people() -> bool:
    """Whether anybody can sign in yet."""
    return db.session.execute(select(Person.id).limit(1)).first() is not None


def organization_values() -> dict[str, dict[str, str]]:
    """Every organization as the texts of its form, by code."""
    rows = db.session.execute(select(Organization).order_by(Organization.path)).scalars()
    return {
        row.code: OrganizationOrder(row.code, row.name, row.name_en, row.kind, _parent_code(row.path)).values()
        for row in rows
    }


def _parent_code(path: str) -> str:
    codes = path.split("/")
    return codes[-3] if len(codes) > 2 else ""
