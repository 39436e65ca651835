"""One station or exam site read from the database, for a change; and the staff's lists."""

from stations.kernel.errors import NotFound
from stations.kernel.text import _
from stations.places.models import ExamSite, Station
from stations.places.queries.loading import load_sites, load_stations
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
