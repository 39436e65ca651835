"""The outbox: what is due, and what became of the rest."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from stations.kernel.db import db
from stations.notices.models import Notice


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One notice."""

    id: int
    key: str
    volunteer_id: int
    path: str
    kind: str
    values: dict[str, str]
    is_urgent: bool
    due_at: datetime
    until: datetime
    tries: int
    sent_at: datetime | None
    failed_reason: str

    @property
    def staff_no(self) -> str:
        """Whom it is for: a volunteer's path ends with their number."""
        return self.path.rstrip("/").rpartition("/")[2]


COLUMNS = (
    Notice.id, Notice.key, Notice.volunteer_id, Notice.path, Notice.kind, Notice.values, Notice.is_urgent,
    Notice.due_at, Notice.until, Notice.tries, Notice.sent_at, Notice.failed_reason,
)  # fmt: skip


def list_due(now: datetime, limit: int, *, urgent_only: bool) -> list[NoticeRow]:
    """What is to be sent now, the oldest first."""
    wanted = [Notice.sent_at.is_(None), Notice.failed_reason == "", Notice.due_at <= now]
    if urgent_only:
        wanted.append(Notice.is_urgent.is_(True))
    return _load(select(*COLUMNS).where(*wanted).order_by(Notice.due_at, Notice.id).limit(limit))


def known_keys(keys: Collection[str]) -> set[str]:
    """Which of them were put in the outbox before."""
    return set(db.session.execute(select(Notice.key).where(Notice.key.in_(keys))).scalars())


def list_notices(paths: Sequence[str], limit: int, offset: int, *, failed_only: bool = False) -> list[NoticeRow]:
    """The notices to volunteers below these paths, the newest first."""
    rows = select(*COLUMNS).where(*_wanted(paths, failed_only)).order_by(Notice.id.desc())
    return _load(rows.limit(limit).offset(offset))


def count_notices(paths: Sequence[str], *, failed_only: bool = False) -> int:
    """How many notices there are below these paths."""
    return db.session.execute(select(func.count(Notice.id)).where(*_wanted(paths, failed_only))).scalar_one()


def _wanted(paths: Sequence[str], failed_only: bool) -> list[ColumnElement[bool]]:
    below = or_(False, *(Notice.path.startswith(path, autoescape=True) for path in paths))
    return [below, Notice.failed_reason != ""] if failed_only else [below]


def _load(rows: Any) -> list[NoticeRow]:
    return [NoticeRow(*row) for row in db.session.execute(rows).all()]
