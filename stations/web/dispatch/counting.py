"""How many vehicles stand by, ride, are off duty, or have not been heard of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from stations.fleet.queries.board import BoardVehicle

SILENT_INTERVALS = 2


@dataclass(frozen=True)
class Counts:
    """The board's figures; `silent` are vehicles on duty whose device has missed two of its intervals."""

    standby: int
    riding: int
    off: int
    silent: int
    heard: int


def count(vehicles: Sequence[BoardVehicle], now: datetime) -> Counts:
    """Count them."""
    on_duty = [vehicle for vehicle in vehicles if vehicle.state == "standby"]
    riding = sum(vehicle.ride_id is not None for vehicle in vehicles)
    return Counts(
        standby=sum(vehicle.ride_id is None for vehicle in on_duty),
        riding=riding,
        off=len(vehicles) - len(on_duty),
        silent=sum(is_silent(vehicle, now) for vehicle in on_duty),
        heard=sum(vehicle.heard_at is not None for vehicle in on_duty),
    )


def is_silent(vehicle: BoardVehicle, now: datetime) -> bool:
    """Whether a device that was heard has missed two of its intervals."""
    if vehicle.heard_at is None or vehicle.interval_seconds is None:
        return False
    return (now - vehicle.heard_at).total_seconds() > SILENT_INTERVALS * vehicle.interval_seconds
