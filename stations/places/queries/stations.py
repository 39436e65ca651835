"""One station or exam site read from the database, for a change; and the staff's lists."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from stations.accounts.models import Organization
from stations.kernel.db import db
from stations.kernel.errors import NotFound
from stations.kernel.names import list_alike
from stations.kernel.revision import kept
from stations.kernel.text import _
from stations.places.models import ExamSite, Station
from stations.places.queries.loading import SITES, load_sites, load_stations
from stations.places.queries.rows import SiteRow, StationRow


def find_station(code: str, *, archived: bool = False) -> StationRow | None:
    """The station of that code; an archived one only when asked for."""
    rows = load_stations(lambda s: s.where(Station.code == code))
    return next((row for row in rows if archived or not row.is_archived), None)


def get_station(code: str) -> StationRow:
    """The live station of that code."""
    row = find_station(code)
    if row is None:
        raise NotFound("station.unknown", _("There is no such station."))
    return row


def find_site(code: str, *, archived: bool = False) -> SiteRow | None:
    """The exam site of that code; an archived one only when asked for."""
    rows = load_sites(lambda s: s.where(ExamSite.code == code))
    return next((row for row in rows if archived or not row.is_archived), None)


def get_site(code: str) -> SiteRow:
    """The live exam site of that code."""
    row = find_site(code)
    if row is None:
        raise NotFound("site.unknown", _("There is no such exam site."))
    return row


def search_stations(paths: Sequence[str], text: str, limit: int | None, offset: int = 0) -> list[StationRow]:
    """The live stations below `paths` with `text` in name, code or host, by code; all of them without a limit."""
    wanted = _station_filter(paths, text)
    return load_stations(lambda s: s.where(*wanted).limit(limit).offset(offset))


def count_stations(paths: Sequence[str], text: str) -> int:
    """How many `search_stations` finds without a limit."""
    joined = select(func.count()).select_from(Station).join(Organization, Organization.id == Station.organization_id)
    return db.session.execute(joined.where(*_station_filter(paths, text))).scalar_one()


def _station_filter(paths: Sequence[str], text: str) -> list[ColumnElement[bool]]:
    wanted = [Station.archived_at.is_(None), _below(paths)]
    return [*wanted, _holds(text, Station.name, Station.code, Organization.name)] if text else wanted


def _below(paths: Sequence[str]) -> ColumnElement[bool]:
    """Exact prefixes: LIKE would not tell upper from lower case on SQLite."""
    return or_(false(), *(func.substr(Station.path, 1, len(path)) == path for path in paths))


def _holds(text: str, *columns: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    return or_(*(column.icontains(text, autoescape=True) for column in columns))


def search_sites(text: str, limit: int, offset: int = 0) -> list[SiteRow]:
    """The live exam sites with `text` in a name, the code, campus or address, by code."""
    wanted, alike = _site_filter(text), kept(SITES, _load_alike)
    rows = load_sites(lambda s: s.where(*wanted).limit(limit).offset(offset))
    return [replace(row, alike=alike.get(row.code, frozenset())) for row in rows]


def _load_alike() -> dict[str, frozenset[str]]:
    fields = select(ExamSite.code, ExamSite.name, ExamSite.aliases).where(ExamSite.archived_at.is_(None))
    return list_alike({code: (name, *aliases.split(";")) for code, name, aliases in db.session.execute(fields)})


def count_sites(text: str) -> int:
    """How many `search_sites` finds without a limit."""
    return db.session.execute(select(func.count()).select_from(ExamSite).where(*_site_filter(text))).scalar_one()


def _site_filter(text: str) -> list[ColumnElement[bool]]:
    columns = (ExamSite.name, ExamSite.aliases, ExamSite.code, ExamSite.campus, ExamSite.address)
    live: list[ColumnElement[bool]] = [ExamSite.archived_at.is_(None)]
    return [*live, _holds(text, *columns)] if text else live


def list_paths() -> dict[str, str]:
    """Whose every station is: its path by code, the archived ones too."""
    return {code: path for code, path in db.session.execute(select(Station.code, Station.path))}


def list_site_codes() -> list[str]:
    """The codes of the live exam sites."""
    return list(db.session.execute(select(ExamSite.code).where(ExamSite.archived_at.is_(None))).scalars())
