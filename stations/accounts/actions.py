"""Adding people, organizations and grants."""

import secrets
from dataclasses import dataclass

from sqlalchemy import select, update

from stations.accounts.models import Grant, Organization, Person
from stations.accounts.queries import TOPIC, find_organization
from stations.accounts.rules import PERMISSIONS, Actor, OrganizationOrder
from stations.kernel import audit
from stations.kernel.db import changed_one, db
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.revision import next_revision
from stations.kernel.text import _


@dataclass(frozen=True)
class PersonOrder:
    """An account to add. `password_hash` was made by the sign-in library; grants are (role, path)."""

    username: str
    display_name: str
    password_hash: str
    grants: tuple[tuple[str, str], ...]
    is_demo: bool = False


def add_person(order: PersonOrder, actor: str) -> int:
    """Add an account with its grants; its id."""
    if db.session.execute(select(Person.id).where(Person.username == order.username)).first():
        raise Refused("person.exists", _("There is already an account of that name."), field="username")
    unknown = [role for role, _path in order.grants if role not in PERMISSIONS]
    if unknown:
        raise Invalid("role.unknown", _("There is no role %(role)s.", role=unknown[0]), field="role")
    person = Person(
        username=order.username, display_name=order.display_name, password=order.password_hash, active=True,
        is_demo=order.is_demo, fs_uniquifier=secrets.token_hex(16),
    )  # fmt: skip
    db.session.add(person)
    db.session.flush()
    db.session.add_all(Grant(person_id=person.id, role=role, path=path) for role, path in order.grants)
    db.session.flush()
    granted = {"grants": [list(grant) for grant in order.grants]}
    audit.record("person.add", f"person:{order.username}", actor=actor, after=granted)
    return person.id


def set_password(username: str, password_hash: str, actor: str) -> None:
    """Give an account another password; its sessions end and its second factor is dropped."""
    fields = {
        "password": password_hash, "fs_uniquifier": secrets.token_hex(16), "tf_primary_method": None,
        "tf_totp_secret": None, "mf_recovery_codes": None,
    }  # fmt: skip
    if not changed_one(update(Person).where(Person.username == username).values(**fields)):
        raise NotFound("person.unknown", _("There is no such account."))
    audit.record("person.password", f"person:{username}", actor=actor)


def save_organization(order: OrganizationOrder, actor: Actor) -> None:
    """Add an organization or rename the one of that code. An existing one keeps its place in the tree."""
    actor.require("accounts.write")
    next_revision(TOPIC)  # first, so that nobody else adds the same meanwhile
    known = db.session.execute(select(Organization).where(Organization.code == order.code)).scalar()
    if known is None:
        parent = find_organization(order.parent) if order.parent else None
        if order.parent and parent is None:
            message = _("There is no organization %(code)s.", code=order.parent)
            raise Invalid("organization.parent", message, field="parent")
        path = f"{parent.path if parent else ''}{order.code}/"
        known = Organization(code=order.code, parent_id=parent.id if parent else None, path=path)
    known.name, known.name_en, known.kind = order.name, order.name_en, order.kind
    db.session.add(known)
    db.session.flush()
    audit.record("organization.save", f"organization:{order.code}", actor=actor.username, scope=known.path)
