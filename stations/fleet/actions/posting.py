"""Vehicles that stand by are sent to the gates where they are wanted."""

from collections.abc import Sequence
from typing import Any

from stations.accounts.rules import Actor
from stations.fleet.actions.vehicles import set_state
from stations.fleet.queries.rides import find_live_ride
from stations.fleet.queries.topics import VEHICLES
from stations.fleet.queries.vehicles import lock_vehicle
from stations.fleet.rules.vehicles import VehicleState
from stations.kernel.db import attempt
from stations.kernel.errors import Refused
from stations.kernel.revision import next_revision
from stations.kernel.text import _


def post_all(moves: Sequence[tuple[str, int]], reason: str, actor: Actor) -> dict[str, Any]:
    """Let each vehicle stand by at its gate (code, id of the gate). One that has left duty, got a ride or lies outside
    the actor's scope stays as it is."""
    next_revision(VEHICLES)
    sent, left = [], []
    for code, gate_id in moves:
        try:
            with attempt():
                _post(code, gate_id, reason, actor)
            sent.append(code)
        except Refused:
            left.append(code)
    return {"sent": sent, "left": left}


def _post(code: str, gate_id: int, reason: str, actor: Actor) -> None:
    vehicle = lock_vehicle(code)
    if vehicle.state is not VehicleState.STANDBY or find_live_ride(vehicle.id) is not None:
        raise Refused("vehicle.busy", _("%(vehicle)s does not stand by any more.", vehicle=code))
    set_state(code, VehicleState.STANDBY, actor, gate_id, reason)
