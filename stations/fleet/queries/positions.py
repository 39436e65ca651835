"""Devices by their key, gates by their place, markers, tracks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from stations.adapters.trackers.fix import Fix
from stations.fleet.models import GateVisit, PositionReport, Vehicle, VehiclePosition
from stations.fleet.queries.topics import VEHICLES
from stations.fleet.rules.arrivals import GateMap, Stay
from stations.fleet.rules.fixes import Marker, Suspect, Verdict
from stations.kernel.bulk import read_rows
from stations.kernel.db import db, is_sqlite
from stations.kernel.revision import kept
from stations.places.models import ExamSite, Gate
from stations.places.queries.loading import SITES


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


@dataclass(frozen=True, slots=True)
class TrackPoint:
    """One fix of a track; `verdict` tells whether it came in time."""

    fixed_at: datetime
    received_at: datetime
    lat: float
    lon: float
    accuracy_metres: float | None
    speed_mps: float | None
    heading: float | None
    source: str
    verdict: str


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A stay at a gate; it lasts while `left_at` is None."""

    vehicle_id: int
    gate_id: int
    arrived_at: datetime
    left_at: datetime | None


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
    where = VehiclePosition
    chosen = (
        select(
            where.vehicle_id, where.lat, where.lon, where.source, where.accuracy_metres, where.speed_mps,
            where.heading, where.battery_percent, where.fixed_at, where.received_at, where.seen_at, where.heard_at,
            where.interval_seconds, where.alarm_at, where.gate_id, where.gate_since,
        )
        .where(where.vehicle_id.in_(sorted(vehicle_ids)))
        .order_by(where.vehicle_id)
    )  # fmt: skip
    found = read_rows(chosen.with_for_update() if lock and not is_sqlite() else chosen)
    return {row[0]: _marker(*row[1:]) for row in found}


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


def list_track(vehicle_id: int, from_at: datetime, until: datetime) -> list[TrackPoint]:
    """Where the vehicle was from `from_at` up to `until`, in order; without what was not believed."""
    report = PositionReport
    believed = report.verdict.in_((Verdict.GOOD.value, Verdict.LATE.value))
    return _list_points(report.vehicle_id == vehicle_id, report.fixed_at >= from_at, report.fixed_at < until, believed)


def list_visits(vehicle_ids: Sequence[int], since: datetime) -> list[VisitRow]:
    """The stays of these vehicles at gates that had not ended before `since`, in order."""
    visit = GateVisit
    chosen = (
        select(visit.vehicle_id, visit.gate_id, visit.arrived_at, visit.left_at)
        .where(visit.vehicle_id.in_(vehicle_ids), (visit.left_at.is_(None)) | (visit.left_at >= since))
        .order_by(visit.arrived_at, visit.id)
    )
    return [VisitRow(*row) for row in db.session.execute(chosen)]


def _list_points(*conditions: ColumnElement[bool]) -> list[TrackPoint]:
    report = PositionReport
    chosen = (
        select(
            report.fixed_at, report.received_at, report.lat, report.lon, report.accuracy_metres, report.speed_mps,
            report.heading, report.source, report.verdict,
        )
        .where(*conditions)
        .order_by(report.fixed_at)
    )  # fmt: skip
    return [TrackPoint(*row) for row in db.session.execute(chosen)]


def _load_devices() -> Devices:
    chosen = select(Vehicle.device_key, Vehicle.id, Vehicle.path, Vehicle.link_no).where(Vehicle.archived_at.is_(None))
    by_key = {key: Device(vehicle_id, path, link_no) for key, vehicle_id, path, link_no in db.session.execute(chosen)}
    return Devices(by_key, {device.vehicle_id: device for device in by_key.values()})


def _load_gates() -> GateMap:
    live = select(Gate.id, Gate.lat, Gate.lon).join(ExamSite, ExamSite.id == Gate.exam_site_id)
    found = db.session.execute(live.where(ExamSite.archived_at.is_(None)))
    return GateMap({gate_id: (lat, lon) for gate_id, lat, lon in found})
