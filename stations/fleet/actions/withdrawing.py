"""An asker who needs no help any more calls it off, by the link of the request."""

from typing import Any

from stations.accounts.rules import Actor, Scope
from stations.fleet.actions.requests import PUBLIC, call_off
from stations.fleet.actions.rides import take_step
from stations.fleet.queries.requests import get_request, get_request_by_key, lock_request
from stations.fleet.queries.rides import list_rides_of
from stations.fleet.rules.rides import RideState
from stations.kernel.errors import Refused
from stations.kernel.text import _

REASON = "asker"  # the reason of a ride that its asker called off


def withdraw(key: str) -> dict[str, Any]:
    """Free the vehicles that are on their way and end the request. Refused once somebody is aboard."""
    number = get_request_by_key(key).id
    lock_request(number)
    row = get_request(number)
    for ride in row.rides:
        if ride.state is RideState.PICKED_UP:
            raise Refused("help.riding", _("Somebody is aboard already. Please speak to the crew."))
    if not row.rides and row.is_open and _has_arrived(row.id):
        raise Refused("help.over", _("You have arrived. There is nothing left to call off."))
    asker = Actor(PUBLIC, PUBLIC, (Scope("dispatcher", row.path),))
    for ride in row.rides:
        take_step(ride.id, RideState.CANCELLED, asker, reason=REASON)
    return call_off(get_request(number), PUBLIC)


def _has_arrived(request_id: int) -> bool:
    return any(ride.state is RideState.DROPPED_OFF for ride in list_rides_of(request_id))
