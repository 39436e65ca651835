"""Records that several people keep: a change is written only over the version that its writer saw."""

from typing import Any

from sqlalchemy import insert, update

from stations.kernel.db import Base, changed_one, db
from stations.kernel.errors import Refused
from stations.kernel.text import Text, _

CHANGED: Text = _("Somebody else changed this meanwhile. Please look again; what you typed is kept.")

NOTHING_YET = 0  # the version that a writer saw who adds a record


class Changed(Refused):
    """What is stored is newer than what the writer saw; `subject` is what kind of thing it is."""

    def __init__(self, subject: str) -> None:
        super().__init__(f"{subject}.changed", CHANGED)


def write_record(
    table: type[Base], known_id: int | None, version: int | None, fields: dict[str, Any], start: dict[str, Any]
) -> int:
    """Insert `start` and `fields`, or set the `fields` of the record `known_id`; its id. Without a `version` whatever
    is stored gives way. Raises Changed, and Refused where it is gone or a new one's code is taken."""
    subject = table.__tablename__
    if known_id is None:
        if version:
            raise Refused(f"{subject}.gone", CHANGED)
        added = insert(table).values(version=1, **start, **fields).returning(table.id)  # type: ignore[attr-defined]
        return int(db.session.execute(added).scalar_one())
    if version == NOTHING_YET:
        raise Refused(f"{subject}.exists", _("This code is taken. Please choose another one."), field="code")
    same = update(table).where(table.id == known_id)  # type: ignore[attr-defined]
    if version is not None:
        same = same.where(table.version == version)  # type: ignore[attr-defined]
    if not changed_one(same.values(version=table.version + 1, **fields)):  # type: ignore[attr-defined]
        raise Changed(subject)
    return known_id
