"""What a writer wants a place to be. `values()` is the same as the texts of its form."""

from dataclasses import dataclass
from datetime import UTC, datetime

from stations.kernel.geo.datum import Point
from stations.places.rules.catalogue import ACCESS, SERVICES
from stations.places.rules.hours import write_exceptions, write_weekly
from stations.places.rules.openness import Hours


@dataclass(frozen=True)
class StationOrder:
    """A station. `version` is what the writer last saw; None overwrites whatever is there (imports)."""

    code: str
    name: str
    kind: str
    organization: str
    district: str
    address: str
    point: Point
    phone: str
    offers: frozenset[str]
    hours: Hours
    verified_at: datetime | None
    version: int | None = None

    def values(self) -> dict[str, str]:
        """The fields of its form as text."""
        return {
            "code": self.code, "name": self.name, "kind": self.kind, "organization": self.organization,
            "district": self.district, "address": self.address, **_position(self.point), "phone": self.phone,
            "services": ";".join(code for code in SERVICES if code in self.offers),
            "access": ";".join(code for code in ACCESS if code in self.offers),
            "hours": write_weekly(self.hours), "exceptions": write_exceptions(self.hours),
            "verified_at": self.verified_at.astimezone(UTC).isoformat() if self.verified_at else "",
        }  # fmt: skip


@dataclass(frozen=True)
class SiteOrder:
    """An exam site; `version` as in StationOrder."""

    code: str
    name: str
    aliases: tuple[str, ...]
    district: str
    campus: str
    address: str
    point: Point
    examinees: int | None
    version: int | None = None

    def values(self) -> dict[str, str]:
        """The fields of its form as text."""
        return {
            "code": self.code, "name": self.name, "aliases": ";".join(self.aliases), "district": self.district,
            "campus": self.campus, "address": self.address, **_position(self.point),
            "examinees": "" if self.examinees is None else str(self.examinees),
        }  # fmt: skip


@dataclass(frozen=True)
class GateOrder:
    """A gate of an exam site."""

    site: str
    code: str
    name: str
    point: Point
    is_step_free: bool | None

    def values(self) -> dict[str, str]:
        """The fields of its form as text."""
        return {
            "site": self.site, "code": self.code, "name": self.name, **_position(self.point),
            "step_free": _flag(self.is_step_free),
        }  # fmt: skip


@dataclass(frozen=True)
class LandmarkOrder:
    """A metro station or an exit of one."""

    code: str
    kind: str
    name: str
    name_en: str
    point: Point
    is_step_free: bool | None

    def values(self) -> dict[str, str]:
        """The fields of its form as text."""
        return {
            "code": self.code, "kind": self.kind, "name": self.name, "name_en": self.name_en,
            **_position(self.point), "step_free": _flag(self.is_step_free),
        }  # fmt: skip


@dataclass(frozen=True)
class DistrictOrder:
    """A district with its label point."""

    code: str
    name: str
    name_en: str
    point: Point

    def values(self) -> dict[str, str]:
        """The fields of its form as text."""
        return {"code": self.code, "name": self.name, "name_en": self.name_en, **_position(self.point)}


def _position(point: Point) -> dict[str, str]:
    return {"lat": repr(point.lat), "lon": repr(point.lon), "datum": "wgs84"}


def _flag(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"
