"""What every change of a team or a volunteer shares: the guarded write and its audit line."""

from typing import Any

from sqlalchemy import insert, update

from stations.accounts.queries import OrganizationRow, find_organization
from stations.kernel.db import changed_one, db
from stations.kernel.errors import Invalid, Refused
from stations.kernel.text import Text, _
from stations.shifts.models.people import Team, Volunteer

CHANGED: Text = _("Somebody else changed this meanwhile. Please look again; what you typed is kept.")
NOTHING_YET = 0  # the version that a writer saw who adds something new


def write(
    table: type[Team] | type[Volunteer], known_id: int | None, version: int | None, start: dict[str, Any],
    fields: dict[str, Any],
) -> int:  # fmt: skip
    """Insert (`start` and `fields`), or update where the version is still the one that the writer saw; the id."""
    if known_id is None:
        if version:
            raise Refused("row.gone", CHANGED)
        return db.session.execute(insert(table).values(version=1, **start, **fields).returning(table.id)).scalar_one()
    if version == NOTHING_YET:
        raise Refused("row.exists", _("This code is taken. Please choose another one."), field="code")
    same = update(table).where(table.id == known_id)
    if version is not None:
        same = same.where(table.version == version)
    if not changed_one(same.values(version=table.version + 1, **fields)):
        raise Refused("row.changed", CHANGED)
    return known_id


def get_organization(code: str) -> OrganizationRow:
    """The organization of that code or name. Raises Invalid."""
    row = find_organization(code)
    if row is None:
        message = _("There is no organization %(code)s.", code=code)
        raise Invalid("organization.unknown", message, field="organization")
    return row
