"""The hand-overs of a station: the live one and the last ones."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from stations.kernel.db import db
from stations.kernel.errors import NotFound
from stations.kernel.text import _
from stations.places.models import Station
from stations.shifts.models.handing_over import Handover
from stations.shifts.queries.scopes import AnySelect
from stations.shifts.rules.handovers import LIVE_STATES, CountLine, HandoverState, LeftOpen, list_variances


@dataclass(frozen=True, slots=True)
class HandoverRow:
    """One hand-over; `path` is the station's. `begun_by` and `ended_by` are usernames, `ended_by` who signed or
    cancelled; `left_open` is as of `counted_at`."""

    id: int
    station: str
    path: str
    state: HandoverState
    begun_by: str
    begun_at: datetime
    counted_at: datetime | None
    lines: tuple[CountLine, ...]
    left_open: LeftOpen
    note: str
    ended_by: str
    ended_at: datetime | None

    @property
    def variances(self) -> tuple[CountLine, ...]:
        """What differed from the ledger."""
        return list_variances(self.lines)


def get_handover(handover_id: int, station: str) -> HandoverRow:
    """One hand-over of that station. Raises NotFound."""
    row = db.session.execute(_select().where(Handover.id == handover_id, Station.code == station)).first()
    if row is None:
        raise NotFound("handover.unknown", _("There is no such hand-over."))
    return _read(row)


def find_live_handover(station: str) -> HandoverRow | None:
    """The one that is under way at a station."""
    row = db.session.execute(_select().where(Station.code == station, Handover.state.in_(LIVE_STATES))).first()
    return None if row is None else _read(row)


def list_ended_handovers(station: str, limit: int) -> list[HandoverRow]:
    """The last ones at a station that were signed or cancelled, the newest first."""
    chosen = _select().where(Station.code == station, Handover.state.not_in(LIVE_STATES))
    return [_read(row) for row in db.session.execute(chosen.order_by(Handover.id.desc()).limit(limit))]


def _select() -> AnySelect:
    return select(
        Handover.id, Station.code, Station.path, Handover.state, Handover.begun_by, Handover.begun_at,
        Handover.counted_at, Handover.counts, Handover.left_open, Handover.note, Handover.ended_by, Handover.ended_at,
    ).join(Station, Station.id == Handover.station_id)  # fmt: skip


def _read(row: Any) -> HandoverRow:
    return HandoverRow(
        row.id, row.code, row.path, HandoverState(row.state), row.begun_by, row.begun_at, row.counted_at,
        tuple(CountLine(**line) for line in row.counts), LeftOpen(**row.left_open), row.note, row.ended_by,
        row.ended_at,
    )  # fmt: skip
