"""How a shelf looks to an organizer: by the hours that it will last, and by how old that knowledge is."""

from datetime import datetime, timedelta
from enum import StrEnum

from stations.kernel.text import Text, _
from stations.stock.rules.limits import PUBLIC_MINUTES, AlertLevel, Limits, judge

URGENT_HOURS = 1.0
TIME_TO_LIVE = timedelta(minutes=PUBLIC_MINUTES)


class ShelfState(StrEnum):
    """What to think of one item at one station."""

    EMPTY = "empty"
    URGENT = "urgent"
    SOON = "soon"
    FINE = "fine"
    UNKNOWN = "unknown"


SHELF_NAMES: dict[ShelfState, Text] = {
    ShelfState.EMPTY: _("None left"),
    ShelfState.URGENT: _("Gone within the hour, or below the minimum"),
    ShelfState.SOON: _("Will not last until the exam ends, or at the reorder level"),
    ShelfState.FINE: _("Lasts until the exam ends"),
    ShelfState.UNKNOWN: _("Not touched or counted for two hours"),
}
SHORT = frozenset({ShelfState.EMPTY, ShelfState.URGENT, ShelfState.SOON})


def shelf_state(
    on_hand: int, limits: Limits, hours: float | None, hours_needed: float, as_of: datetime, now: datetime
) -> ShelfState:
    """`hours` is when it runs out at the present rate (None: nothing goes out), `hours_needed` how long it must last.

    A balance that is older than its time to live says nothing, however large it is."""
    if now - as_of > TIME_TO_LIVE:
        return ShelfState.UNKNOWN
    if on_hand <= 0:
        return ShelfState.EMPTY
    level = judge(on_hand, limits, hours, hours_needed)
    if level is AlertLevel.BELOW_MIN or (hours is not None and hours < min(URGENT_HOURS, hours_needed)):
        return ShelfState.URGENT
    return ShelfState.SOON if level is AlertLevel.LOW else ShelfState.FINE
