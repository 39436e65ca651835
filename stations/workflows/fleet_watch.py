"""The fleet's own clock: offers that nobody answered go back on top, what was dropped off is closed, what is old is
erased."""

from contextlib import suppress
from datetime import timedelta

from stations.accounts.rules import PROGRAM
from stations.fleet.actions.erasing import MOST_FIXES, erase_before
from stations.fleet.actions.rides import CLOSES_AFTER, close_request, take_step
from stations.fleet.queries.requests import list_forgotten
from stations.fleet.queries.rides import list_over, list_unanswered
from stations.fleet.rules.requests import FORGOTTEN, LIVE, Outcome
from stations.fleet.rules.rides import NO_ANSWER, OFFER, RideState
from stations.kernel import clock
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Refused


def look_after_rides() -> int:
    """End unanswered offers, close what is at the gate and what everybody forgot; how many. Each by itself: one that
    somebody changed meanwhile is theirs."""
    now = clock.now()
    done = 0
    for ride_id in list_unanswered(now - OFFER):
        done += _step(ride_id, RideState.REFUSED, NO_ANSWER)
    for ride_id in list_over(now - CLOSES_AFTER):
        done += _step(ride_id, RideState.CLOSED, "")
    return done + sum(_close(request_id) for request_id in list_forgotten(now - LIVE))


def erase(days: int) -> dict[str, int]:
    """Erase what has been over for `days` days."""
    return run_in_transaction(lambda: erase_before(clock.now() - timedelta(days=days)))


def erase_all(days: int) -> dict[str, int]:
    """As `erase`, again and again until nothing so old is left."""
    total: dict[str, int] = {}
    while True:
        counts = erase(days)
        total = {name: total.get(name, 0) + count for name, count in counts.items()}
        if counts["fixes"] < MOST_FIXES:
            return total


def _close(request_id: int) -> int:
    with suppress(Refused):
        run_in_transaction(lambda: close_request(request_id, Outcome.NOT_NEEDED, PROGRAM, FORGOTTEN))
        return 1
    return 0


def _step(ride_id: int, wanted: RideState, reason: str) -> int:
    with suppress(Refused):
        run_in_transaction(lambda: take_step(ride_id, wanted, PROGRAM, reason=reason))
        return 1
    return 0
