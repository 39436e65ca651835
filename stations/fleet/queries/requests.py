"""Help requests with where they are to go and the rides that serve them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import aliased

from stations.accounts.models import Organization
from stations.fleet.models import Booking, HelpRequest, Ride, Vehicle
from stations.fleet.queries.rides import RIDE_COLUMNS, AnySelect, RideRow, ride_row
from stations.fleet.rules.requests import OPEN, HelpKind, RequestState
from stations.fleet.rules.rides import LIVE
from stations.kernel.db import db
from stations.kernel.errors import NotFound
from stations.kernel.text import Text, _
from stations.places.models import District, ExamSite, Gate, Station

UNKNOWN: Text = _("There is no such request, or it is over and its link with it.")


@dataclass(frozen=True, slots=True)
class HelpRow:
    """One help request; `rides` are its live ones, by leg. `to_lat` and `to_lon` are its gate's, or the site's;
    `booked_vehicle` is whose time is kept for it. Whoever was brought to the gate `has_arrived`, closed or not yet."""

    id: int
    key: str
    kind: HelpKind
    state: RequestState
    asked_at: datetime
    asked_by: str
    wanted_at: datetime | None
    path: str
    site: str
    site_name: str
    site_district: str
    site_district_en: str
    site_campus: str
    site_address: str
    gate_id: int | None
    gate: str
    to_lat: float
    to_lon: float
    cutoff_at: datetime | None
    station: str
    station_name: str
    place: str
    lat: float | None
    lon: float | None
    seats: int
    needs_wheelchair: bool
    phone: str
    closed_at: datetime | None
    outcome: str
    version: int
    booked_vehicle: str | None
    has_arrived: bool
    rides: tuple[RideRow, ...] = ()

    @property
    def point(self) -> tuple[float, float] | None:
        """Where they are, while anybody knows."""
        return None if self.lat is None or self.lon is None else (self.lat, self.lon)

    @property
    def meeting(self) -> tuple[str, tuple[float, float]] | None:
        """Where the first leg of a relay goes while no second one is there to take over: place and point."""
        first = next((ride for ride in self.rides if ride.leg == 1 and not self.is_at_gate(ride)), None)
        if first is None or len(self.rides) > 1 or first.dropoff_lat is None or first.dropoff_lon is None:
            return None
        return first.dropoff_place, (first.dropoff_lat, first.dropoff_lon)

    def is_at_gate(self, ride: RideRow) -> bool:
        """Whether a ride ends where the request is to go, and not at a meeting point."""
        return (ride.dropoff_lat, ride.dropoff_lon) == (self.to_lat, self.to_lon)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to be helped."""
        return self.state in OPEN


_booked = aliased(Vehicle)
_BOOKED = (
    select(func.min(_booked.code))
    .join(Booking, Booking.vehicle_id == _booked.id)
    .where(Booking.help_request_id == HelpRequest.id, Booking.kind == "booked", Booking.cancelled_at.is_(None))
    .correlate(HelpRequest)
    .scalar_subquery()
)
_done = aliased(Ride)
_ARRIVED = (
    select(_done.id)
    .where(_done.help_request_id == HelpRequest.id, _done.state == "dropped_off")
    .correlate(HelpRequest)
    .exists()
)
_COLUMNS = (
    HelpRequest.id, HelpRequest.key, HelpRequest.kind, HelpRequest.state, HelpRequest.asked_at, HelpRequest.asked_by,
    HelpRequest.wanted_at, HelpRequest.path, ExamSite.code, ExamSite.name, District.name, District.name_en,
    ExamSite.campus, ExamSite.address, HelpRequest.gate_id, func.coalesce(Gate.name, ""),
    func.coalesce(Gate.lat, ExamSite.lat), func.coalesce(Gate.lon, ExamSite.lon), HelpRequest.entry_cutoff_at,
    func.coalesce(Station.code, ""), func.coalesce(Station.name, ""), HelpRequest.place, HelpRequest.lat,
    HelpRequest.lon, HelpRequest.seats, HelpRequest.needs_wheelchair, HelpRequest.phone, HelpRequest.closed_at,
    HelpRequest.outcome, HelpRequest.version, _BOOKED, _ARRIVED,
)  # fmt: skip
_WIDTH = len(_COLUMNS)


def lock_request(request_id: int) -> None:
    """Let nobody else decide about a request until this transaction ends."""
    found = select(HelpRequest.id).where(HelpRequest.id == request_id).with_for_update()
    if db.session.execute(found).first() is None:
        raise NotFound("request.unknown", UNKNOWN)


def get_request(request_id: int) -> HelpRow:
    """One help request."""
    return _one(HelpRequest.id == request_id)


def get_request_by_key(key: str) -> HelpRow:
    """The help request of the asker's link."""
    return _one(HelpRequest.key == key)


def list_open_requests(paths: Sequence[str], station: str | None = None) -> list[HelpRow]:
    """What still has to be done below any of `paths`, the oldest first; of one station where it is named."""
    if not paths:
        return []
    below = or_(*(HelpRequest.path.startswith(path, autoescape=True) for path in paths))
    chosen = _select().where(HelpRequest.state.in_(OPEN), below)
    if station is not None:
        chosen = chosen.where(Station.code == station)
    return _read(chosen)


def list_closed_requests(paths: Sequence[str], since: datetime, limit: int = 50) -> list[HelpRow]:
    """What was closed since, the newest first."""
    if not paths:
        return []
    below = or_(*(HelpRequest.path.startswith(path, autoescape=True) for path in paths))
    over = HelpRequest.state.not_in(OPEN), HelpRequest.closed_at >= since
    return _read(_select().where(below, *over).order_by(None).order_by(HelpRequest.closed_at.desc()).limit(limit))


def list_forgotten(before: datetime) -> list[int]:
    """The open requests without a live ride that were asked for, and wanted, before `before`."""
    live = aliased(Ride)
    bound = select(live.id).where(live.help_request_id == HelpRequest.id, live.state.in_(LIVE)).exists()
    since = func.coalesce(HelpRequest.wanted_at, HelpRequest.asked_at)
    chosen = select(HelpRequest.id).where(
        HelpRequest.state.in_(OPEN), since < before, HelpRequest.asked_at < before, ~bound
    )
    return list(db.session.execute(chosen.order_by(HelpRequest.id)).scalars())


def find_path_for(district_code: str) -> str:
    """The organization that answers for help in a district: its district union, else the topmost organization."""
    own = (
        select(Organization.path)
        .join(Station, Station.organization_id == Organization.id)
        .where(Organization.kind == "district_union", Station.district_code == district_code)
        .order_by(Organization.path)
        .limit(1)
    )
    top = select(Organization.path).where(Organization.parent_id.is_(None)).order_by(Organization.path).limit(1)
    return db.session.execute(own).scalar() or db.session.execute(top).scalar() or ""


def find_district_of(site_id: int) -> str:
    """The code of the district in which an exam site lies."""
    return db.session.execute(select(ExamSite.district_code).where(ExamSite.id == site_id)).scalar_one()


def _one(condition: Any) -> HelpRow:
    found = _read(_select().where(condition))
    if not found:
        raise NotFound("request.unknown", UNKNOWN)
    return found[0]


def _select() -> AnySelect:
    return (
        select(*_COLUMNS, *RIDE_COLUMNS)
        .join(ExamSite, ExamSite.id == HelpRequest.exam_site_id)
        .join(District, District.code == ExamSite.district_code)
        .outerjoin(Gate, Gate.id == HelpRequest.gate_id)
        .outerjoin(Station, Station.id == HelpRequest.station_id)
        .outerjoin(Ride, and_(Ride.help_request_id == HelpRequest.id, Ride.state.in_(LIVE)))
        .outerjoin(Vehicle, Vehicle.id == Ride.vehicle_id)
        .order_by(HelpRequest.asked_at, HelpRequest.id, Ride.leg)
    )


def _read(chosen: AnySelect) -> list[HelpRow]:
    found: dict[int, HelpRow] = {}
    for row in db.session.execute(chosen):
        values = tuple(row)
        help_row = found.get(values[0])
        if help_row is None:
            help_row = _help_row(values[:_WIDTH])
        if values[_WIDTH] is not None:
            help_row = replace(help_row, rides=(*help_row.rides, ride_row(values[_WIDTH:])))
        found[help_row.id] = help_row
    return list(found.values())


def _help_row(values: tuple[Any, ...]) -> HelpRow:
    fields: tuple[Any, ...] = (*values[:2], HelpKind(values[2]), RequestState(values[3]), *values[4:])
    return HelpRow(*fields)
