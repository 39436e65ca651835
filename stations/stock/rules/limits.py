"""When an item is short: for the people at the station, and for the public."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from stations.kernel.errors import Invalid
from stations.kernel.text import Text, _
from stations.stock.rules.ledger import MOST_UNITS

PUBLIC_MINUTES = 120  # a balance that nobody touched or counted for longer reads "unknown"
REARM_SHARE = 0.2  # an alert ends this much above the level that raised it


class PublicState(StrEnum):
    """What a parent reads of an item."""

    ENOUGH = "enough"
    SHORT = "short"
    NONE = "none"
    UNKNOWN = "unknown"


STATE_NAMES: dict[str, Text] = {
    PublicState.ENOUGH: _("Plenty"),
    PublicState.SHORT: _("Running short"),
    PublicState.NONE: _("None left"),
    PublicState.UNKNOWN: _("Unknown"),
}


class AlertLevel(IntEnum):
    """How short an item is."""

    FINE = 0
    LOW = 1
    BELOW_MIN = 2
    EMPTY = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """An item is short at `reorder_level` or below; below `min_level` it is urgent; `max_level` is what fits."""

    min_level: int = 0
    reorder_level: int = 0
    max_level: int = 0

    @property
    def rearms_above(self) -> int:
        """The balance above which an alert ends: more than the level itself, so that it does not flutter."""
        return self.reorder_level + max(1, round(self.reorder_level * REARM_SHARE)) - 1


def check_limits(limits: Limits) -> None:
    """Refuse levels that do not rise, and absurd ones."""
    if not 0 <= limits.min_level <= limits.reorder_level <= limits.max_level <= MOST_UNITS:
        message = _("The minimum, the reorder level and the maximum must rise in this order.")
        raise Invalid("stock.limits", message, field="max_level")


def judge(on_hand: int, limits: Limits, hours_left: float | None = None, hours_needed: float = 0) -> AlertLevel:
    """How short `on_hand` is. `hours_left` is when it runs out at the present rate, `hours_needed` how long it must
    last. An item without limits that does not run out is never short."""
    if on_hand <= 0:
        return AlertLevel.EMPTY if limits.max_level else AlertLevel.FINE
    if on_hand < limits.min_level:
        return AlertLevel.BELOW_MIN
    runs_out = hours_left is not None and hours_left < hours_needed
    return AlertLevel.LOW if on_hand <= limits.reorder_level or runs_out else AlertLevel.FINE


def next_level(live: int | None, level: AlertLevel, on_hand: int, limits: Limits) -> AlertLevel | None:
    """What the live alert (None: there is none) becomes: a worse level, FINE to end it, None to leave it alone.

    Better is not told until the alert ends; it ends above the level that raised it."""
    if live is None:
        return level if level is not AlertLevel.FINE else None
    if level > live:
        return level
    if level is AlertLevel.FINE and on_hand > limits.rearms_above:
        return AlertLevel.FINE
    return None


def public_state(on_hand: int, reorder_level: int, as_of: datetime | None, now: datetime) -> PublicState:
    """What the public reads of the units that have not expired."""
    if as_of is None or now - as_of > timedelta(minutes=PUBLIC_MINUTES):
        return PublicState.UNKNOWN
    if on_hand <= 0:
        return PublicState.NONE
    return PublicState.SHORT if on_hand <= reorder_level else PublicState.ENOUGH
