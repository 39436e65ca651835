"""SELECTs that read places whole, or only what changed since a revision."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, select

from stations.accounts.models import Organization
from stations.kernel.db import db
from stations.kernel.revision import kept
from stations.places.models import District, ExamSite, Gate, Landmark, OpeningHours, ServiceOffered, Station
from stations.places.queries.rows import DistrictRow, GateRow, LandmarkRow, SiteRow, StationRow
from stations.places.rules import ACCESS, SERVICES, Hours, Said, Spans, StationState

STATIONS, SITES = "stations", "sites"  # the topics whose revision a write raises

AnySelect = Select[*tuple[Any, ...]]
Narrow = Callable[[AnySelect], AnySelect]


def _all(statement: AnySelect) -> AnySelect:
    return statement


def load_stations(narrow: Narrow = _all) -> list[StationRow]:
    """The stations that `narrow` leaves in a SELECT over Station, by code, in three SELECTs whatever their number."""
    chosen = narrow(
        select(Station, Organization.name, District.name, District.name_en)
        .join(Organization, Organization.id == Station.organization_id)
        .join(District, District.code == Station.district_code)
        .order_by(Station.code)
    )
    found = [tuple(row) for row in db.session.execute(chosen)]
    ids = [station.id for station, *_rest in found]
    hours, services = _hours(ids), _services(ids)
    return [
        _station_row(station, host, district, district_en, hours.get(station.id, Hours()), services[station.id])
        for station, host, district, district_en in found
    ]


def _station_row(
    station: Station, host: str, district: str, district_en: str, hours: Hours, offered: set[str]
) -> StationRow:
    said = Said(StationState(station.state), station.state_at, station.state_reason, station.verified_at)
    return StationRow(
        id=station.id, code=station.code, name=station.name, kind=station.kind, host=host, path=station.path,
        district=district, district_en=district_en, address=station.address, lat=station.lat, lon=station.lon,
        phone=station.phone, services=tuple(s for s in SERVICES if s in offered),
        access=tuple(a for a in ACCESS if a in offered), hours=hours, said=said, version=station.version,
        revision=station.revision, is_archived=station.archived_at is not None,
    )  # fmt: skip


def _services(ids: Sequence[int]) -> defaultdict[int, set[str]]:
    offered: defaultdict[int, set[str]] = defaultdict(set)
    chosen = select(ServiceOffered.station_id, ServiceOffered.service)
    for station_id, service in db.session.execute(_only(chosen, ServiceOffered.station_id, ids)):
        offered[station_id].add(service)
    return offered


def _hours(ids: Sequence[int]) -> dict[int, Hours]:
    weekly: defaultdict[int, list[list[tuple[int, int]]]] = defaultdict(lambda: [[] for _day in range(7)])
    dated: defaultdict[int, dict[date, Spans]] = defaultdict(dict)
    fields = ("station_id", "weekday", "day", "opens_minute", "closes_minute")
    chosen = select(*(getattr(OpeningHours, name) for name in fields)).order_by(OpeningHours.opens_minute)
    for row in db.session.execute(_only(chosen, OpeningHours.station_id, ids)):
        span = () if row.opens_minute is None or row.closes_minute is None else ((row.opens_minute, row.closes_minute),)
        if row.weekday is not None:
            weekly[row.station_id][row.weekday].extend(span)
        elif row.day is not None:
            dated[row.station_id][row.day] = dated[row.station_id].get(row.day, ()) + span
    known = weekly.keys() | dated.keys()
    return {i: Hours(tuple(tuple(spans) for spans in weekly[i]), dated.get(i, {})) for i in known}


def _only(statement: AnySelect, column: Any, ids: Sequence[int]) -> AnySelect:
    """Narrow to `ids` while they are few; beyond, reading all is cheaper than naming them."""
    return statement.where(column.in_(ids)) if len(ids) <= 500 else statement


def load_sites(narrow: Narrow = _all) -> list[SiteRow]:
    """Exam sites with their gates, by code, in two SELECTs."""
    chosen = narrow(
        select(ExamSite, District.name, District.name_en)
        .join(District, District.code == ExamSite.district_code)
        .order_by(ExamSite.code)
    )
    found = [tuple(row) for row in db.session.execute(chosen)]
    gates: defaultdict[int, list[GateRow]] = defaultdict(list)
    wanted = _only(select(Gate).order_by(Gate.code), Gate.exam_site_id, [site.id for site, *_rest in found])
    for gate in db.session.execute(wanted).scalars():
        gates[gate.exam_site_id].append(GateRow(gate.id, gate.code, gate.name, gate.lat, gate.lon, gate.is_step_free))
    return [_site_row(site, name, name_en, tuple(gates[site.id])) for site, name, name_en in found]


def _site_row(site: ExamSite, district: str, district_en: str, gates: tuple[GateRow, ...]) -> SiteRow:
    return SiteRow(
        id=site.id, code=site.code, name=site.name, aliases=tuple(a for a in site.aliases.split(";") if a),
        district=district, district_en=district_en, campus=site.campus, address=site.address, lat=site.lat,
        lon=site.lon, examinees=site.examinees, gates=gates, version=site.version, revision=site.revision,
        is_archived=site.archived_at is not None,
    )  # fmt: skip


def load_landmarks() -> list[LandmarkRow]:
    """All landmarks, by code."""
    fields = (Landmark.code, Landmark.kind, Landmark.name, Landmark.name_en, Landmark.lat, Landmark.lon)
    return [LandmarkRow(*row) for row in db.session.execute(select(*fields).order_by(Landmark.code))]


def list_districts() -> list[DistrictRow]:
    """All districts, by code; kept in memory."""
    return kept(SITES, load_districts)


def find_district(named: str) -> DistrictRow | None:
    """The district of that name, English name or code."""
    return next((row for row in list_districts() if named in (row.name, row.code, row.name_en)), None)


def load_districts() -> list[DistrictRow]:
    """All districts, by code."""
    fields = (District.code, District.name, District.name_en, District.lat, District.lon)
    return [DistrictRow(*row) for row in db.session.execute(select(*fields).order_by(District.code))]
