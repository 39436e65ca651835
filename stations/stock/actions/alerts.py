"""Alerts: one for each crossing, worse ones ring again, and each ends when the shelf is full enough."""

from datetime import date

from sqlalchemy import update
from sqlalchemy.dialects import postgresql, sqlite

from stations.accounts.rules import Actor
from stations.kernel import audit, clock
from stations.kernel.db import changed_one, db, is_sqlite
from stations.kernel.errors import Refused
from stations.kernel.text import _
from stations.stock.models import StockAlert
from stations.stock.queries.alerts import get_alert, unknown_alert
from stations.stock.queries.ledger import Shelf, find_shelf_at
from stations.stock.rules.limits import AlertLevel, judge, next_level


def judge_shelf(shelf: Shelf, on_hand: int) -> None:
    """Raise or worsen the alert of a shelf from which units were taken: it holds `on_hand` usable ones now.

    Taking never ends an alert: one that was raised because the item runs out would ring again within the minute."""
    _change(shelf, on_hand, judge(on_hand, shelf.limits), may_end=False)


def judge_outlook(shelf: Shelf, on_hand: int, hours_left: float | None, hours_needed: float) -> None:
    """Raise, worsen or end the alert of a shelf by when it runs out, too."""
    _change(shelf, on_hand, judge(on_hand, shelf.limits, hours_left, hours_needed), may_end=True)


def judge_filled(shelf: Shelf, on_hand: int) -> None:
    """Raise, worsen or end the alert of a shelf to which units came, or whose limits changed."""
    _change(shelf, on_hand, judge(on_hand, shelf.limits), may_end=True)


def judge_again(place_id: int, item_id: int, today: date) -> None:
    """The same for a shelf that is read as it is now."""
    shelf = find_shelf_at(place_id, item_id)
    if shelf is not None:
        judge_filled(shelf, shelf.usable(today))


def _change(shelf: Shelf, on_hand: int, level: AlertLevel, *, may_end: bool) -> None:
    change = next_level(shelf.alert, level, on_hand, shelf.limits)
    if change is AlertLevel.FINE:
        if may_end:
            _end(shelf)
    elif change is not None:
        _ring(shelf, change, on_hand)


def _ring(shelf: Shelf, level: AlertLevel, on_hand: int) -> None:
    dialect_insert = sqlite.insert if is_sqlite() else postgresql.insert
    fresh = dialect_insert(StockAlert).values(
        place_id=shelf.place_id, item_id=shelf.item_id, level=level.value, on_hand=on_hand, raised_at=clock.now()
    )
    worse = {
        "level": fresh.excluded.level, "on_hand": fresh.excluded.on_hand, "raised_at": fresh.excluded.raised_at,
        "acknowledged_by": None, "acknowledged_at": None,
    }  # fmt: skip
    db.session.execute(
        fresh.on_conflict_do_update(
            index_elements=[StockAlert.place_id, StockAlert.item_id],
            index_where=StockAlert.cleared_at.is_(None),
            set_=worse,
            where=StockAlert.level < fresh.excluded.level,
        )
    )


def _end(shelf: Shelf) -> None:
    live = update(StockAlert).where(
        StockAlert.place_id == shelf.place_id, StockAlert.item_id == shelf.item_id, StockAlert.cleared_at.is_(None)
    )
    db.session.execute(live.values(cleared_at=clock.now()))


def acknowledge(alert_id: int, actor: Actor, *, station: str | None = None) -> dict[str, str]:
    """Say by name that somebody takes care; it rings again only when it gets worse. Alerts where one may not look, or
    of others than the `station` that is named, are not known."""
    alert = get_alert(alert_id)
    if not actor.may("stock.read", alert.path) or station not in (None, alert.station):
        raise unknown_alert()
    actor.require("stock.write", alert.path)
    seen = update(StockAlert).where(
        StockAlert.id == alert_id, StockAlert.acknowledged_at.is_(None), StockAlert.cleared_at.is_(None),
        StockAlert.level == alert.level,
    )  # fmt: skip
    if not changed_one(seen.values(acknowledged_by=actor.display_name, acknowledged_at=clock.now())):
        raise Refused("alert.gone", _("Somebody took care of this already, or it changed. Please look again."))
    subject = f"stock:{alert.station}/{alert.item}"
    audit.record("alert.acknowledge", subject, actor=actor.username, scope=alert.path)
    return {"station": alert.station, "item": alert.item}
