"""What may move, and from which lots."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from stations.kernel.errors import Invalid, Refused
from stations.kernel.text import Text, _

MOST_UNITS = 1_000_000
MOST_ON_HAND = 1_000_000_000  # of one lot at one place
OLDEST_HOURS = 24  # a device that was offline for longer is asked to count instead


class MovementKind(StrEnum):
    """Why units moved."""

    RECEIPT = "receipt"
    ISSUE = "issue"
    HOLD = "hold"
    RELEASE = "release"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    ADJUSTMENT = "adjustment"
    WRITE_OFF = "write_off"
    LOAN = "loan"
    RETURN = "return"
    ASSEMBLY = "assembly"
    REVERSAL = "reversal"


KIND_NAMES: dict[str, Text] = {
    MovementKind.RECEIPT: _("Receipt"),
    MovementKind.ISSUE: _("Issue"),
    MovementKind.HOLD: _("Held for a transfer"),
    MovementKind.RELEASE: _("Released again"),
    MovementKind.TRANSFER_OUT: _("Transfer out"),
    MovementKind.TRANSFER_IN: _("Transfer in"),
    MovementKind.ADJUSTMENT: _("Adjustment by count"),
    MovementKind.WRITE_OFF: _("Write-off"),
    MovementKind.LOAN: _("Loan"),
    MovementKind.RETURN: _("Return"),
    MovementKind.ASSEMBLY: _("Assembly"),
    MovementKind.REVERSAL: _("Reversal"),
}

REASON_NEEDED = frozenset({MovementKind.WRITE_OFF})


class PlaceKind(StrEnum):
    """Where units of a station can be."""

    STATION = "station"
    HELD = "held"
    IN_TRANSIT = "in_transit"
    LENT = "lent"


@dataclass(frozen=True, slots=True)
class LotRow:
    """One lot at one place."""

    lot_id: int
    code: str
    expiry_date: date | None
    on_hand: int


@dataclass(frozen=True, slots=True)
class TakeOrder:
    """Units to issue or write off. `lot` names a lot against first-expired-first-out and needs a `reason`;
    `happened_at` is when the writer's device says it was, None for now."""

    request_id: str
    station: str
    item: str
    quantity: int
    kind: MovementKind = MovementKind.ISSUE
    reason: str = ""
    lot: str | None = None
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReceiveOrder:
    """Units that came in, with their lot."""

    request_id: str
    station: str
    item: str
    quantity: int
    lot: str = ""
    expiry_date: date | None = None
    reason: str = ""
    happened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CountOrder:
    """What was counted of an item (or of one `lot` of it) by somebody who had seen the ledger up to `position`;
    None where the count is of this moment. `seen` are orders of the counter's own that came before the count and
    reached the ledger only after that position: what a phone without signal had queued."""

    request_id: str
    station: str
    item: str
    counted: int
    position: int | None = None
    lot: str | None = None
    reason: str = ""
    happened_at: datetime | None = None
    seen: tuple[str, ...] = ()


def check_quantity(quantity: int) -> None:
    """Refuse nothing, less than nothing and more than anybody has."""
    if not 0 < quantity <= MOST_UNITS:
        message = _("The quantity must be a whole number from 1 to %(most)s.", most=MOST_UNITS)
        raise Invalid("stock.quantity", message, field="quantity")


def check_reason(kind: MovementKind, reason: str, *, is_override: bool = False) -> None:
    """Refuse a write-off or an override without its reason."""
    if (kind in REASON_NEEDED or is_override) and not reason.strip():
        raise Invalid("stock.reason", _("Please say why."), field="reason")


def happened(device_time: datetime | None, now: datetime) -> datetime:
    """When it was: what the device says, never later than now. Refused when it is older than a day."""
    if device_time is None or device_time >= now:
        return now
    if now - device_time > timedelta(hours=OLDEST_HOURS):
        raise Refused("stock.old", _("This entry is more than a day old. Please count instead."))
    return device_time


def is_expired(expiry_date: date | None, today: date) -> bool:
    """Whether a lot may no longer be handed out; it may on its last day."""
    return expiry_date is not None and expiry_date < today


def pick(
    lots: Sequence[LotRow], quantity: int, today: date, *, lot: str | None = None, with_expired: bool = False
) -> list[tuple[LotRow, int]]:
    """(lot, units) that make up `quantity`, first expired first, or from one named lot. Raises Refused."""
    usable = [row for row in lots if with_expired or not is_expired(row.expiry_date, today)]
    if lot is not None:
        usable = [row for row in usable if row.code == lot]
    left, picked = quantity, []
    for row in sorted(usable, key=lambda row: (row.expiry_date or date.max, row.lot_id)):
        taken = min(left, row.on_hand)
        if taken:
            picked.append((row, taken))
            left -= taken
    if left:
        raise insufficient(quantity, quantity - left)
    return picked


def overfull() -> Refused:
    """The refusal of a put that no shelf could hold."""
    message = _("More than %(most)s of one lot cannot be kept at one place.", most=MOST_ON_HAND)
    return Refused("stock.overfull", message, field="quantity")


def insufficient(wanted: int, there: int) -> Refused:
    """The refusal of a take that would go below zero; a count may set the record straight."""
    message = _("Only %(there)s left, not %(wanted)s. If more are there, please count.", there=there, wanted=wanted)
    return Refused("stock.insufficient", message, field="quantity")
