"""Whether a crew is well: who spoke to them, who has seen their alarm, who looked up their phone."""

from datetime import datetime
from typing import Any

from sqlalchemy import update

from stations.accounts.rules import Actor
from stations.fleet.actions.telling import tell
from stations.fleet.models import Vehicle, VehiclePosition
from stations.fleet.queries.vehicles import NO_VEHICLE, VehicleRow, find_vehicle
from stations.kernel import audit, clock
from stations.kernel.db import changed_one, db
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.text import _


def note_spoken(code: str, actor: Actor) -> dict[str, Any]:
    """Say that the actor has just spoken to the crew."""
    vehicle = _get_mine(code, actor)
    now = clock.now()
    db.session.execute(update(Vehicle).where(Vehicle.id == vehicle.id).values(crew_seen_at=now))
    audit.record("vehicle.spoken", f"vehicle:{code}", actor=actor.username, scope=vehicle.path)
    tell(vehicle.path)
    return {"vehicle": code, "at": now.isoformat()}


def note_alarm_seen(code: str, seen: datetime, actor: Actor) -> dict[str, Any]:
    """Say that the actor takes care of the alarm of `seen`; a later one stays."""
    vehicle = _get_mine(code, actor)
    same = update(VehiclePosition).where(
        VehiclePosition.vehicle_id == vehicle.id,
        VehiclePosition.alarm_at.is_not(None),
        VehiclePosition.alarm_at <= seen,
    )
    if not changed_one(same.values(alarm_at=None)):
        raise Refused("alarm.gone", _("This alarm was seen already, or there is a later one. Please look again."))
    audit.record(
        "vehicle.alarm_seen", f"vehicle:{code}", actor=actor.username, scope=vehicle.path,
        before={"alarm_at": seen.isoformat()},
    )  # fmt: skip
    tell(vehicle.path)
    return {"vehicle": code}


def reveal_crew_phone(code: str, reason: str, actor: Actor) -> str:
    """The crew's phone, which the page masks; who asked for it, when and why is kept."""
    vehicle = _get_mine(code, actor)
    if not reason.strip():
        raise Invalid("reveal.reason", _("Please say why you need the number."), field="reason")
    if not vehicle.crew_phone:
        raise NotFound("phone.none", _("The crew has left no phone number."))
    audit.record(
        "vehicle.reveal_phone", f"vehicle:{code}", actor=actor.username, scope=vehicle.path, reason=reason.strip()
    )
    return vehicle.crew_phone


def _get_mine(code: str, actor: Actor) -> VehicleRow:
    vehicle = find_vehicle(code)
    if vehicle is None or not actor.may("fleet.dispatch", vehicle.path):
        raise NotFound("vehicle.unknown", NO_VEHICLE)
    return vehicle
