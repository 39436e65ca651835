"""What every station has of every item, how old that is, and when it runs out: two SELECTs."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Subquery, case, func, or_, select

from stations.kernel.db import db
from stations.places.models import Station
from stations.places.queries.atlas import get_atlas
from stations.stock.models import Lot, StockLevel, StockLimit, StockPlace
from stations.stock.queries.issued import list_issued
from stations.stock.rules.burn import Moment, Outlook, forecast
from stations.stock.rules.ledger import PlaceKind
from stations.stock.rules.limits import Limits


class LevelRow(NamedTuple):
    """One item at one station. `on_hand` may be handed out, `expired` may not; `held`, `in_transit` and `lent` are its
    units that are not on the shelf."""

    station: str
    station_name: str
    path: str
    place_id: int
    item_id: int
    on_hand: int
    expired: int
    as_of: datetime
    limits: Limits
    outlook: Outlook
    held: int = 0
    in_transit: int = 0
    lent: int = 0


def list_levels(
    paths: Sequence[str], now: datetime, zone: ZoneInfo, station: str | None = None, until: datetime | None = None
) -> list[LevelRow]:
    """Every item that a station below any of `paths` has or had, by station and item; of one station where given.
    `outlook.needed` is what goes out until `until`."""
    units = _sum_units(now.astimezone(zone).date(), station)
    fields: tuple[Any, ...] = (
        Station.code, Station.name, Station.path, units, StockLimit.min_level, StockLimit.reorder_level,
        StockLimit.max_level,
    )  # fmt: skip
    same_shelf = (StockLimit.place_id == units.c.place_id) & (StockLimit.item_id == units.c.item_id)
    chosen = (
        select(*fields)
        .select_from(units)
        .join(Station, Station.id == units.c.station_id)
        .outerjoin(StockLimit, same_shelf)
        .where(Station.archived_at.is_(None), _below(paths))
        .order_by(Station.path, units.c.item_id)
    )
    rows = [tuple(row) for row in db.session.execute(chosen)]
    issued, stations = list_issued(now)
    stations.update((place_id, station_id) for _code, _name, _path, station_id, _item, place_id, *_rest in rows)
    hours = {place.id: place.hours for place, _standing in get_atlas(zone).list_standings(now)}
    moment = Moment(now, zone, {place_id: hours[at] for place_id, at in stations.items() if at in hours})
    outlooks = forecast([(row[5], row[4], row[7]) for row in rows], issued, moment, until)
    limits = cache(Limits)  # most shelves share theirs, and there are thousands of them
    return [
        LevelRow(
            code, name, path, place_id, item_id, on_hand, old, as_of, limits(low or 0, reorder or 0, most or 0), ahead,
            held, moving, lent,
        )
        for (
            code, name, path, _station, item_id, place_id, as_of, on_hand, old, held, moving, lent, low, reorder, most
        ), ahead in zip(rows, outlooks, strict=True)
    ]  # fmt: skip


def _sum_units(today: date, station: str | None) -> Subquery:
    """The units of every station and item by where they are; what was never on a shelf is nowhere."""
    is_here = StockPlace.kind == PlaceKind.STATION.value
    is_expired = Lot.expiry_date < today

    def units(*whens: Any) -> ColumnElement[int]:
        return func.sum(case(*whens, else_=0))

    here = func.max(case((is_here, StockPlace.id)))
    summed = (
        select(
            StockPlace.station_id, Lot.item_id, here.label("place_id"),
            func.max(case((is_here, StockLevel.as_of))).label("as_of"),
            units((~is_here, 0), (is_expired, 0), (is_here, StockLevel.on_hand)).label("on_hand"),
            units((is_here & is_expired, StockLevel.on_hand)).label("expired"),
            *(
                units((StockPlace.kind == kind.value, StockLevel.on_hand)).label(kind.value)
                for kind in (PlaceKind.HELD, PlaceKind.IN_TRANSIT, PlaceKind.LENT)
            ),
        )
        .join(StockPlace, StockPlace.id == StockLevel.place_id)
        .join(Lot, Lot.id == StockLevel.lot_id)
        .group_by(StockPlace.station_id, Lot.item_id)
        .having(here.is_not(None))
    )  # fmt: skip
    if station is not None:
        summed = summed.where(StockPlace.station_id.in_(select(Station.id).where(Station.code == station)))
    return summed.subquery()


def _below(paths: Sequence[str]) -> ColumnElement[bool]:
    return or_(*(Station.path.startswith(path, autoescape=True) for path in paths))
