"""Places that nobody has taken, the nearest in time first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from stations.kernel.db import db
from stations.places.models import Station
from stations.shifts.models.planning import Shift, ShiftNeed
from stations.shifts.queries.scopes import AnySelect, below


@dataclass(frozen=True, slots=True)
class GapRow:
    """A need with free places; `offered` more are kept for somebody who may still decline."""

    need_id: int
    shift_id: int
    station: str
    station_name: str
    post: str
    skill: str
    starts_at: datetime
    ends_at: datetime
    places: int
    taken: int
    offered: int

    @property
    def free(self) -> int:
        """How many people are still missing, offers aside."""
        return self.places - self.taken - self.offered


def list_gaps(paths: Sequence[str], since: datetime, until: datetime) -> list[GapRow]:
    """The needs below `paths` with places that nobody has taken, of shifts that touch the span, by start, station,
    post and skill; in one SELECT."""
    chosen: AnySelect = (
        select(
            ShiftNeed.id, Shift.id, Station.code, Station.name, Shift.post, ShiftNeed.skill, Shift.starts_at,
            Shift.ends_at, ShiftNeed.places, ShiftNeed.taken, ShiftNeed.offered,
        )
        .join(Shift, Shift.id == ShiftNeed.shift_id)
        .join(Station, Station.id == Shift.station_id)
        .where(
            Shift.cancelled_at.is_(None), Shift.starts_at < until, Shift.ends_at > since,
            ShiftNeed.taken < ShiftNeed.places, below(Station.path, paths),
        )
        .order_by(Shift.starts_at, Station.code, Shift.post, ShiftNeed.skill, ShiftNeed.id)
    )  # fmt: skip
    return [GapRow(*row) for row in db.session.execute(chosen)]
