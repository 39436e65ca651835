"""What a station has of one item, as its tile says it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from stations.kernel.text import Text, _
from stations.places.rules import Standing
from stations.places.rules.openness import at_minute
from stations.seasons.queries import get_calendar
from stations.seasons.rules import hours_left
from stations.stock.queries.items import ItemRow, list_items
from stations.stock.queries.levels import LevelRow, list_levels
from stations.stock.rules.burn import Outlook
from stations.stock.rules.limits import PublicState, public_state
from stations.web.units import MOST_HOURS, round_minutes


@dataclass(frozen=True)
class RunOut:
    """When an item will be gone, in words; the band where there is one."""

    about: Text
    soonest: Text | None
    latest: Text | None


@dataclass(frozen=True)
class Tile:
    """One item at the station. `run_out` only where it is gone before the station closes; `state` is short where it
    is gone before the exam ends."""

    item: ItemRow
    on_hand: int
    expired: int
    as_of: datetime
    state: PublicState
    run_out: RunOut | None


def list_tiles(station: str, path: str, standing: Standing, now: datetime) -> list[Tile]:
    """A tile for every item that the station has or had, by category."""
    calendar = get_calendar()
    zone, needed = calendar.zone, hours_left(calendar.sessions, now, calendar.zone)
    ends_at = standing.closes_at or at_minute(now.astimezone(zone), 1440)
    by_id = {item.id: item for item in list_items().values()}
    order = {item_id: place for place, item_id in enumerate(by_id)}
    levels = list_levels([path], now, zone, station=station)
    tiles = [_tile(by_id[level.item_id], level, ends_at, needed, now) for level in levels if level.item_id in by_id]
    return sorted(tiles, key=lambda tile: order[tile.item.id])


def list_others(tiles: Sequence[Tile]) -> list[ItemRow]:
    """The items that have never been here."""
    here = {tile.item.code for tile in tiles}
    return [item for code, item in list_items().items() if code not in here]


def _tile(item: ItemRow, level: LevelRow, ends_at: datetime, needed: float, now: datetime) -> Tile:
    state = public_state(level.on_hand, level.limits.reorder_level, level.as_of, now)
    run_out = _run_out(level.outlook, ends_at - now) if level.on_hand and not item.is_lent else None
    hours = level.outlook.hours
    if run_out and state is PublicState.ENOUGH and hours is not None and hours < needed:
        state = PublicState.SHORT
    return Tile(item, level.on_hand, level.expired, level.as_of, state, run_out)


def _run_out(outlook: Outlook, left: timedelta) -> RunOut | None:
    if outlook.hours is None or timedelta(hours=min(outlook.hours, 1000)) >= left:
        return None
    soonest = None if outlook.soonest is None else say_hours(outlook.soonest)
    latest = None if outlook.latest is None else say_hours(outlook.latest)
    return RunOut(say_hours(outlook.hours), soonest, latest)


def say_hours(hours: float) -> Text:
    """As the organizers' pages round it."""
    minutes = round_minutes(hours)
    if minutes < 60:
        return _("%(number)s min", number=max(minutes, 5))
    if minutes > MOST_HOURS * 60:
        return _("over %(hours)s h", hours=MOST_HOURS)
    return _("%(number)s h", number=f"{minutes / 60:g}")
