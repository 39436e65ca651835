"""The rows that place queries give: frozen, complete, ready for a template or for JSON."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from stations.places.rules import Hours, Said, Standing


@dataclass(frozen=True, slots=True)
class StationRow:
    """One station. `services` and `access` hold codes in the order of `rules.NEEDS`."""

    id: int
    code: str
    name: str
    kind: str
    host: str
    path: str
    district: str
    district_en: str
    address: str
    lat: float
    lon: float
    phone: str
    services: tuple[str, ...]
    access: tuple[str, ...]
    hours: Hours
    said: Said
    version: int
    revision: int
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class GateRow:
    """A way into an exam site."""

    id: int
    code: str
    name: str
    lat: float
    lon: float
    is_step_free: bool | None


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One exam site with its gates; `alike` are the codes of the sites it is confused with."""

    id: int
    code: str
    name: str
    aliases: tuple[str, ...]
    district: str
    district_en: str
    campus: str
    address: str
    lat: float
    lon: float
    examinees: int | None
    gates: tuple[GateRow, ...]
    version: int
    revision: int
    alike: frozenset[str] = frozenset()
    is_archived: bool = False

    @property
    def starts(self) -> tuple[tuple[float, float], ...]:
        """Where distances begin: the gates, or the site itself while none is known."""
        return tuple((g.lat, g.lon) for g in self.gates) or ((self.lat, self.lon),)


@dataclass(frozen=True, slots=True)
class LandmarkRow:
    """A metro station or one of its exits, as a place to search from."""

    code: str
    kind: str
    name: str
    name_en: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class DistrictRow:
    """A district with its label point."""

    code: str
    name: str
    name_en: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Anchor:
    """What distances are measured from. `kind` is site, landmark, district, position or centre; `code` is empty for
    the last two; a site brings itself and the sites it is confused with."""

    kind: str
    code: str
    name: str
    name_en: str
    starts: tuple[tuple[float, float], ...]
    site: SiteRow | None = None
    alike: tuple[SiteRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """A place that a typed name may mean. `kind` is site, landmark, district or station."""

    code: str
    kind: str
    name: str
    matched_name: str
    district: str
    campus: str
    address: str
    is_alike: bool


class Found(NamedTuple):
    """A station in an answer: how it stands now, how far it is in a straight line, how long the walk may take,
    and from which gate where that is known."""

    station: StationRow
    standing: Standing
    metres: float
    walk_minutes: int
    gate: str = ""


@dataclass(frozen=True, slots=True)
class NearestAnswer:
    """The one answer behind the list, the map and the API. `revision` and `at` say which picture it was."""

    found: tuple[Found, ...]
    at: datetime
    revision: int
    is_more: bool
