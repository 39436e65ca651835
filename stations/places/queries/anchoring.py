"""From what a parent says to where distances begin: by code, by position, or by a typed name."""

from stations.kernel.errors import NotFound
from stations.kernel.geo.datum import Point
from stations.kernel.geo.distance import geodesic_metres
from stations.kernel.names import Grade
from stations.kernel.text import _
from stations.places.queries.atlas import Atlas
from stations.places.queries.rows import Anchor, DistrictRow, LandmarkRow, Match, SiteRow, StationRow

SURE = (Grade.EXACT, Grade.PREFIX)


def centre_anchor(lat: float, lon: float) -> Anchor:
    """The middle of the city, while nothing was said."""
    return Anchor("centre", "", "", "", ((lat, lon),))


def position_anchor(point: Point) -> Anchor:
    """A position that the phone gave; it is used and forgotten."""
    return Anchor("position", "", "", "", ((point.lat, point.lon),))


def get_site_anchor(atlas: Atlas, code: str) -> Anchor:
    """An exam site with its gates and with those it is confused with."""
    site = atlas.sites.get(code)
    if site is None:
        raise NotFound("site.unknown", _("There is no such exam site."), field="site")
    return Anchor("site", code, site.name, "", site.starts, site, list_alike_sites(atlas, site))


def get_place_anchor(atlas: Atlas, named: str) -> Anchor:
    """A landmark or district named as `landmark:CODE` or `district:CODE`."""
    kind, _colon, code = named.partition(":")
    row: LandmarkRow | DistrictRow | None = None
    if kind == "landmark":
        row = atlas.landmarks.get(code)
    elif kind == "district":
        row = atlas.districts.get(code)
    if row is None:
        raise NotFound("place.unknown", _("There is no such place."), field="place")
    return Anchor(kind, code, row.name, row.name_en, ((row.lat, row.lon),))


def list_alike_sites(atlas: Atlas, site: SiteRow) -> tuple[SiteRow, ...]:
    """The exam sites that people confuse with this one."""
    return tuple(atlas.sites[code] for code in sorted(site.alike) if code in atlas.sites)


def list_matches(atlas: Atlas, typed: str, limit: int = 8) -> list[Match]:
    """What a typed name may mean, exam sites first, then best first."""
    matches = (_find_match(atlas, hit.key, hit.name) for hit in atlas.names.search(typed, limit))
    return sorted((match for match in matches if match), key=lambda match: match.kind != "site")


def find_sure_match(atlas: Atlas, typed: str) -> Match | None:
    """The one place that a typed name means; None where it may be another, or one of those people confuse."""
    hits = atlas.names.search(typed, 2)
    if not hits or hits[0].grade not in SURE or (len(hits) > 1 and hits[1].grade == hits[0].grade):
        return None
    match = _find_match(atlas, hits[0].key, hits[0].name)
    return None if match is None or match.is_alike else match


def _find_match(atlas: Atlas, key: str, matched: str) -> Match | None:
    """The place behind a key of the name index; None when it has gone since the index was made."""
    kind, _colon, code = key.partition(":")
    if kind == "site" and (site := atlas.sites.get(code)):
        return Match(code, kind, site.name, matched, site.district, site.campus, site.address, bool(site.alike))
    if kind == "station" and (station := atlas.find_station(code)):
        return Match(code, kind, station.name, matched, station.district, "", station.address, False)
    row = atlas.landmarks.get(code) or atlas.districts.get(code)
    return Match(code, kind, row.name, matched, "", "", "", False) if row else None


def find_nearest_gate(site: SiteRow, station: StationRow) -> str:
    """The name of the gate that is nearest to a station; empty while the site has none."""
    gates = [(geodesic_metres(g.lat, g.lon, station.lat, station.lon), g.name) for g in site.gates]
    return min(gates)[1] if gates else ""
