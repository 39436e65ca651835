"""A ride's steps: a table of moves, each with the time at which it was made."""

from datetime import datetime, timedelta
from enum import StrEnum

from stations.kernel.errors import Refused
from stations.kernel.text import Text, _

OFFER = timedelta(seconds=60)
UNDO = timedelta(seconds=5)
SPARE = timedelta(minutes=10)  # what a hotline ride keeps free after it should have ended
SILENT = timedelta(minutes=15)  # a crew on a ride that gave no sign for this long is asked

NO_ANSWER = "no_answer"  # the reason of an offer that ran out


class RideState(StrEnum):
    """How far a ride is."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    EN_ROUTE = "en_route"
    PICKED_UP = "picked_up"
    DROPPED_OFF = "dropped_off"
    CLOSED = "closed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    HANDED_OVER = "handed_over"


S = RideState
STATE_NAMES: dict[str, Text] = {
    S.OFFERED: _("Offered"),
    S.ACCEPTED: _("Accepted"),
    S.EN_ROUTE: _("On the way"),
    S.PICKED_UP: _("Picked up"),
    S.DROPPED_OFF: _("Dropped off"),
    S.CLOSED: _("Closed"),
    S.REFUSED: _("Refused"),
    S.CANCELLED: _("Called off"),
    S.HANDED_OVER: _("Handed over"),
}

LIVE = frozenset({S.OFFERED, S.ACCEPTED, S.EN_ROUTE, S.PICKED_UP})
NEXT: dict[RideState, frozenset[RideState]] = {
    S.OFFERED: frozenset({S.ACCEPTED, S.REFUSED, S.CANCELLED}),
    S.ACCEPTED: frozenset({S.EN_ROUTE, S.REFUSED, S.CANCELLED, S.HANDED_OVER}),
    S.EN_ROUTE: frozenset({S.PICKED_UP, S.REFUSED, S.CANCELLED, S.HANDED_OVER}),
    S.PICKED_UP: frozenset({S.DROPPED_OFF, S.HANDED_OVER}),
    S.DROPPED_OFF: frozenset({S.CLOSED}),
    S.CLOSED: frozenset(),
    S.REFUSED: frozenset(),
    S.CANCELLED: frozenset(),
    S.HANDED_OVER: frozenset(),
}
# The column that keeps a step's time; every end that is not at the gate shares one.
STEP_TIMES: dict[RideState, str] = {
    S.ACCEPTED: "accepted_at",
    S.EN_ROUTE: "en_route_at",
    S.PICKED_UP: "picked_up_at",
    S.DROPPED_OFF: "dropped_off_at",
    S.CLOSED: "ended_at",
    S.REFUSED: "ended_at",
    S.CANCELLED: "ended_at",
    S.HANDED_OVER: "ended_at",
}
NEEDS_REASON = frozenset({S.REFUSED, S.HANDED_OVER})


def check_step(current: RideState, wanted: RideState, reason: str) -> None:
    """Refuse a move that the table does not have, or one without its reason."""
    if wanted not in NEXT[current]:
        message = _('This ride is "%(state)s" by now; that step is no longer possible.', state=STATE_NAMES[current])
        raise Refused("ride.step", message)
    if wanted in NEEDS_REASON and not reason.strip():
        raise Refused("ride.reason", _("Please say why."), field="reason", status=400)


def is_unanswered(state: RideState, offered_at: datetime, now: datetime) -> bool:
    """Whether an offer has waited so long that the request is back on top."""
    return state is S.OFFERED and now - offered_at > OFFER


def is_silent(state: RideState, last_sign_at: datetime, now: datetime) -> bool:
    """Whether a crew on a ride should be asked if all is well."""
    return state in LIVE and now - last_sign_at > SILENT
