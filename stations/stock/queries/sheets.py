"""Stock read back as orders: what an import compares with; and all shelves of some places at once."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import select

from stations.kernel.db import db
from stations.places.models import Station
from stations.stock.models import Lot, Movement, StockAlert, StockLevel, StockLimit, StockPlace, SupplyItem
from stations.stock.queries.items import item_order, list_items, list_kits
from stations.stock.queries.ledger import PlaceRow, Shelf
from stations.stock.rules.ledger import LotRow, PlaceKind
from stations.stock.rules.limits import Limits
from stations.stock.rules.sheets import BalanceOrder, LimitsOrder

Values = dict[str, str]
Shelves = dict[tuple[int, int], Shelf]


def item_values() -> dict[str, Values]:
    """Every item as text, by code."""
    kits = list_kits()
    return {code: item_order(row, kits.get(code, {})).values() for code, row in list_items().items()}


def list_plain_items() -> list[str]:
    """The codes of what is no kit."""
    kits = list_kits()
    return [code for code in list_items() if code not in kits]


def balance_values() -> dict[str, Values]:
    """What every station has, by station and item as a whole, and by station, item and lot."""
    values: dict[str, Values] = {}
    for (station, item), lots in _list_balances().items():
        values[f"{station}/{item}"] = _whole(station, item, lots)
        for code, expiry, on_hand in lots:
            order = BalanceOrder(station, item, code, expiry, on_hand)
            values[f"{station}/{item}/{order.values()['lot']}"] = order.values()
    return values


def listed_balance_values() -> dict[str, Values]:
    """What every station has, each unit once: by lot, or as a whole where no lot has a number."""
    values: dict[str, Values] = {}
    for (station, item), lots in _list_balances().items():
        if [code for code, _expiry, _on_hand in lots] == [""]:
            values[f"{station}/{item}"] = _whole(station, item, lots)
            continue
        for code, expiry, on_hand in lots:
            order = BalanceOrder(station, item, code, expiry, on_hand)
            values[f"{station}/{item}/{order.values()['lot']}"] = order.values()
    return values


def _whole(station: str, item: str, lots: list[tuple[str, date | None, int]]) -> Values:
    return BalanceOrder(station, item, None, None, sum(on_hand for *_lot, on_hand in lots)).values()


def _list_balances() -> dict[tuple[str, str], list[tuple[str, date | None, int]]]:
    """(station, item) -> (lot, expiry, units) of each lot that was ever there."""
    fields = (Station.code, SupplyItem.code, Lot.code, Lot.expiry_date, StockLevel.on_hand)
    chosen = (
        _at_stations(select(*fields).select_from(StockLevel), StockLevel.place_id)
        .join(Lot, Lot.id == StockLevel.lot_id)
        .join(SupplyItem, SupplyItem.id == Lot.item_id)
        .order_by(Station.code, SupplyItem.code, Lot.expiry_date, Lot.id)
    )
    balances: dict[tuple[str, str], list[tuple[str, date | None, int]]] = {}
    for station, item, lot, expiry, on_hand in db.session.execute(chosen):
        balances.setdefault((station, item), []).append((lot, expiry, on_hand))
    return balances


def limit_values() -> dict[str, Values]:
    """Every limit as text, by station and item."""
    fields = (Station.code, SupplyItem.code, StockLimit.min_level, StockLimit.reorder_level, StockLimit.max_level)
    chosen = (
        _at_stations(select(*fields).select_from(StockLimit), StockLimit.place_id)
        .join(SupplyItem, SupplyItem.id == StockLimit.item_id)
        .order_by(Station.code, SupplyItem.code)
    )
    return {
        f"{station}/{item}": LimitsOrder(station, item, Limits(*levels)).values()
        for station, item, *levels in db.session.execute(chosen)
    }


def _at_stations(chosen: Any, place_id: Any) -> Any:
    return (
        chosen.join(StockPlace, StockPlace.id == place_id)
        .join(Station, Station.id == StockPlace.station_id)
        .where(StockPlace.kind == PlaceKind.STATION.value, Station.archived_at.is_(None))
    )


def list_station_names() -> dict[str, str]:
    """The name of every live station, by code."""
    chosen = select(Station.code, Station.name).where(Station.archived_at.is_(None))
    return {code: name for code, name in db.session.execute(chosen)}


def list_lots() -> dict[tuple[str, str], date | None]:
    """(item, lot) -> expiry, of every lot there is."""
    chosen = select(SupplyItem.code, Lot.code, Lot.expiry_date).join(SupplyItem, SupplyItem.id == Lot.item_id)
    return {(item, lot): expiry for item, lot, expiry in db.session.execute(chosen)}


def list_station_places(stations: Iterable[str]) -> dict[str, PlaceRow]:
    """The stock place of each of these stations that has one, by code."""
    fields = (StockPlace.id, Station.code, StockPlace.kind, Station.path)
    chosen = select(*fields).join(Station, Station.id == StockPlace.station_id)
    at_station = chosen.where(StockPlace.kind == PlaceKind.STATION.value, Station.code.in_(set(stations)))
    return {row.code: PlaceRow(*row) for row in db.session.execute(at_station)}


def list_shelves(place_ids: Iterable[int]) -> Shelves:
    """(place, item) -> its shelf, of everything at these places, locked until the transaction ends."""
    alert = select(StockAlert.level).where(
        StockAlert.place_id == StockPlace.id, StockAlert.item_id == Lot.item_id, StockAlert.cleared_at.is_(None)
    )
    fields = (
        StockLevel.place_id, Station.path, Lot.item_id, StockLimit.min_level, StockLimit.reorder_level,
        StockLimit.max_level, alert.scalar_subquery().label("alert"), Lot.id.label("lot_id"), Lot.code,
        Lot.expiry_date, StockLevel.on_hand,
    )  # fmt: skip
    chosen = (
        select(*fields)
        .select_from(StockLevel)
        .join(StockPlace, StockPlace.id == StockLevel.place_id)
        .join(Station, Station.id == StockPlace.station_id)
        .join(Lot, Lot.id == StockLevel.lot_id)
        .outerjoin(StockLimit, (StockLimit.place_id == StockPlace.id) & (StockLimit.item_id == Lot.item_id))
        .where(StockLevel.place_id.in_(set(place_ids)))
        .order_by(StockLevel.place_id, StockLevel.lot_id)
        .with_for_update(of=StockLevel)
    )
    rows: dict[tuple[int, int], list[Any]] = {}
    for row in db.session.execute(chosen):
        rows.setdefault((row.place_id, row.item_id), []).append(row)
    return {key: _shelf(found) for key, found in rows.items()}


def _shelf(rows: list[Any]) -> Shelf:
    first = rows[0]
    limits = Limits(first.min_level or 0, first.reorder_level or 0, first.max_level or 0)
    lots = tuple(LotRow(row.lot_id, row.code, row.expiry_date, row.on_hand) for row in rows)
    return Shelf(first.place_id, first.path, first.item_id, limits, first.alert, lots)


def list_lines_about(about: str, kind: str) -> list[Any]:
    """(id, place_id, lot_id, lot, quantity, order_id) of every line of that kind about something."""
    fields = (Movement.id, Movement.place_id, Movement.lot_id, Lot.code, Movement.quantity, Movement.order_id)
    chosen = select(*fields).join(Lot, Lot.id == Movement.lot_id)
    return list(db.session.execute(chosen.where(Movement.about == about, Movement.kind == kind)))
