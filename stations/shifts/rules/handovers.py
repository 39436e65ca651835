"""Hand-overs of a station: their states, and what a count says."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from stations.kernel.text import Text, _


class HandoverState(StrEnum):
    """Begun by the outgoing lead, counted by them, signed by the incoming one; or cancelled before."""

    BEGUN = "begun"
    COUNTED = "counted"
    SIGNED = "signed"
    CANCELLED = "cancelled"


LIVE_STATES = (HandoverState.BEGUN, HandoverState.COUNTED)

HANDOVER_STATES: dict[HandoverState, Text] = {
    HandoverState.BEGUN: _("Being counted"),
    HandoverState.COUNTED: _("To be signed"),
    HandoverState.SIGNED: _("Handed over"),
    HandoverState.CANCELLED: _("Cancelled"),
}


@dataclass(frozen=True, slots=True)
class CountLine:
    """What was counted of an item, and the difference that went to the ledger; base units."""

    item: str
    counted: int
    difference: int


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """How much was not finished: help requests, transfers to sign for, loans, people missing at their posts."""

    help: int = 0
    transfers: int = 0
    loans: int = 0
    missing: int = 0


def list_variances(lines: Sequence[CountLine]) -> tuple[CountLine, ...]:
    """The lines that differ from the ledger."""
    return tuple(line for line in lines if line.difference)
