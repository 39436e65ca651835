"""What devices said is written down: many requests in one transaction, each fix once, every marker by its newest."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import msgspec
from sqlalchemy import Table, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from stations.adapters import live
from stations.adapters.trackers.fix import Fix
from stations.fleet.actions.telling import tell
from stations.fleet.models import GateVisit, PositionReport, VehiclePosition
from stations.fleet.queries.positions import Device, get_gates, load_markers, load_suspects
from stations.fleet.rules.arrivals import Stay
from stations.fleet.rules.fixes import (
    SUSPECTED_FOR,
    Came,
    Followed,
    Marker,
    Suspect,
    follow_fixes,
    is_doubtful,
    is_in_china,
    set_heard,
)
from stations.kernel import clock
from stations.kernel.bulk import insert_rows
from stations.kernel.db import db, is_sqlite

Key = tuple[int, datetime]

# As plain tables: the ORM would take several times as long for each row.
TRACK, MARKERS = cast(Table, PositionReport.__table__), cast(Table, VehiclePosition.__table__)


class Incoming(msgspec.Struct, frozen=True, gc=False):
    """One request of a device, at the machine's own time: its fixes, none for a sign of life."""

    device: Device
    received_at: datetime
    fixes: tuple[Fix, ...]
    is_alarm: bool = False


@dataclass(slots=True)
class _Vehicle:
    """What came from one vehicle's devices; its fixes by their time."""

    path: str
    arrived: dict[datetime, Came] = field(default_factory=dict)
    requests: list[tuple[datetime, bool, tuple[datetime, ...]]] = field(default_factory=list)

    @property
    def is_alarm(self) -> bool:
        """Whether any of it was an alarm."""
        return any([is_alarm for _at, is_alarm, _times in self.requests])

    def list_fixes(self) -> list[Came]:
        """In the order of the device's clock."""
        return [self.arrived[at] for at in sorted(self.arrived)]


Coming = dict[int, _Vehicle]


def record(group: Sequence[Incoming]) -> Counter[str]:
    """Write a group down, in the caller's transaction; how many fixes got which verdict. What was known before
    changes nothing: neither a track, nor a marker, nor when a device was last heard."""
    coming = _sort(group)
    markers = load_markers(coming, lock=True)
    suspects = _load_suspects(coming, markers)
    last_id = db.session.execute(select(func.max(PositionReport.id))).scalar() or 0
    followed = _follow(coming, markers, suspects)
    rows = _list_rows(coming, followed)
    if rows and insert_rows(TRACK, rows, _keep_known) < len(rows):
        new = _list_new(coming, last_id)
        for vehicle_id, vehicle in coming.items():
            _forget_known(vehicle, new.get(vehicle_id, set()))
        followed = _follow(coming, markers, suspects)
    _save(coming, markers, followed)
    return Counter(verdict.value for each in followed.values() for verdict in each.verdicts)


def _sort(group: Iterable[Incoming]) -> Coming:
    coming: Coming = {}
    for each in group:
        vehicle = coming.get(each.device.vehicle_id)
        if vehicle is None:
            vehicle = coming[each.device.vehicle_id] = _Vehicle(each.device.path)
        received_at, times = clock.shown(each.received_at), []
        for fix in each.fixes:
            if not clock.is_real():
                fix = msgspec.structs.replace(fix, fixed_at=clock.shown(fix.fixed_at))
            times.append(fix.fixed_at)
            vehicle.arrived.setdefault(fix.fixed_at, Came(fix, received_at))
        vehicle.requests.append((received_at, each.is_alarm, tuple(times)))
    return coming


def _load_suspects(coming: Coming, markers: Mapping[int, Marker]) -> dict[int, list[Suspect]]:
    doubted = [
        (vehicle_id, came.received_at)
        for vehicle_id, vehicle in coming.items()
        for came in vehicle.arrived.values()
        if is_doubtful(came, markers.get(vehicle_id))
    ]
    if not doubted:
        return {}
    since = min(received_at for _vehicle_id, received_at in doubted) - SUSPECTED_FOR
    return load_suspects({vehicle_id for vehicle_id, _at in doubted}, since)


def _follow(
    coming: Coming, markers: Mapping[int, Marker], suspects: Mapping[int, list[Suspect]]
) -> dict[int, Followed]:
    gates = get_gates()
    return {
        vehicle_id: follow_fixes(markers.get(vehicle_id), vehicle.list_fixes(), suspects.get(vehicle_id, ()), gates)
        for vehicle_id, vehicle in coming.items()
    }


def _list_rows(coming: Coming, followed: Mapping[int, Followed]) -> list[dict[str, Any]]:
    rows = []
    for vehicle_id, vehicle in coming.items():
        for came, verdict in zip(vehicle.list_fixes(), followed[vehicle_id].verdicts, strict=True):
            fix = came.fix
            rows.append({
                "vehicle_id": vehicle_id, "fixed_at": fix.fixed_at, "received_at": came.received_at,
                "lat": fix.lat, "lon": fix.lon, "accuracy_metres": fix.accuracy_metres, "speed_mps": fix.speed_mps,
                "heading": fix.heading, "battery_percent": fix.battery_percent, "source": fix.source,
                "verdict": verdict.value,
            })  # fmt: skip
    return rows


def _keep_known(new: Any) -> Any:
    return new.on_conflict_do_nothing()


def _keep_newer(new: Any) -> Any:
    changed = {column.name: new.excluded[column.name] for column in MARKERS.c if not column.primary_key}
    return new.on_conflict_do_update(
        index_elements=["vehicle_id"], set_=changed, where=new.excluded.fixed_at >= MARKERS.c.fixed_at
    )


def _list_new(coming: Collection[int], last_id: int) -> dict[int, set[datetime]]:
    """The times of the fixes that were just written, by vehicle."""
    report = PositionReport
    chosen = select(report.vehicle_id, report.fixed_at).where(report.id > last_id, report.vehicle_id.in_(list(coming)))
    new: dict[int, set[datetime]] = {}
    for vehicle_id, fixed_at in db.session.execute(chosen):
        new.setdefault(vehicle_id, set()).add(fixed_at)
    return new


def _forget_known(vehicle: _Vehicle, new: set[datetime]) -> None:
    vehicle.arrived = {at: came for at, came in vehicle.arrived.items() if at in new}
    vehicle.requests = [request for request in vehicle.requests if not request[2] or new.intersection(request[2])]


def _save(coming: Coming, markers: Mapping[int, Marker], followed: Mapping[int, Followed]) -> None:
    rows, moved = [], []
    for vehicle_id, vehicle in coming.items():
        marker, stays, is_alarm = followed[vehicle_id].marker, followed[vehicle_id].stays, vehicle.is_alarm
        if marker is not None and vehicle.requests:
            if marker is not markers.get(vehicle_id):
                moved.append(_row_for_boards(vehicle_id, marker))
            rows.append(_row(vehicle_id, set_heard(marker, vehicle.requests[-1][0], is_alarm)))
        if is_alarm:
            live.publish_after_commit("alarm", vehicle_id, vehicle.path)
        if is_alarm or stays:
            _write_visits(vehicle_id, stays)
            tell(vehicle.path)
    if rows:
        insert_rows(MARKERS, rows, _keep_newer)
    if moved:
        live.publish_after_commit("positions", moved)


def _row(vehicle_id: int, marker: Marker) -> dict[str, Any]:
    fix, stay = marker.fix, marker.stay
    return {
        "vehicle_id": vehicle_id, "fixed_at": marker.fixed_at, "received_at": marker.received_at,
        "seen_at": marker.seen_at, "heard_at": marker.heard_at, "lat": fix.lat, "lon": fix.lon,
        "accuracy_metres": fix.accuracy_metres, "speed_mps": fix.speed_mps, "heading": fix.heading,
        "battery_percent": fix.battery_percent, "source": fix.source, "interval_seconds": marker.interval_seconds,
        "alarm_at": marker.alarm_at, "gate_id": stay.gate_id,
        "gate_since": stay.since if stay.gate_id is not None else None,
    }  # fmt: skip


def _row_for_boards(vehicle_id: int, marker: Marker) -> list[Any]:
    fix = marker.fix
    return [vehicle_id, fix.lat, fix.lon, fix.heading, _milliseconds(marker.seen_at), _milliseconds(marker.received_at)]


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def _write_visits(vehicle_id: int, stays: Sequence[Stay]) -> None:
    for stay in stays:
        if stay.gate_id is None:
            still = update(GateVisit).where(GateVisit.vehicle_id == vehicle_id, GateVisit.left_at.is_(None))
            db.session.execute(still.values(left_at=stay.since))
        else:
            new = (sqlite if is_sqlite() else postgresql).insert(GateVisit).on_conflict_do_nothing()
            db.session.execute(new.values(vehicle_id=vehicle_id, gate_id=stay.gate_id, arrived_at=stay.since))


def drop_outside(fixes: tuple[Fix, ...]) -> tuple[Fix, ...]:
    """The fixes that lie in China."""
    kept = [fix for fix in fixes if is_in_china(fix)]
    return fixes if len(kept) == len(fixes) else tuple(kept)
