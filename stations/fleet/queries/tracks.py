"""The track of one vehicle, as it was reported; and where all of them were, thinned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, cast, column, extract, false, or_, select, true, values
from sqlalchemy.orm import aliased

from stations.fleet.models import PositionReport, Vehicle
from stations.kernel.db import UtcDateTime, db
from stations.places.models import Station

MOST_FIXES = 100_000  # more than one a second for a day
MOST_SHOWN = 120_000
FINEST_SECONDS = 15
BEFORE = timedelta(hours=1)  # how old the first position may be


@dataclass(frozen=True, slots=True)
class TrackFix:
    """One fix: WGS-84 degrees, metres, metres a second, degrees from north, percent."""

    fixed_at: datetime
    received_at: datetime
    lat: float
    lon: float
    accuracy_metres: float | None
    speed_mps: float | None
    heading: float | None
    battery_percent: float | None
    source: str
    verdict: str


def list_track(vehicle_id: int, since: datetime, until: datetime) -> list[TrackFix]:
    """Every fix of a span, in the order of the device's clock."""
    report = PositionReport
    chosen: Select[*tuple[Any, ...]] = (
        select(
            report.fixed_at, report.received_at, report.lat, report.lon, report.accuracy_metres, report.speed_mps,
            report.heading, report.battery_percent, report.source, report.verdict,
        )
        .where(report.vehicle_id == vehicle_id, report.fixed_at >= since, report.fixed_at < until)
        .order_by(report.fixed_at)
        .limit(MOST_FIXES)
    )  # fmt: skip
    return [TrackFix(*row) for row in db.session.execute(chosen)]


@dataclass(frozen=True, slots=True)
class TrackVehicle:
    """A vehicle and its base, where it stood by while no device said where it was."""

    id: int
    code: str
    plate: str
    base_lat: float
    base_lon: float


def list_track_vehicles(paths: Sequence[str], since: datetime) -> list[TrackVehicle]:
    """The vehicles below any of `paths` that were in use then, by code."""
    was_there = or_(Vehicle.archived_at.is_(None), Vehicle.archived_at > since)
    chosen = (
        select(Vehicle.id, Vehicle.code, Vehicle.plate, Station.lat, Station.lon)
        .join(Station, Station.id == Vehicle.station_id)
        .where(_below(paths), was_there)
        .order_by(Vehicle.code)
    )
    return [TrackVehicle(*row) for row in db.session.execute(chosen)]


def thinning(vehicles: int, since: datetime, until: datetime) -> int:
    """Seconds between two fixes of a vehicle that are shown: so many that there are at most MOST_SHOWN of all."""
    wanted = vehicles * (until - since).total_seconds() / MOST_SHOWN
    return max(ceil(wanted / FINEST_SECONDS), 1) * FINEST_SECONDS


def list_slots(since: datetime, until: datetime, step_seconds: int) -> list[datetime]:
    """The moments of a span, the last of them not before its end."""
    count = ceil((until - since).total_seconds() / step_seconds) + 1
    return [since + timedelta(seconds=n * step_seconds) for n in range(count)]


def list_thinned(paths: Sequence[str], slots: Sequence[datetime]) -> list[Row[int, int, int, float, float, int]]:
    """Where markers stood at each of `slots`: the newest good fix of each vehicle that had come in by then, by vehicle
    and slot. The fix's id, vehicle, second of Unix time at which it was made, latitude, longitude; and the slot's
    number. A seek for each vehicle and slot: reading every fix of a morning would take many times as long."""
    report, known = PositionReport, aliased(PositionReport)
    slot = values(column("number", Integer), column("at", UtcDateTime)).data(list(enumerate(slots))).cte("slot")
    newest = (
        select(known.id)
        .where(
            known.vehicle_id == Vehicle.id, known.fixed_at <= slot.c.at, known.fixed_at >= slots[0] - BEFORE,
            known.received_at <= slot.c.at, known.verdict == "good",
        )
        .order_by(known.fixed_at.desc())
        .limit(1)
        .scalar_subquery()
    )  # fmt: skip
    found = select(slot.c.number, newest.label("id")).select_from(Vehicle).join(slot, true()).where(_below(paths))
    # Materialized, lest PostgreSQL seek anew for every fix that it compares with.
    marker = found.cte("marker").prefix_with("MATERIALIZED")
    chosen = (
        select(report.id, report.vehicle_id, _second(report.fixed_at), report.lat, report.lon, marker.c.number)
        .join(marker, marker.c.id == report.id)
        .order_by(report.vehicle_id, marker.c.number)
    )
    return list(db.session.execute(chosen))


def _second(at: Any) -> ColumnElement[int]:
    return cast(extract("epoch", at), Integer)


def _below(paths: Sequence[str]) -> ColumnElement[bool]:
    return or_(false(), *(Vehicle.path.startswith(path, autoescape=True) for path in paths))
