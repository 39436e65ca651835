"""Shelves (the lots of one item at one place), the lines of an order, and whether every balance is its ledger's sum."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select

from stations.kernel.db import db, is_sqlite
from stations.kernel.errors import NotFound
from stations.kernel.text import _
from stations.places.models import Station
from stations.stock.models import Lot, Movement, StockAlert, StockLevel, StockLimit, StockPlace, SupplyItem
from stations.stock.rules.ledger import LotRow, PlaceKind, is_expired
from stations.stock.rules.limits import Limits


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A stock place; `path` is its station's scope."""

    id: int
    station: str
    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """The lots of one item at one place, with its limits and the level of its live alert."""

    place_id: int
    path: str
    item_id: int
    limits: Limits
    alert: int | None
    lots: tuple[LotRow, ...]

    def usable(self, today: date) -> int:
        """Units that may be handed out."""
        return sum(lot.on_hand for lot in self.lots if not is_expired(lot.expiry_date, today))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order as its writer is answered."""

    place_id: int
    lot_id: int
    lot: str
    quantity: int
    balance: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A balance that is not the sum of its movements."""

    station: str
    kind: str
    item: str
    lot: str
    on_hand: int
    moved: int


def find_place(station: str, kind: PlaceKind = PlaceKind.STATION) -> PlaceRow | None:
    """The stock place of a station, or None where nothing has ever been there."""
    fields = (StockPlace.id, Station.code, StockPlace.kind, Station.path)
    chosen = select(*fields).join(Station, Station.id == StockPlace.station_id)
    row = db.session.execute(chosen.where(Station.code == station, StockPlace.kind == kind.value)).first()
    return PlaceRow(*row) if row else None


def list_places(ids: Iterable[int]) -> dict[int, PlaceRow]:
    """Stock places by id."""
    fields = (StockPlace.id, Station.code, StockPlace.kind, Station.path)
    chosen = select(*fields).join(Station, Station.id == StockPlace.station_id).where(StockPlace.id.in_(set(ids)))
    return {row.id: PlaceRow(*row) for row in db.session.execute(chosen)}


def get_item_id(code: str) -> int:
    """The id of the item of that code."""
    item_id = db.session.execute(select(SupplyItem.id).where(SupplyItem.code == code)).scalar()
    if item_id is None:
        raise NotFound("stock.item", _("There is no item %(code)s.", code=code[:40]), field="item")
    return item_id


def _shelf(*wanted: ColumnElement[bool]) -> Select[Any]:
    alert = select(StockAlert.level).where(
        StockAlert.place_id == StockPlace.id, StockAlert.item_id == SupplyItem.id, StockAlert.cleared_at.is_(None)
    )
    fields = (
        Station.path, StockPlace.id.label("place_id"), SupplyItem.id.label("item_id"), StockLimit.min_level,
        StockLimit.reorder_level, StockLimit.max_level, alert.scalar_subquery().label("alert"),
        Lot.id.label("lot_id"), Lot.code, Lot.expiry_date, StockLevel.on_hand,
    )  # fmt: skip
    return (
        select(*fields)
        .select_from(StockLevel)
        .join(StockPlace, StockPlace.id == StockLevel.place_id)
        .join(Station, Station.id == StockPlace.station_id)
        .join(Lot, Lot.id == StockLevel.lot_id)
        .join(SupplyItem, SupplyItem.id == Lot.item_id)
        .outerjoin(StockLimit, (StockLimit.place_id == StockPlace.id) & (StockLimit.item_id == SupplyItem.id))
        .where(*wanted)
        .order_by(Lot.id)
        .with_for_update(of=StockLevel)
    )


# Made once: to build such a statement costs more than to run it.
_BY_CODE = _shelf(
    Station.code == bindparam("station"),
    StockPlace.kind == PlaceKind.STATION.value,
    SupplyItem.code == bindparam("item"),
)
_BY_ID = _shelf(StockPlace.id == bindparam("place_id"), SupplyItem.id == bindparam("item_id"))


def find_shelf(station: str, item: str) -> Shelf | None:
    """What a station has of an item, its levels locked until the transaction ends; None where it has nothing."""
    return _find(_BY_CODE, {"station": station, "item": item})


def find_shelf_at(place_id: int, item_id: int) -> Shelf | None:
    """The same by ids, for any kind of place."""
    return _find(_BY_ID, {"place_id": place_id, "item_id": item_id})


def _find(shelf: Select[Any], wanted: dict[str, Any]) -> Shelf | None:
    rows = db.session.connection().execute(shelf, wanted).all()
    if not rows:
        return None
    first = rows[0]
    limits = Limits(first.min_level or 0, first.reorder_level or 0, first.max_level or 0)
    lots = tuple(LotRow(row.lot_id, row.code, row.expiry_date, row.on_hand) for row in rows)
    return Shelf(first.place_id, first.path, first.item_id, limits, first.alert, lots)


def lock_levels(*stations: str) -> None:
    """Lock every balance at stations in one order, so that two writers of several balances wait and do not deadlock.
    To be asked for before any of them is written."""
    if is_sqlite():
        return  # its transactions already stand in line
    levels = (
        select(StockLevel.lot_id)
        .join(StockPlace, StockPlace.id == StockLevel.place_id)
        .join(Station, Station.id == StockPlace.station_id)
        .where(Station.code.in_(stations))
        .order_by(Station.id, StockLevel.place_id, StockLevel.lot_id)
    )
    db.session.execute(levels.with_for_update(of=StockLevel)).all()


def list_order(order_id: str) -> list[Line]:
    """The lines of an order: what a replay answers."""
    chosen = (
        select(Movement.place_id, Movement.lot_id, Lot.code, Movement.quantity, Movement.balance)
        .join(Lot, Lot.id == Movement.lot_id)
        .where(Movement.order_id == order_id)
        .order_by(Movement.line)
    )
    return [Line(*row) for row in db.session.execute(chosen)]


def last_position() -> int:
    """The newest movement: what somebody who looks now has seen of the ledger."""
    return db.session.execute(select(func.max(Movement.id))).scalar() or 0


def balance_at(place_id: int, item_id: int, position: int, lot: str | None = None, seen: Collection[str] = ()) -> int:
    """The balance of an item at a place when the ledger ended at `position`, and with the later orders `seen`."""
    moved = (
        select(func.coalesce(func.sum(Movement.quantity), 0))
        .join(Lot, Lot.id == Movement.lot_id)
        .where(Movement.place_id == place_id, Lot.item_id == item_id)
        .where(or_(Movement.id <= position, Movement.order_id.in_(seen)) if seen else Movement.id <= position)
    )
    if lot is not None:
        moved = moved.where(Lot.code == lot)
    return int(db.session.execute(moved).scalar_one())


def list_differences() -> list[Difference]:
    """Every balance that differs from the sum of its movements; none when the ledger is true."""
    moved = (
        select(Movement.place_id, Movement.lot_id, func.sum(Movement.quantity).label("moved"))
        .group_by(Movement.place_id, Movement.lot_id)
        .subquery()
    )
    on_hand, total = func.coalesce(StockLevel.on_hand, 0), func.coalesce(moved.c.moved, 0)
    same = (StockLevel.place_id == moved.c.place_id) & (StockLevel.lot_id == moved.c.lot_id)
    place_id = func.coalesce(StockLevel.place_id, moved.c.place_id)
    lot_id = func.coalesce(StockLevel.lot_id, moved.c.lot_id)
    both = select(place_id.label("place_id"), lot_id.label("lot_id"), on_hand.label("on_hand"), total.label("moved"))
    apart = both.select_from(StockLevel).join(moved, same, full=True).where(on_hand != total).subquery()
    named = (
        select(Station.code, StockPlace.kind, SupplyItem.code, Lot.code, apart.c.on_hand, apart.c.moved)
        .join(StockPlace, StockPlace.id == apart.c.place_id)
        .join(Station, Station.id == StockPlace.station_id)
        .join(Lot, Lot.id == apart.c.lot_id)
        .join(SupplyItem, SupplyItem.id == Lot.item_id)
    )
    return [Difference(*row) for row in db.session.execute(named)]
