"""How many vehicles stand by, ride, are off duty, or have not been heard of; and whose crew should be asked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from stations.fleet.queries.board import BoardVehicle
from stations.fleet.rules.signs import is_crew_silent, is_silent
from stations.fleet.rules.vehicles import VehicleState


@dataclass(frozen=True)
class Counts:
    """The board's figures. `silent` are vehicles on duty whose device has missed two of its intervals, the longest
    unheard first; `unsure` those on a ride that gave no sign for long; `alarms` those whose alarm nobody has seen."""

    standby: int
    riding: int
    off: int
    heard: int
    silent_ones: tuple[BoardVehicle, ...]
    unsure: tuple[BoardVehicle, ...]
    alarms: tuple[BoardVehicle, ...]

    @property
    def silent(self) -> int:
        """How many of them there are."""
        return len(self.silent_ones)


def count(vehicles: Sequence[BoardVehicle], now: datetime) -> Counts:
    """Count them."""
    on_duty = [vehicle for vehicle in vehicles if vehicle.state == VehicleState.STANDBY]
    riding = sum(vehicle.ride_id is not None for vehicle in vehicles)
    return Counts(
        standby=sum(vehicle.ride_id is None for vehicle in on_duty),
        riding=riding,
        off=len(vehicles) - len(on_duty),
        heard=sum(vehicle.heard_at is not None for vehicle in on_duty),
        silent_ones=_oldest_first((v.heard_at, v) for v in on_duty if is_silent(v.heard_at, v.interval_seconds, now)),
        unsure=_oldest_first((v.last_sign_at, v) for v in vehicles if is_crew_silent(v, now)),
        alarms=_oldest_first((v.alarm_at, v) for v in vehicles),
    )


def _oldest_first(dated: Iterable[tuple[datetime | None, BoardVehicle]]) -> tuple[BoardVehicle, ...]:
    known = [(at, vehicle) for at, vehicle in dated if at is not None]
    return tuple(vehicle for _at, vehicle in sorted(known, key=lambda pair: (pair[0], pair[1].code)))
