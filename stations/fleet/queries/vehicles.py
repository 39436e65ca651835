"""Vehicles with their file, their base and the gate where they were told to stand by."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, false, func, or_, select

from stations.accounts.models import Organization
from stations.fleet.models import Vehicle
from stations.fleet.rules.vehicles import VehicleFile, VehicleOrder, VehicleState, is_on_duty, missing_in_file
from stations.kernel.db import db
from stations.kernel.errors import NotFound
from stations.kernel.revision import kept
from stations.kernel.text import Text, _
from stations.places.models import ExamSite, Gate, Station
from stations.places.queries.loading import SITES, STATIONS

NO_VEHICLE: Text = _("There is no such vehicle.")

AnySelect = Select[*tuple[Any, ...]]
Narrow = Callable[[AnySelect], AnySelect]


@dataclass(frozen=True, slots=True)
class VehicleRow:
    """One vehicle. It stands by at its gate where it has one, else at its base; the gate's fields are None without."""

    id: int
    code: str
    plate: str
    kind: str
    seats: int
    has_wheelchair: bool
    sticker_no: str
    host: str
    organization: str
    path: str
    base: str
    base_name: str
    base_lat: float
    base_lon: float
    crew_phone: str
    duty_from_minute: int
    duty_until_minute: int
    file: VehicleFile
    state: VehicleState
    state_at: datetime | None
    state_reason: str
    gate_id: int | None
    gate: str | None
    gate_name: str | None
    gate_lat: float | None
    gate_lon: float | None
    site: str | None
    site_name: str | None
    crew_seen_at: datetime | None
    link_no: int
    version: int
    is_archived: bool

    @property
    def post(self) -> tuple[float, float]:
        """Where it is told to be: latitude and longitude of its gate, else of its base."""
        if self.gate_lat is not None and self.gate_lon is not None:
            return self.gate_lat, self.gate_lon
        return self.base_lat, self.base_lon

    def list_missing(self, today: date) -> tuple[str, ...]:
        """What its file lacks today, as codes of `rules.vehicles.PAPERS`."""
        return missing_in_file(self.file, today)

    def is_on_duty(self, at: datetime, zone: ZoneInfo) -> bool:
        """Whether `at` lies in its duty hours."""
        return is_on_duty(self.duty_from_minute, self.duty_until_minute, at, zone)


@dataclass(frozen=True, slots=True)
class Base:
    """A station that can be a vehicle's base."""

    id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Post:
    """A gate where a vehicle can stand by; `key` is "site/gate"."""

    gate_id: int
    key: str
    site_name: str
    name: str
    lat: float
    lon: float


def list_vehicles(paths: Sequence[str], text: str = "") -> list[VehicleRow]:
    """The live vehicles below `paths`, with `text` in code, plate, sticker, base or host, by code; in one SELECT."""
    below = or_(false(), *(func.substr(Vehicle.path, 1, len(path)) == path for path in paths))
    wanted: list[ColumnElement[bool]] = [Vehicle.archived_at.is_(None), below]
    if text:
        columns = (Vehicle.code, Vehicle.plate, Vehicle.sticker_no, Station.name, Station.code, Organization.name)
        wanted.append(or_(*(column.icontains(text, autoescape=True) for column in columns)))
    return _load(lambda s: s.where(*wanted))


def find_vehicle(code: str, *, archived: bool = False) -> VehicleRow | None:
    """The vehicle of that code; an archived one only when asked for."""
    rows = _load(lambda s: s.where(Vehicle.code == code))
    return next((row for row in rows if archived or not row.is_archived), None)


def get_vehicle(code: str) -> VehicleRow:
    """The live vehicle of that code."""
    row = find_vehicle(code)
    if row is None:
        raise NotFound("vehicle.unknown", NO_VEHICLE)
    return row


def get_vehicle_by_id(vehicle_id: int) -> VehicleRow:
    """The live vehicle of that id."""
    rows = _load(lambda s: s.where(Vehicle.id == vehicle_id, Vehicle.archived_at.is_(None)))
    if not rows:
        raise NotFound("vehicle.unknown", NO_VEHICLE)
    return rows[0]


def lock_vehicle(code: str) -> VehicleRow:
    """The live vehicle of that code, locked to the end of the transaction."""
    db.session.execute(select(Vehicle.id).where(Vehicle.code == code).with_for_update()).first()
    return get_vehicle(code)


def list_bases() -> dict[str, Base]:
    """The live stations that can be a vehicle's base, by code; kept in memory."""
    return kept(STATIONS, _load_bases)


def _load_bases() -> dict[str, Base]:
    live = select(Station.id, Station.code, Station.name).where(Station.archived_at.is_(None)).order_by(Station.code)
    return {row.code: Base(*row) for row in db.session.execute(live)}


def list_posts() -> dict[str, Post]:
    """The gates of live exam sites where a vehicle can stand by, by "site/gate"; kept in memory."""
    return kept(SITES, _load_posts)


def _load_posts() -> dict[str, Post]:
    live = (
        select(Gate.id, ExamSite.code, Gate.code, ExamSite.name, Gate.name, Gate.lat, Gate.lon)
        .join(ExamSite, ExamSite.id == Gate.exam_site_id)
        .where(ExamSite.archived_at.is_(None))
        .order_by(ExamSite.code, Gate.code)
    )
    rows = [(found[0], f"{found[1]}/{found[2]}", *found[3:]) for found in db.session.execute(live)]
    return {row[1]: Post(*row) for row in rows}


def has_gate(gate_id: int) -> bool:
    """Whether a live exam site has that gate."""
    return any(post.gate_id == gate_id for post in list_posts().values())


def lock_vehicles(codes: Sequence[str]) -> None:
    """Lock the vehicles of those codes to the end of the transaction, before anything else is."""
    db.session.execute(select(Vehicle.id).where(Vehicle.code.in_(codes)).order_by(Vehicle.id).with_for_update()).all()


def vehicle_order(row: VehicleRow) -> VehicleOrder:
    """A vehicle as it stands: what an edit begins with, an import compares with and an undo restores."""
    return VehicleOrder(
        code=row.code, plate=row.plate, kind=row.kind, seats=row.seats, has_wheelchair=row.has_wheelchair,
        organization=row.organization, station=row.base, sticker_no=row.sticker_no, crew_phone=row.crew_phone,
        duty=(row.duty_from_minute, row.duty_until_minute), file=row.file,
    )  # fmt: skip


def vehicle_values() -> dict[str, dict[str, str]]:
    """Every live vehicle as text, by code."""
    return {row.code: vehicle_order(row).values() for row in list_vehicles(("",))}


def list_vehicle_paths() -> dict[str, str]:
    """Whose every vehicle is: its path by code, the archived ones too."""
    return {code: path for code, path in db.session.execute(select(Vehicle.code, Vehicle.path))}


def _load(narrow: Narrow) -> list[VehicleRow]:
    chosen = (
        select(
            Vehicle.id, Vehicle.code, Vehicle.plate, Vehicle.kind, Vehicle.seats, Vehicle.has_wheelchair,
            Vehicle.sticker_no, Organization.name, Organization.code, Vehicle.path, Station.code, Station.name,
            Station.lat, Station.lon, Vehicle.crew_phone, Vehicle.duty_from_minute, Vehicle.duty_until_minute,
            Vehicle.licence_until, Vehicle.registration_until, Vehicle.insurance_until, Vehicle.driver_checked_on,
            Vehicle.state, Vehicle.state_at, Vehicle.state_reason, Vehicle.gate_id, Gate.code, Gate.name, Gate.lat,
            Gate.lon, ExamSite.code, ExamSite.name, Vehicle.crew_seen_at, Vehicle.link_no, Vehicle.version,
            Vehicle.archived_at,
        )
        .join(Organization, Organization.id == Vehicle.organization_id)
        .join(Station, Station.id == Vehicle.station_id)
        .outerjoin(Gate, Gate.id == Vehicle.gate_id)
        .outerjoin(ExamSite, ExamSite.id == Gate.exam_site_id)
        .order_by(Vehicle.code)
    )  # fmt: skip
    return [_row(*found) for found in db.session.execute(narrow(chosen))]


def _row(*found: Any) -> VehicleRow:
    before, papers, (state, *after, archived_at) = found[:17], found[17:21], found[21:]
    fields = (*before, VehicleFile(*papers), VehicleState(state), *after, archived_at is not None)
    return VehicleRow(*fields)
