"""What every change of a team, a volunteer or a template shares: the guarded write and its audit line."""

from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from stations.accounts.queries import OrganizationRow, find_organization
from stations.kernel.db import attempt, changed_one, db
from stations.kernel.errors import Invalid, Refused
from stations.kernel.text import Text, _
from stations.kernel.versions import CHANGED, Changed
from stations.shifts.models.people import Team, Volunteer
from stations.shifts.models.planning import ShiftTemplate

Written = type[Team] | type[Volunteer] | type[ShiftTemplate]
TAKEN: Text = _("This code is taken. Please choose another one.")
NOTHING_YET = 0  # the version that a writer saw who adds something new


def write(
    table: Written, known_id: int | None, version: int | None, start: dict[str, Any], fields: dict[str, Any]
) -> int:
    """Insert (`start` and `fields`), or update where the version is still the one that the writer saw; the id."""
    if known_id is None:
        if version:
            raise Refused("row.gone", CHANGED)
        added = insert(table).values(version=1, **start, **fields).returning(table.id)
        try:
            with attempt():
                return db.session.execute(added).scalar_one()
        except IntegrityError:  # somebody else has just added it
            raise Refused("row.exists", TAKEN, field="code") from None
    if version == NOTHING_YET:
        raise Refused("row.exists", TAKEN, field="code")
    same = update(table).where(table.id == known_id)
    if version is not None:
        same = same.where(table.version == version)
    if not changed_one(same.values(version=table.version + 1, **fields)):
        raise Changed("row")
    return known_id


def get_organization(code: str) -> OrganizationRow:
    """The organization of that code or name. Raises Invalid."""
    row = find_organization(code)
    if row is None:
        message = _("There is no organization %(code)s.", code=code)
        raise Invalid("organization.unknown", message, field="organization")
    return row
