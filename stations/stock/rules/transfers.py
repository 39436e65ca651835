"""The moves of a transfer, as one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from stations.kernel.errors import Invalid, Refused
from stations.kernel.text import Text, _
from stations.stock.rules.ledger import check_quantity

HELD_MINUTES = 60  # picked units go back on the shelf when nobody sends them


class TransferState(StrEnum):
    """Where a transfer stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    PICKED = "picked"
    SENT = "sent"
    RECEIVED = "received"
    REFUSED = "refused"
    CANCELLED = "cancelled"


NEXT: dict[TransferState, frozenset[TransferState]] = {
    TransferState.REQUESTED: frozenset({TransferState.APPROVED, TransferState.REFUSED, TransferState.CANCELLED}),
    TransferState.APPROVED: frozenset({TransferState.PICKED, TransferState.CANCELLED}),
    TransferState.PICKED: frozenset({TransferState.SENT, TransferState.APPROVED, TransferState.CANCELLED}),
    TransferState.SENT: frozenset({TransferState.RECEIVED}),
    TransferState.RECEIVED: frozenset(),
    TransferState.REFUSED: frozenset(),
    TransferState.CANCELLED: frozenset(),
}

STATE_NAMES: dict[str, Text] = {
    TransferState.REQUESTED: _("Requested"),
    TransferState.APPROVED: _("Approved"),
    TransferState.PICKED: _("Picked"),
    TransferState.SENT: _("In transit"),
    TransferState.RECEIVED: _("Received"),
    TransferState.REFUSED: _("Refused"),
    TransferState.CANCELLED: _("Cancelled"),
}


@dataclass(frozen=True, slots=True)
class TransferOrder:
    """Units wanted from one station at another: item code -> units."""

    request_id: str
    from_station: str
    to_station: str
    quantities: Mapping[str, int]
    vehicle: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """What came of one item, and why it is not what was sent."""

    quantity: int
    reason: str = ""


def check_order(order: TransferOrder) -> None:
    """Refuse a transfer to itself, of nothing, or of absurd quantities."""
    if order.from_station == order.to_station:
        raise Invalid("transfer.nowhere", _("A transfer goes to another station."), field="to_station")
    if not order.quantities:
        raise Invalid("transfer.empty", _("Please say what is to go."), field="quantity")
    for quantity in order.quantities.values():
        check_quantity(quantity)


def check_move(state: TransferState, wanted: TransferState) -> None:
    """Refuse a move that the table does not have."""
    if wanted not in NEXT[state]:
        message = _("This transfer is %(state)s already.", state=STATE_NAMES[state])
        raise Refused("transfer.state", message)


def check_received(sent: int, received: Received) -> None:
    """Refuse a difference without its reason, and absurd quantities."""
    if received.quantity:
        check_quantity(received.quantity)
    if received.quantity != sent and not received.reason.strip():
        message = _("%(sent)s were sent and %(received)s came. Please say why.", sent=sent, received=received.quantity)
        raise Invalid("transfer.difference", message, field="reason")
