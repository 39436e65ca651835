"""What becomes of a place, of waiting for one and of asking somebody to swap."""

from enum import StrEnum

from stations.kernel.text import Text, _


class Source(StrEnum):
    """By which way somebody came to a place."""

    SELF = "self"
    LEADER = "leader"
    ADMIN = "admin"
    OPTIMIZER = "optimizer"
    IMPORT = "import"
    SWAP = "swap"
    OFFER = "offer"


class AssignmentState(StrEnum):
    """Only a confirmed one takes the place and the volunteer's time. A volunteer gives one up (dropped) or never takes
    it up (declined); others take it away (removed), or the shift is called off (cancelled)."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DROPPED = "dropped"
    DECLINED = "declined"
    REMOVED = "removed"
    CANCELLED = "cancelled"


class WaitState(StrEnum):
    """Whoever is offered a place has it kept for a while; a lapsed offer ends the wait."""

    WAITING = "waiting"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    LEFT = "left"


class SwapState(StrEnum):
    """A question to another volunteer and its answer."""

    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


SOURCE_NAMES: dict[str, Text] = {
    Source.SELF: _("Signed up"),
    Source.LEADER: _("By the team leader"),
    Source.ADMIN: _("By the organizer"),
    Source.OPTIMIZER: _("By the roster"),
    Source.IMPORT: _("Imported"),
    Source.SWAP: _("By a swap"),
    Source.OFFER: _("From the waiting list"),
}
