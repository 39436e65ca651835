"""What every change of a place shares: the guarded write, its district, its audit line."""

from typing import Any

from sqlalchemy import insert, update

from stations.accounts.rules import Actor
from stations.kernel import audit
from stations.kernel.db import changed_one, db
from stations.kernel.errors import Invalid, Refused
from stations.kernel.text import Text, _
from stations.places.models import ExamSite, Station
from stations.places.queries.loading import find_district

CHANGED: Text = _("Somebody else changed this meanwhile. Please look again; what you typed is kept.")

NOTHING_YET = 0  # the version that a writer saw who adds a new place


def write(
    table: type[Station] | type[ExamSite],
    code: str,
    known_id: int | None,
    version: int | None,
    fields: dict[str, Any],
) -> int:
    """Insert, or update where the version is still the one that the writer saw; the row's id."""
    if known_id is None:
        if version:
            raise Refused("place.gone", CHANGED)
        start: dict[str, Any] = {"state": "planned", "state_reason": ""} if table is Station else {}
        added = insert(table).values(code=code, version=1, **start, **fields).returning(table.id)
        return db.session.execute(added).scalar_one()
    if version == NOTHING_YET:
        raise Refused("place.exists", _("This code is taken. Please choose another one."), field="code")
    same = update(table).where(table.id == known_id)
    if version is not None:
        same = same.where(table.version == version)
    if not changed_one(same.values(version=table.version + 1, **fields)):
        raise Refused("place.changed", CHANGED)
    return known_id


def get_district_code(name: str) -> str:
    """The code of a district by its name."""
    district = find_district(name)
    if district is None:
        raise Invalid("district.unknown", _("There is no district %(name)s.", name=name), field="district")
    return district.code


def record_change(
    action: str, subject: str, actor: Actor, scope: str, before: dict[str, str], after: dict[str, str]
) -> None:
    """Append the audit line of a change: the fields that changed, before and after."""
    changed = {name for name in after if before.get(name) != after[name]}
    audit.record(
        action, subject, actor=actor.username, scope=scope,
        before={name: value for name, value in before.items() if name in changed},
        after={name: value for name, value in after.items() if name in changed},
    )  # fmt: skip
