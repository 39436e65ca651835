"""What was entered at a station: the latest entries, and what was issued."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from stations.kernel.db import db
from stations.places.models import Station
from stations.stock.models import Lot, Movement, StockPlace
from stations.stock.rules.ledger import MovementKind, PlaceKind


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One order's units of one item at one station, signed; `is_reversed` once it was taken back."""

    order_id: str
    kind: str
    item_id: int
    quantity: int
    happened_at: datetime
    actor: str
    reason: str
    is_reversed: bool


def list_entries(station: str, kinds: Collection[str], since: datetime, limit: int) -> list[EntryRow]:
    """The latest entries of those kinds at a station, newest first."""
    back = aliased(Movement)
    fields: tuple[Any, ...] = (
        Movement.order_id, Movement.kind, Lot.item_id, func.sum(Movement.quantity), func.min(Movement.happened_at),
        Movement.actor, Movement.reason, func.count(back.id) > 0,
    )  # fmt: skip
    groups = (Movement.order_id, Movement.kind, Lot.item_id, Movement.actor, Movement.reason)
    chosen = (
        select(*fields)
        .join(StockPlace, StockPlace.id == Movement.place_id)
        .join(Station, Station.id == StockPlace.station_id)
        .join(Lot, Lot.id == Movement.lot_id)
        .outerjoin(back, back.reverses_id == Movement.id)
        .where(Station.code == station, StockPlace.kind == PlaceKind.STATION.value, Movement.kind.in_(kinds))
        .where(Movement.at >= since)
        .group_by(*groups)
        .order_by(func.max(Movement.id).desc())
        .limit(limit)
    )
    return [EntryRow(*row) for row in db.session.execute(chosen)]


def sum_issued(station: str, since: datetime) -> dict[int, int]:
    """Item id -> units issued at a station since then, what was taken back left out."""
    back = aliased(Movement)
    chosen = (
        select(Lot.item_id, func.sum(-Movement.quantity))
        .join(StockPlace, StockPlace.id == Movement.place_id)
        .join(Station, Station.id == StockPlace.station_id)
        .join(Lot, Lot.id == Movement.lot_id)
        .outerjoin(back, back.reverses_id == Movement.id)
        .where(Station.code == station, StockPlace.kind == PlaceKind.STATION.value, back.id.is_(None))
        .where(Movement.kind == MovementKind.ISSUE.value, Movement.happened_at >= since)
        .group_by(Lot.item_id)
        .order_by(Lot.item_id)
    )
    return {item_id: int(units) for item_id, units in db.session.execute(chosen)}
