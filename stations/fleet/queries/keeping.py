"""What is still kept of people and tracks, and since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import false, func, or_, select

from stations.fleet.models import HelpRequest, PositionReport
from stations.fleet.rules.requests import OPEN
from stations.kernel.db import db


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A request that is over and whose place, and phone where one was left, is not erased yet."""

    id: int
    closed_at: datetime
    has_phone: bool


def list_kept(paths: Sequence[str]) -> list[KeptRow]:
    """Those below any of `paths`, the oldest first."""
    below = or_(false(), *(HelpRequest.path.startswith(path, autoescape=True) for path in paths))
    chosen = (
        select(HelpRequest.id, HelpRequest.closed_at, HelpRequest.phone != "")
        .where(below, HelpRequest.state.not_in(OPEN), HelpRequest.erased_at.is_(None))
        .order_by(HelpRequest.closed_at, HelpRequest.id)
    )
    return [KeptRow(row[0], row[1], bool(row[2])) for row in db.session.execute(chosen) if row[1] is not None]


def count_open(paths: Sequence[str]) -> int:
    """Requests below any of `paths` that still need their phone and place."""
    below = or_(false(), *(HelpRequest.path.startswith(path, autoescape=True) for path in paths))
    chosen = select(func.count()).select_from(HelpRequest).where(below, HelpRequest.state.in_(OPEN))
    return db.session.execute(chosen).scalar_one()


def find_track_span() -> tuple[datetime, datetime] | None:
    """When the oldest and the newest fix that are kept came in; None where there is none."""
    first = select(PositionReport.received_at).order_by(PositionReport.received_at).limit(1)
    last = select(PositionReport.received_at).order_by(PositionReport.received_at.desc()).limit(1)
    oldest, newest = db.session.execute(first).scalar(), db.session.execute(last).scalar()
    return None if oldest is None or newest is None else (oldest, newest)
