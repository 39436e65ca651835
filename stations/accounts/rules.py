"""Who may do what, where: roles, permissions and scopes, in one table."""

from dataclasses import dataclass
from datetime import datetime

from stations.kernel.errors import Forbidden
from stations.kernel.text import Text, _

SHORTEST_PASSWORD = 10

_LOOK = frozenset({"places.read", "stock.read"})
_READ = _LOOK | {"shifts.read"}
_OPERATE = _READ | {"places.operate", "stock.write", "shifts.attend", "talks.write"}
_LEAD = _READ | {"shifts.lead", "shifts.attend"}
_DISPATCH = frozenset({"fleet.read", "fleet.dispatch", "fleet.write"})
_ORGANIZE = (
    _OPERATE
    | _LEAD
    | _DISPATCH
    | {"places.write", "places.import", "stock.approve", "shifts.write", "volunteers.write"}
)
_FEDERATE = _ORGANIZE | {"seasons.write", "sites.write", "stock.items"}
_ADMINISTER = _FEDERATE | {"accounts.write"}

PERMISSIONS: dict[str, frozenset[str]] = {
    "admin": _ADMINISTER,
    "federation": _FEDERATE,
    "organizer": _ORGANIZE,
    "station_lead": _OPERATE,
    "dispatcher": _LOOK | _DISPATCH,
    "team_leader": _LEAD,
    "counsellor": _READ | {"talks.write"},
    "observer": _READ,
}

ROLE_NAMES: dict[str, Text] = {
    "admin": _("Administrator"),
    "federation": _("Union federation"),
    "organizer": _("Organizer"),
    "station_lead": _("Station lead"),
    "dispatcher": _("Dispatcher"),
    "team_leader": _("Team leader"),
    "counsellor": _("Counsellor"),
    "observer": _("Observer"),
}

ORGANIZATION_KINDS: dict[str, Text] = {
    "union_federation": _("Union federation"),
    "industrial_union": _("Industrial union"),
    "district_union": _("District union"),
    "grassroots_union": _("Grass-roots union"),
    "company": _("Company"),
}


@dataclass(frozen=True)
class Scope:
    """A role over every path that begins with `path`; '' is everything."""

    role: str
    path: str


@dataclass(frozen=True)
class Actor:
    """Who acts: a person with the scopes that are valid now, or the program itself."""

    username: str
    display_name: str
    scopes: tuple[Scope, ...]
    person_id: int | None = None

    def may(self, permission: str, path: str | None = None) -> bool:
        """Whether some scope holds `permission`, over `path` where one is given."""
        return any(permission in PERMISSIONS[s.role] and (path is None or path.startswith(s.path)) for s in self.scopes)

    def paths(self, permission: str) -> tuple[str, ...]:
        """The path prefixes over which `permission` is held, the covered ones left out."""
        held = sorted({s.path for s in self.scopes if permission in PERMISSIONS[s.role]})
        return tuple(p for i, p in enumerate(held) if not any(p.startswith(other) for other in held[:i]))

    def require(self, permission: str, path: str | None = None) -> None:
        """Refuse unless `may`."""
        if not self.may(permission, path):
            raise Forbidden("permission.missing", _("Your account may not do this here."))


@dataclass(frozen=True)
class OrganizationOrder:
    """What an organization is to be; `parent` is a code, empty for a root."""

    code: str
    name: str
    name_en: str
    kind: str
    parent: str

    def values(self) -> dict[str, str]:
        """The fields of its form as text."""
        return {
            "code": self.code, "name": self.name, "name_en": self.name_en, "kind": self.kind, "parent": self.parent
        }  # fmt: skip


PROGRAM = Actor("program", "Bankao", (Scope("admin", ""),))


def valid_scopes(grants: list[tuple[str, str, datetime | None]], now: datetime) -> tuple[Scope, ...]:
    """The scopes of (role, path, ends_at) rows that have not ended; a role nobody knows any more gives none."""
    return tuple(
        Scope(role, path)
        for role, path, ends_at in grants
        if role in PERMISSIONS and (ends_at is None or now < ends_at)
    )
