"""Which vehicle belongs where: the scope of what is told about it."""

from sqlalchemy import select

from stations.fleet.models import Vehicle
from stations.kernel.db import db
from stations.kernel.revision import kept

TOPIC = "vehicles"


def vehicle_paths() -> dict[int, str]:
    """Every vehicle's path by its id; kept in memory."""
    return kept(TOPIC, _load_paths)


def _load_paths() -> dict[int, str]:
    return {vehicle_id: path for vehicle_id, path in db.session.execute(select(Vehicle.id, Vehicle.path))}
