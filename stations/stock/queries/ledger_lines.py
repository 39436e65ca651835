"""Lines of the ledger as people read them: searched, counted, of one order, of one transfer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import aliased

from stations.kernel.db import db
from stations.places.models import Station
from stations.stock.models import Lot, Movement, StockPlace, SupplyItem

_Back = aliased(Movement)
CHUNK_ROWS = 2000


@dataclass(frozen=True, slots=True)
class LineFilter:
    """Which lines: empty means any. `since` and `until` bound when they were booked."""

    paths: Sequence[str]
    station: str = ""
    item: str = ""
    kind: str = ""
    actor: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line; `reversed_by` is the order that took it back, `reverses` the order that it takes back."""

    id: int
    at: datetime
    happened_at: datetime
    kind: str
    station: str
    station_name: str
    path: str
    place_kind: str
    item: str
    item_name: str
    item_name_en: str
    unit: str
    lot: str
    quantity: int
    balance: int
    actor: str
    reason: str
    about: str
    order_id: str
    reversed_by: str | None


def count_lines(wanted: LineFilter) -> int:
    """How many lines there are of those."""
    chosen = select(func.count()).select_from(Movement).join(StockPlace, StockPlace.id == Movement.place_id)
    if list(wanted.paths) != [""] or wanted.station:
        chosen = chosen.join(Station, Station.id == StockPlace.station_id)
    if wanted.item:
        chosen = chosen.join(Lot, Lot.id == Movement.lot_id).join(SupplyItem, SupplyItem.id == Lot.item_id)
    return db.session.execute(chosen.where(*_conditions(wanted))).scalar_one()


def list_lines(wanted: LineFilter, limit: int | None, offset: int = 0) -> list[LineRow]:
    """Those lines, the newest first."""
    chosen = _select().where(*_conditions(wanted)).order_by(Movement.id.desc()).limit(limit).offset(offset)
    return [LineRow(*row) for row in db.session.execute(chosen)]


def walk_lines(wanted: LineFilter) -> Iterator[LineRow]:
    """All of them in the order of booking, read as one goes."""
    chosen = _select().where(*_conditions(wanted)).order_by(Movement.id)
    for row in db.session.execute(chosen, execution_options={"yield_per": CHUNK_ROWS}):
        yield LineRow(*row)


def list_order_lines(order_id: str) -> list[LineRow]:
    """The lines of one order."""
    chosen = _select().where(Movement.order_id == order_id).order_by(Movement.line)
    return [LineRow(*row) for row in db.session.execute(chosen)]


def list_lines_about(about: str) -> list[LineRow]:
    """The lines that belong to a transfer or a loan, in the order of booking."""
    chosen = _select().where(Movement.about == about).order_by(Movement.id)
    return [LineRow(*row) for row in db.session.execute(chosen)]


def _conditions(wanted: LineFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if list(wanted.paths) != [""]:
        conditions.append(or_(false(), *(Station.path.startswith(path, autoescape=True) for path in wanted.paths)))
    same = ((Station.code, wanted.station), (SupplyItem.code, wanted.item), (Movement.kind, wanted.kind),
            (Movement.actor, wanted.actor))  # fmt: skip
    conditions += [column == value for column, value in same if value]
    if wanted.since is not None:
        conditions.append(Movement.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(Movement.at < wanted.until)
    return conditions


def _select() -> Select[Any]:
    fields: tuple[Any, ...] = (
        Movement.id, Movement.at, Movement.happened_at, Movement.kind, Station.code, Station.name, Station.path,
        StockPlace.kind, SupplyItem.code, SupplyItem.name, SupplyItem.name_en, SupplyItem.unit, Lot.code,
        Movement.quantity, Movement.balance, Movement.actor, Movement.reason, Movement.about, Movement.order_id,
        _Back.order_id,
    )  # fmt: skip
    return (
        select(*fields)
        .select_from(Movement)
        .join(StockPlace, StockPlace.id == Movement.place_id)
        .join(Station, Station.id == StockPlace.station_id)
        .join(Lot, Lot.id == Movement.lot_id)
        .join(SupplyItem, SupplyItem.id == Lot.item_id)
        .outerjoin(_Back, _Back.reverses_id == Movement.id)
    )
