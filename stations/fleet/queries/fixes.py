"""Where a vehicle was last seen."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from stations.fleet.models import VehiclePosition
from stations.kernel.db import db


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest good fix of a vehicle, in WGS-84 degrees."""

    lat: float
    lon: float
    seen_at: datetime


def find_seen(vehicle_id: int) -> Seen | None:
    """Where a vehicle was last; None while nothing was ever heard of it."""
    where = VehiclePosition
    row = db.session.execute(select(where.lat, where.lon, where.seen_at).where(where.vehicle_id == vehicle_id)).first()
    return Seen(*row) if row else None
