"""The key by which a vehicle's phones and trackers report."""

import secrets
from typing import Any

from sqlalchemy import update

from stations.accounts.rules import Actor
from stations.fleet.models import Vehicle
from stations.fleet.queries.topics import VEHICLES
from stations.fleet.queries.vehicles import lock_vehicle
from stations.kernel import audit
from stations.kernel.db import db
from stations.kernel.revision import next_revision

KEY_BYTES = 18


def renew_key(code: str, actor: Actor) -> dict[str, Any]:
    """Give a vehicle's devices another key; those that have the old one are not known any more."""
    next_revision(VEHICLES)
    vehicle = lock_vehicle(code)
    actor.require("fleet.write", vehicle.path)
    renewed = update(Vehicle).where(Vehicle.id == vehicle.id)
    db.session.execute(renewed.values(device_key=secrets.token_urlsafe(KEY_BYTES)))
    audit.record("vehicle.key", f"vehicle:{code}", actor=actor.username, scope=vehicle.path)
    return {"code": code}
