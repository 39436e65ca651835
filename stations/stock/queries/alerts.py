"""Live alerts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select

from stations.kernel.db import db
from stations.kernel.errors import NotFound
from stations.kernel.text import _
from stations.places.models import Station
from stations.stock.models import StockAlert, StockPlace, SupplyItem


@dataclass(frozen=True, slots=True)
class AlertRow:
    """A live alert; `level` is an `AlertLevel`, `on_hand` what was left when it was raised, in base units."""

    id: int
    station: str
    station_name: str
    path: str
    item: str
    item_name: str
    item_name_en: str
    unit: str
    case_unit: str
    units_per_case: int
    level: int
    on_hand: int
    raised_at: datetime
    acknowledged_by: str | None
    acknowledged_at: datetime | None


def list_alerts(paths: Sequence[str]) -> list[AlertRow]:
    """The live alerts below any of `paths`: the worst first, unacknowledged before acknowledged, oldest first."""
    below = or_(*(Station.path.startswith(path, autoescape=True) for path in paths))
    worst = (StockAlert.acknowledged_at.is_not(None), StockAlert.level.desc(), StockAlert.raised_at, StockAlert.id)
    return [AlertRow(*row) for row in db.session.execute(_select().where(below).order_by(*worst))]


def get_alert(alert_id: int) -> AlertRow:
    """A live alert by its id."""
    row = db.session.execute(_select().where(StockAlert.id == alert_id)).first()
    if row is None:
        raise unknown_alert()
    return AlertRow(*row)


def unknown_alert() -> NotFound:
    """The refusal of one that is over, or that one may not know of."""
    return NotFound("alert.unknown", _("There is no such alert any more."))


def _select() -> Select[Any]:
    fields: tuple[Any, ...] = (
        StockAlert.id, Station.code, Station.name, Station.path, SupplyItem.code, SupplyItem.name,
        SupplyItem.name_en, SupplyItem.unit, SupplyItem.case_unit, SupplyItem.units_per_case,
        StockAlert.level, StockAlert.on_hand, StockAlert.raised_at, StockAlert.acknowledged_by,
        StockAlert.acknowledged_at,
    )  # fmt: skip
    return (
        select(*fields)
        .join(StockPlace, StockPlace.id == StockAlert.place_id)
        .join(Station, Station.id == StockPlace.station_id)
        .join(SupplyItem, SupplyItem.id == StockAlert.item_id)
        .where(StockAlert.cleared_at.is_(None))
    )
