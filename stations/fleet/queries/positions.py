"""Devices by their key, gates by their place, markers, and what was not believed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select

from stations.adapters.trackers.fix import Fix
from stations.fleet.models import PositionReport, Vehicle, VehiclePosition
from stations.fleet.queries.topics import VEHICLES
from stations.fleet.rules.arrivals import GateMap, Stay
from stations.fleet.rules.fixes import Marker, Suspect, Verdict
from stations.kernel.bulk import read_rows
from stations.kernel.db import db, is_sqlite
from stations.kernel.revision import kept
from stations.places.models import ExamSite, Gate
from stations.places.queries.loading import SITES

_where = VehiclePosition
MARKERS: Select[*tuple[Any, ...]] = (
    select(
        _where.vehicle_id, _where.lat, _where.lon, _where.source, _where.accuracy_metres, _where.speed_mps,
        _where.heading, _where.battery_percent, _where.fixed_at, _where.received_at, _where.seen_at, _where.heard_at,
        _where.interval_seconds, _where.alarm_at, _where.gate_id, _where.gate_since,
    )
    .where(_where.vehicle_id.in_(bindparam("ids", expanding=True)))
    .order_by(_where.vehicle_id)
)  # fmt: skip
LOCKED_MARKERS = MARKERS.with_for_update()


@dataclass(frozen=True, slots=True)
class Device:
    """What reports for a vehicle. `path` is the vehicle's scope, `link_no` that of its driver's valid links."""

    vehicle_id: int
    path: str
    link_no: int


@dataclass(frozen=True, slots=True)
class Devices:
    """The devices of every live vehicle, by key and by the vehicle's id."""

    by_key: dict[str, Device]
    by_vehicle: dict[int, Device]


def get_devices() -> Devices:
    """Every device, from memory; a new key is known within a quarter second."""
    return kept(VEHICLES, _load_devices)


def get_gates() -> GateMap:
    """Every gate, from memory."""
    return kept(SITES, _load_gates)


def find_device_key(vehicle_id: int) -> str | None:
    """What the vehicle's devices sign with: a secret, for who may write the vehicle."""
    return db.session.execute(select(Vehicle.device_key).where(Vehicle.id == vehicle_id)).scalar()


def find_marker(vehicle_id: int) -> Marker | None:
    """Where the vehicle was last."""
    return load_markers([vehicle_id]).get(vehicle_id)


def load_markers(vehicle_ids: Iterable[int], *, lock: bool = False) -> dict[int, Marker]:
    """The markers by vehicle; with `lock` nobody else moves them until the transaction ends."""
    chosen = LOCKED_MARKERS if lock and not is_sqlite() else MARKERS
    return {row[0]: _marker(*row[1:]) for row in read_rows(chosen, ids=sorted(vehicle_ids))}


def _marker(lat: float, lon: float, source: str, *rest: Any) -> Marker:
    measures, times, (interval_seconds, alarm_at, gate_id, gate_since) = rest[:4], rest[4:8], rest[8:]
    fix = Fix(times[0], lat, lon, source, *measures)
    fixed_at, received_at, seen_at, heard_at = times
    stay = Stay(gate_id, gate_since)
    return Marker(fix, fixed_at, received_at, seen_at, heard_at, interval_seconds, alarm_at, stay)


def load_suspects(vehicle_ids: Iterable[int], since: datetime) -> dict[int, list[Suspect]]:
    """What came since then and was not believed, by vehicle, in the order of the device's clock."""
    doubted = (Verdict.FUTURE.value, Verdict.IMPLAUSIBLE.value)
    report = PositionReport
    chosen = (
        select(report.vehicle_id, report.fixed_at, report.received_at, report.lat, report.lon, report.verdict)
        .where(report.vehicle_id.in_(sorted(vehicle_ids)), report.fixed_at > since)
        .where(report.received_at > since, report.verdict.in_(doubted))
        .order_by(report.fixed_at)
    )
    suspects: dict[int, list[Suspect]] = {}
    for vehicle_id, fixed_at, received_at, lat, lon, verdict in db.session.execute(chosen):
        suspect = Suspect(fixed_at, received_at, lat, lon, Verdict(verdict))
        suspects.setdefault(vehicle_id, []).append(suspect)
    return suspects


def count_ahead(vehicle_id: int, since: datetime) -> int:
    """How many fixes came since then from a clock that was ahead: above none, the device's clock is wrong."""
    return sum(row.verdict is Verdict.FUTURE for row in load_suspects([vehicle_id], since).get(vehicle_id, []))


def _load_devices() -> Devices:
    chosen = select(Vehicle.device_key, Vehicle.id, Vehicle.path, Vehicle.link_no).where(Vehicle.archived_at.is_(None))
    by_key = {key: Device(vehicle_id, path, link_no) for key, vehicle_id, path, link_no in db.session.execute(chosen)}
    return Devices(by_key, {device.vehicle_id: device for device in by_key.values()})


def _load_gates() -> GateMap:
    live = select(Gate.id, Gate.lat, Gate.lon).join(ExamSite, ExamSite.id == Gate.exam_site_id)
    found = db.session.execute(live.where(ExamSite.archived_at.is_(None)))
    return GateMap({gate_id: (lat, lon) for gate_id, lat, lon in found})
