"""Those who sit in a vehicle already: how long it still takes, and where to get out when traffic stands."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np

from stations.fleet.optimizer.rows import Conditions
from stations.fleet.queries.board import BoardVehicle
from stations.fleet.queries.requests import HelpRow
from stations.fleet.queries.rides import RideRow
from stations.fleet.rules.rides import RideState
from stations.fleet.rules.signs import is_stale
from stations.fleet.rules.slack import Alternative, points_on_way, tell_gate, walk_last_stretch


def find_aboard(row: HelpRow) -> RideRow | None:
    """The ride in which somebody is on the way to the gate."""
    ride = row.rides[-1] if row.rides else None
    return ride if ride and ride.state is RideState.PICKED_UP and row.is_at_gate(ride) else None


def find_seen(vehicles: Iterable[BoardVehicle], vehicle_id: int, now: datetime) -> BoardVehicle | None:
    """That vehicle, where it is known where it is."""
    found = next((each for each in vehicles if each.id == vehicle_id), None)
    return found if found and found.seen_at is not None and not is_stale(found.seen_at, now) else None


def still_to_go(rows: Sequence[HelpRow], vehicles: Sequence[BoardVehicle], given: Conditions) -> dict[int, float]:
    """Request -> seconds from where its vehicle was just seen to inside the gate; without a request of whose vehicle
    nothing is known lately."""
    seen = {each.id: each for each in vehicles if find_seen((each,), each.id, given.now)}
    aboard = [(row, seen[ride.vehicle_id]) for row in rows if (ride := find_aboard(row)) and ride.vehicle_id in seen]
    if not aboard:
        return {}
    at = np.array([vehicle.point for _row, vehicle in aboard], dtype=np.float64)
    gates = np.array([(row.to_lat, row.to_lon) for row, _vehicle in aboard], dtype=np.float64)
    drive = given.router.travel(at, gates, given.now).seconds.diagonal()
    return {
        row.id: float(seconds) + (given.gate_walk_seconds if row.cutoff_at else 0)
        for (row, _vehicle), seconds in zip(aboard, drive, strict=True)
    }


def last_stretch(row: HelpRow, vehicles: Sequence[BoardVehicle], given: Conditions) -> tuple[Alternative, ...]:
    """What helps whoever sits in a vehicle that will be late: to get out before the jam, where that is sooner; to tell
    the gate, where even that is too late. What the ride is behind its promise is taken to be lost again in front of
    the gate."""
    ride = find_aboard(row)
    vehicle = find_seen(vehicles, ride.vehicle_id, given.now) if ride else None
    if ride is None or vehicle is None or ride.picked_up_at is None or row.cutoff_at is None:
        return ()
    left = (row.cutoff_at - given.now).total_seconds()
    way = points_on_way(*vehicle.point, row.to_lat, row.to_lon)
    drive = given.router.travel(way[:1], way, given.now).seconds[0]
    arrives = float(drive[-1]) + given.gate_walk_seconds
    behind = (given.now - ride.picked_up_at).total_seconds() + arrives - ride.ride_seconds
    found = walk_last_stretch(way, drive, max(behind, 0), given.gate_walk_seconds, left)
    if found is not None and found.margin_seconds >= 0:
        return (found,)
    told = tell_gate(found.arrives_seconds if found else arrives + max(behind, 0), left)
    return (told, found) if found else (told,)
