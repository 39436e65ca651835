"""Places read back as orders: what an edit begins with, an import compares with and an undo restores."""

from sqlalchemy import select

from stations.kernel.db import db
from stations.kernel.geo.datum import Point
from stations.places.models import ExamSite, Landmark, Station
from stations.places.queries.loading import load_districts, load_sites, load_stations
from stations.places.queries.rows import SiteRow, StationRow
from stations.places.rules.orders import DistrictOrder, GateOrder, LandmarkOrder, SiteOrder, StationOrder

Values = dict[str, str]


def station_order(row: StationRow) -> StationOrder:
    """A station as it stands."""
    return StationOrder(
        code=row.code, name=row.name, kind=row.kind, organization=row.path.split("/")[-3], district=row.district,
        address=row.address, point=Point(row.lat, row.lon), phone=row.phone,
        offers=frozenset(row.services + row.access), hours=row.hours, verified_at=row.said.verified_at,
    )  # fmt: skip


def site_order(row: SiteRow) -> SiteOrder:
    """An exam site as it stands."""
    return SiteOrder(
        code=row.code, name=row.name, aliases=row.aliases, district=row.district, campus=row.campus,
        address=row.address, point=Point(row.lat, row.lon), examinees=row.examinees,
    )  # fmt: skip


def station_values() -> dict[str, Values]:
    """Every live station as text, by code."""
    rows = load_stations(lambda s: s.where(Station.archived_at.is_(None)))
    return {row.code: station_order(row).values() for row in rows}


def site_values() -> dict[str, Values]:
    """Every live exam site as text, by code."""
    rows = load_sites(lambda s: s.where(ExamSite.archived_at.is_(None)))
    return {row.code: site_order(row).values() for row in rows}


def gate_values() -> dict[str, Values]:
    """Every gate as text, by site code and gate code."""
    rows = load_sites(lambda s: s.where(ExamSite.archived_at.is_(None)))
    return {
        f"{row.code}/{gate.code}": GateOrder(
            row.code, gate.code, gate.name, Point(gate.lat, gate.lon), gate.is_step_free
        ).values()
        for row in rows
        for gate in row.gates
    }


def landmark_values() -> dict[str, Values]:
    """Every landmark as text, by code."""
    rows = db.session.execute(select(Landmark)).scalars()
    return {
        row.code: LandmarkOrder(
            row.code, row.kind, row.name, row.name_en, Point(row.lat, row.lon), row.is_step_free
        ).values()
        for row in rows
    }


def district_values() -> dict[str, Values]:
    """Every district as text, by code."""
    return {
        row.code: DistrictOrder(row.code, row.name, row.name_en, Point(row.lat, row.lon)).values()
        for row in load_districts()
    }
