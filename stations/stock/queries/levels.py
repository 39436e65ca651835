"""What every station has of every item, how old that is, and when it runs out: two SELECTs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, case, func, or_, select

from stations.kernel.db import db
from stations.places.models import Station
from stations.stock.models import Lot, Movement, StockLevel, StockLimit, StockPlace
from stations.stock.rules.burn import WINDOW_HOURS, Outlook, outlook
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


def list_levels(paths: Sequence[str], now: datetime, zone: ZoneInfo, station: str | None = None) -> list[LevelRow]:
    """Every item that a station below any of `paths` has or had, by station and item; of one station where given."""
    today = now.astimezone(zone).date()
    is_expired = Lot.expiry_date < today
    usable = func.coalesce(func.sum(case((is_expired, 0), else_=StockLevel.on_hand)), 0)
    expired = func.coalesce(func.sum(case((is_expired, StockLevel.on_hand), else_=0)), 0)
    fields: tuple[Any, ...] = (
        Station.code, Station.name, Station.path, StockPlace.id, Lot.item_id, usable, expired,
        func.max(StockLevel.as_of), func.min(StockLimit.min_level), func.min(StockLimit.reorder_level),
        func.min(StockLimit.max_level),
    )  # fmt: skip
    chosen = (
        select(*fields)
        .select_from(StockLevel)
        .join(StockPlace, StockPlace.id == StockLevel.place_id)
        .join(Station, Station.id == StockPlace.station_id)
        .join(Lot, Lot.id == StockLevel.lot_id)
        .outerjoin(StockLimit, (StockLimit.place_id == StockPlace.id) & (StockLimit.item_id == Lot.item_id))
        .where(StockPlace.kind == PlaceKind.STATION.value, Station.archived_at.is_(None), _below(paths))
        .group_by(Station.code, Station.name, Station.path, StockPlace.id, Lot.item_id)
        .order_by(Station.path, Lot.item_id)
    )
    if station is not None:
        chosen = chosen.where(Station.code == station)
    issued = _list_issued(now)
    network = _network_rates(issued)
    return [
        LevelRow(
            code, name, path, place_id, item_id, on_hand, old, as_of, Limits(low or 0, reorder or 0, most or 0),
            outlook(on_hand, issued.get((place_id, item_id), {}), network.get(item_id, 0.0), WINDOW_HOURS),
        )
        for code, name, path, place_id, item_id, on_hand, old, as_of, low, reorder, most in db.session.execute(chosen)
    ]  # fmt: skip


def _below(paths: Sequence[str]) -> ColumnElement[bool]:
    return or_(*(Station.path.startswith(path, autoescape=True) for path in paths))


def _list_issued(now: datetime) -> dict[tuple[int, int], dict[int, int]]:
    """(place, item) -> hours ago -> units issued, over the window, everywhere."""
    since = now - timedelta(hours=WINDOW_HOURS)
    chosen = (
        select(Movement.place_id, Lot.item_id, Movement.happened_at, Movement.quantity)
        .join(Lot, Lot.id == Movement.lot_id)
        .where(Movement.kind == MovementKind.ISSUE.value, Movement.happened_at > since, Movement.happened_at <= now)
    )
    issued: dict[tuple[int, int], dict[int, int]] = {}
    for place_id, item_id, happened_at, quantity in db.session.execute(chosen):
        hours_ago = int((now - happened_at).total_seconds() // 3600)
        of_place = issued.setdefault((place_id, item_id), {})
        of_place[hours_ago] = of_place.get(hours_ago, 0) - quantity
    return issued


def _network_rates(issued: dict[tuple[int, int], dict[int, int]]) -> dict[int, float]:
    """Item -> units an hour at the average station that issues it."""
    units: dict[int, list[int]] = {}
    for (_place_id, item_id), hours in issued.items():
        units.setdefault(item_id, []).append(sum(hours.values()))
    return {item_id: sum(sums) / len(sums) / WINDOW_HOURS for item_id, sums in units.items()}
