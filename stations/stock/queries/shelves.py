"""The lots at the places of a station, or of all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import false, or_, select

from stations.kernel.db import db
from stations.places.models import Station
from stations.stock.models import Lot, StockLevel, StockPlace, SupplyItem


@dataclass(frozen=True, slots=True)
class LotLine:
    """Units of one lot at one place; `kind` is a `PlaceKind`."""

    station: str
    station_name: str
    kind: str
    item: str
    item_name: str
    unit: str
    lot: str
    expiry_date: date | None
    on_hand: int
    as_of: datetime


def list_lots(paths: Sequence[str], *, station: str = "", item: str = "") -> list[LotLine]:
    """Every lot of which something is at a place below any of `paths`, first expired first."""
    fields: tuple[Any, ...] = (
        Station.code, Station.name, StockPlace.kind, SupplyItem.code, SupplyItem.name, SupplyItem.unit, Lot.code,
        Lot.expiry_date, StockLevel.on_hand, StockLevel.as_of,
    )  # fmt: skip
    chosen = (
        select(*fields)
        .select_from(StockLevel)
        .join(StockPlace, StockPlace.id == StockLevel.place_id)
        .join(Station, Station.id == StockPlace.station_id)
        .join(Lot, Lot.id == StockLevel.lot_id)
        .join(SupplyItem, SupplyItem.id == Lot.item_id)
        .where(StockLevel.on_hand > 0, or_(false(), *(Station.path.startswith(p, autoescape=True) for p in paths)))
        .order_by(
            Station.path, SupplyItem.category, SupplyItem.code, StockPlace.kind, Lot.expiry_date.is_(None),
            Lot.expiry_date, Lot.id,
        )
    )  # fmt: skip
    if station:
        chosen = chosen.where(Station.code == station)
    if item:
        chosen = chosen.where(SupplyItem.code == item)
    return [LotLine(*row) for row in db.session.execute(chosen)]
