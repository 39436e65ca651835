"""What a crew says from its signed link besides the steps of a ride: all is well, where it stands by, off duty."""

from typing import Any

from sqlalchemy import update

from stations.accounts.rules import Actor, Scope
from stations.fleet.actions.rides import Crew
from stations.fleet.actions.telling import tell
from stations.fleet.actions.vehicles import set_state
from stations.fleet.models import Vehicle
from stations.fleet.queries.vehicles import VehicleRow
from stations.fleet.rules.vehicles import VehicleState
from stations.kernel import audit, clock
from stations.kernel.db import db


def crew_of(vehicle: VehicleRow) -> Crew:
    """The crew behind a vehicle's link."""
    return Crew(vehicle.id, vehicle.code)


def report_well(vehicle: VehicleRow) -> dict[str, Any]:
    """A sign of life: whoever looks after the crews need not call this one."""
    now = clock.now()
    _touch(vehicle)
    audit.record("crew.well", f"vehicle:{vehicle.code}", actor=crew_of(vehicle).username, scope=vehicle.path)
    tell(vehicle.path)
    return {"vehicle": vehicle.code, "at": now.isoformat()}


def stand_by(vehicle: VehicleRow, gate_id: int | None) -> dict[str, Any]:
    """Stand by at a gate, or at the base. Refused where the vehicle's file lacks something."""
    stood = set_state(vehicle.code, VehicleState.STANDBY, _as_actor(vehicle), gate_id)
    _touch(vehicle)
    return stood


def go_off_duty(vehicle: VehicleRow) -> dict[str, Any]:
    """No more rides. Refused while there is one."""
    left = set_state(vehicle.code, VehicleState.OFF, _as_actor(vehicle))
    _touch(vehicle)
    return left


def note_phone_shown(vehicle: VehicleRow, request_id: int, ride_id: int, path: str) -> dict[str, Any]:
    """Keep that the asker's phone was shown to the crew of a ride: one line a ride."""
    audit.record(
        "ride.phone_shown", f"help:{request_id}", actor=crew_of(vehicle).username, scope=path, after={"ride": ride_id}
    )
    return {"ride": ride_id}


def _as_actor(vehicle: VehicleRow) -> Actor:
    """A crew may tell its own vehicle where to be, and no other."""
    return Actor(crew_of(vehicle).username, vehicle.code, (Scope("dispatcher", vehicle.path),))


def _touch(vehicle: VehicleRow) -> None:
    db.session.execute(update(Vehicle).where(Vehicle.id == vehicle.id).values(crew_seen_at=clock.now()))
