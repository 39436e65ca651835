"""The shelves whose alert the time of day changes, though nobody touched them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from stations.kernel.db import db
from stations.seasons.rules import SessionRow, hours_left
from stations.stock.models import StockAlert
from stations.stock.queries.levels import list_levels
from stations.stock.rules.limits import judge, next_level

CALM_SHARE = 1.25  # an alert ends when the item lasts this much longer than it must


@dataclass(frozen=True, slots=True)
class RunOut:
    """One shelf with the hours that it lasts and those that it must."""

    place_id: int
    item_id: int
    hours: float | None
    needed: float


def list_run_outs(sessions: Sequence[SessionRow], now: datetime, zone: ZoneInfo) -> list[RunOut]:
    """The shelves that will be empty before the day's last session ends and have no alert for it yet, and those
    whose alert has lost its cause."""
    needed = hours_left(sessions, now, zone)
    live = {
        (place_id, item_id): level
        for place_id, item_id, level in db.session.execute(
            select(StockAlert.place_id, StockAlert.item_id, StockAlert.level).where(StockAlert.cleared_at.is_(None))
        )
    }
    found = []
    for row in list_levels([""], now, zone):
        alert = live.get((row.place_id, row.item_id))
        must_last = needed * CALM_SHARE if alert else needed
        level = judge(row.on_hand, row.limits, row.outlook.hours, must_last)
        if next_level(alert, level, row.on_hand, row.limits) is not None:
            found.append(RunOut(row.place_id, row.item_id, row.outlook.hours, must_last))
    return found
