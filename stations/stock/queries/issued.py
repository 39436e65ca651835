"""What the network issued in the last hours, kept in memory: the ledger only grows, so each look reads what is new.

The look begins after the newest line that is SETTLED_SECONDS old. PostgreSQL gives out ids before transactions commit,
so a line may appear below one that was seen already; but no transaction of ours is open for that long."""

from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import Engine, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from stations.kernel.db import db, in_transaction
from stations.stock.models import Lot, Movement, StockPlace
from stations.stock.rules.burn import WINDOW_HOURS, Issued
from stations.stock.rules.ledger import MovementKind

SETTLED_SECONDS = 60
LOOSE_ROWS = 20_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


class _Memory:
    """Rows of place, item, hour since the epoch, units, sum of squares; several for one hour add up."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.position = 0
        self.since = 0
        self.rows: Issued = np.zeros((0, 5), dtype=np.int64)
        self.compact = 0
        self.stations: dict[int, int] = {}

    def fold(self, rows: Issued, position: int, since: int) -> None:
        """Take in what is settled, and let go what lies before the window."""
        self.position, self.since = position, since
        self.rows = np.concatenate([self.rows, rows])
        if len(self.rows) > self.compact + LOOSE_ROWS:
            kept = self.rows[self.rows[:, 2] >= since]
            keys, at = np.unique(kept[:, :3], axis=0, return_inverse=True)
            sums = [np.bincount(at.ravel(), kept[:, column], len(keys)).astype(np.int64) for column in (3, 4)]
            self.rows = np.column_stack([keys, *sums])
            self.compact = len(self.rows)


_memories: WeakKeyDictionary[Engine, _Memory] = WeakKeyDictionary()


def list_issued(now: datetime) -> tuple[Issued, dict[int, int]]:
    """What every station issued in the window and did not take back, by item and clock hour; place -> station."""
    memory = _memories.setdefault(db.engine, _Memory())
    hour = (now - EPOCH) // HOUR
    first = hour - WINDOW_HOURS + 1
    with memory.lock:
        if first < memory.since:  # somebody looks at an earlier time than before
            memory = _Memory()
        settled_until = now - timedelta(seconds=SETTLED_SECONDS)
        found = [tuple(row) for row in db.session.execute(_select(memory.position, EPOCH + first * HOUR))]
        memory.stations.update((row[2], row[3]) for row in found)
        rows = np.array([_row(row) for row in found], dtype=np.int64).reshape(-1, 5)
        settled = max((n for n, row in enumerate(found, 1) if row[1] <= settled_until), default=0)
        loose = rows[settled:]
        if in_transaction() or db.session().info.get("is_writing"):
            every = np.concatenate([memory.rows, rows])
        else:
            memory.fold(rows[:settled], found[settled - 1][0] if settled else memory.position, first)
            every = np.concatenate([memory.rows, loose])
        stations = dict(memory.stations)
    return every[(every[:, 2] >= first) & (every[:, 2] <= hour)], stations


def _row(row: tuple[Any, ...]) -> tuple[int, int, int, int, int]:
    _id, _at, place_id, _station_id, item_id, happened_at, quantity = row
    squares = quantity * quantity if quantity < 0 else -quantity * quantity
    return place_id, item_id, (happened_at - EPOCH) // HOUR, -quantity, squares


def _select(position: int, since: datetime) -> Select[Any]:
    """Issues after `position` in the ledger, and what took one back, as of when that was issued."""
    issue = aliased(Movement)
    undone = and_(Movement.kind == MovementKind.REVERSAL.value, issue.kind == MovementKind.ISSUE.value)
    happened_at = func.coalesce(issue.happened_at, Movement.happened_at)
    fields: tuple[Any, ...] = (
        Movement.id, Movement.at, Movement.place_id, StockPlace.station_id, Lot.item_id, happened_at,
        Movement.quantity,
    )  # fmt: skip
    chosen = (
        select(*fields)
        .select_from(Movement)
        .join(Lot, Lot.id == Movement.lot_id)
        .join(StockPlace, StockPlace.id == Movement.place_id)
        .outerjoin(issue, issue.id == Movement.reverses_id)
        .where(or_(Movement.kind == MovementKind.ISSUE.value, undone))
        .order_by(Movement.id)
    )
    if position:
        return chosen.where(Movement.id > position)
    kinds = (MovementKind.ISSUE.value, MovementKind.REVERSAL.value)
    return chosen.where(Movement.kind.in_(kinds), Movement.happened_at >= since)
