"""What every station has of every item, how old that is, and when it runs out: two SELECTs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, extract, func, or_, select

from stations.kernel.db import db, is_sqlite
from stations.places.models import Station
from stations.places.queries.atlas import get_atlas
from stations.stock.models import Lot, Movement, StockLevel, StockLimit, StockPlace
from stations.stock.rules.burn import WINDOW_HOURS, Issued, Moment, Outlook, forecast
from stations.stock.rules.ledger import MovementKind, PlaceKind
from stations.stock.rules.limits import Limits


@dataclass(frozen=True, slots=True)
class LevelRow:
    """One item at one station. `on_hand` may be handed out, `expired` may not."""

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


def list_levels(
    paths: Sequence[str], now: datetime, zone: ZoneInfo, station: str | None = None, until: datetime | None = None
) -> list[LevelRow]:
    """Every item that a station below any of `paths` has or had, by station and item; of one station where given.
    `outlook.needed` is what goes out until `until`."""
    today = now.astimezone(zone).date()
    is_expired = Lot.expiry_date < today
    usable = func.coalesce(func.sum(case((is_expired, 0), else_=StockLevel.on_hand)), 0)
    expired = func.coalesce(func.sum(case((is_expired, StockLevel.on_hand), else_=0)), 0)
    fields: tuple[Any, ...] = (
        Station.code, Station.name, Station.path, StockPlace.id, Lot.item_id, usable, expired,
        func.max(StockLevel.as_of), func.min(StockLimit.min_level), func.min(StockLimit.reorder_level),
        func.min(StockLimit.max_level), Station.id,
    )  # fmt: skip
    chosen = (
        select(*fields)
        .select_from(StockLevel)
        .join(StockPlace, StockPlace.id == StockLevel.place_id)
        .join(Station, Station.id == StockPlace.station_id)
        .join(Lot, Lot.id == StockLevel.lot_id)
        .outerjoin(StockLimit, (StockLimit.place_id == StockPlace.id) & (StockLimit.item_id == Lot.item_id))
        .where(StockPlace.kind == PlaceKind.STATION.value, Station.archived_at.is_(None), _below(paths))
        .group_by(Station.id, Station.code, Station.name, Station.path, StockPlace.id, Lot.item_id)
        .order_by(Station.path, Lot.item_id)
    )
    if station is not None:
        chosen = chosen.where(Station.code == station)
    rows = [tuple(row) for row in db.session.execute(chosen)]
    issued, stations = _list_issued(now)
    stations.update((place_id, station_id) for _code, _name, _path, place_id, *_rest, station_id in rows)
    hours = {place.id: place.hours for place, _standing in get_atlas(zone).list_standings(now)}
    moment = Moment(now, zone, {place_id: hours[at] for place_id, at in stations.items() if at in hours})
    outlooks = forecast([(row[3], row[4], row[5]) for row in rows], issued, moment, until)
    return [
        LevelRow(
            code, name, path, place_id, item_id, on_hand, old, as_of, Limits(low or 0, reorder or 0, most or 0), ahead
        )
        for (code, name, path, place_id, item_id, on_hand, old, as_of, low, reorder, most, _id), ahead in zip(
            rows, outlooks, strict=True
        )
    ]


def _below(paths: Sequence[str]) -> ColumnElement[bool]:
    return or_(*(Station.path.startswith(path, autoescape=True) for path in paths))


def _list_issued(now: datetime) -> tuple[list[Issued], dict[int, int]]:
    """What every station issued in the window and did not take back, by item and clock hour; place -> station."""
    hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    since = hour - timedelta(hours=WINDOW_HOURS - 1)
    at = Movement.happened_at if is_sqlite() else func.timezone("UTC", Movement.happened_at)
    clock_hour = extract("hour", at).label("clock_hour")  # each of them once in the window
    undone = select(Movement.reverses_id).where(
        Movement.kind == MovementKind.REVERSAL.value, Movement.happened_at >= since, Movement.reverses_id.is_not(None)
    )
    units = -func.sum(Movement.quantity), func.sum(Movement.quantity * Movement.quantity)
    chosen = (
        select(Movement.place_id, StockPlace.station_id, Lot.item_id, clock_hour, *units)
        .join(Lot, Lot.id == Movement.lot_id)
        .join(StockPlace, StockPlace.id == Movement.place_id)
        .where(
            Movement.kind == MovementKind.ISSUE.value, Movement.happened_at >= since, Movement.happened_at <= now,
            Movement.id.not_in(undone),
        )
        .group_by(Movement.place_id, StockPlace.station_id, Lot.item_id, clock_hour)
    )  # fmt: skip
    issued: list[Issued] = []
    stations: dict[int, int] = {}
    for place_id, station_id, item_id, utc_hour, quantity, squares in db.session.execute(chosen):
        stations[place_id] = station_id
        issued.append((place_id, item_id, int(utc_hour), int(quantity), int(squares)))
    return issued, stations
