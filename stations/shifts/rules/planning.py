"""From templates to shifts: what would be made, and what differs from what is there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from stations.seasons.rules import SessionRow


@dataclass(frozen=True, slots=True)
class NeedRow:
    """Places of a shift for a skill ('' for anyone): how many there are, are taken, and are kept for an offer."""

    id: int
    skill: str
    places: int
    taken: int
    offered: int

    @property
    def free(self) -> int:
        """How many anybody may still take."""
        return self.places - self.taken - self.offered


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """One shift with its station and its needs. `path` is the station's; `origin` is (template, station, session)
    where a template made it."""

    id: int
    template_id: int | None
    station_id: int
    exam_session_id: int | None
    station: str
    station_name: str
    district: str
    lat: float
    lon: float
    path: str
    post: str
    starts_at: datetime
    ends_at: datetime
    sequence: int
    version: int
    is_cancelled: bool
    needs: tuple[NeedRow, ...] = ()

    @property
    def origin(self) -> tuple[int | None, int, int | None]:
        """What makes a shift of a template the same one when it is made again."""
        return self.template_id, self.station_id, self.exam_session_id

    @property
    def places(self) -> dict[str, int]:
        """How many places there are of each skill, as a template says it."""
        return {need.skill: need.places for need in self.needs if need.places}

    @property
    def taken(self) -> int:
        """How many are coming."""
        return sum(need.taken for need in self.needs)


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """One shift template; `station` is '' for every station below `path`."""

    id: int
    code: str
    station_id: int | None
    station: str
    path: str
    subject: str
    post: str
    starts_minutes: int
    ends_from: str
    ends_minutes: int
    needs: Mapping[str, int]
    version: int


@dataclass(frozen=True, slots=True)
class StationSpot:
    """A station at which shifts can be."""

    id: int
    code: str
    path: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A shift as the templates want it."""

    template_id: int
    station_id: int
    exam_session_id: int
    station: str
    path: str
    post: str
    starts_at: datetime
    ends_at: datetime
    needs: Mapping[str, int]

    @property
    def origin(self) -> tuple[int | None, int, int | None]:
        """As `ShiftRow.origin`."""
        return self.template_id, self.station_id, self.exam_session_id


@dataclass(frozen=True, slots=True)
class Change:
    """A shift that is there and how it would become. `short` are the skills of which more places are taken than the
    template has: they keep what is taken."""

    row: ShiftRow
    to: Planned
    is_moved: bool
    needs: Mapping[str, int]
    short: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """What regenerating would do. `held` are no longer planned but somebody has signed up: they stay."""

    added: tuple[Planned, ...]
    changed: tuple[Change, ...]
    cancelled: tuple[ShiftRow, ...]
    held: tuple[ShiftRow, ...]
    same: int

    @property
    def mark(self) -> str:
        """What two differences have in common when they are the same."""
        parts = (self.added, self.changed, self.cancelled)
        return sha256(repr(parts).encode()).hexdigest()[:16]

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.added or self.changed or self.cancelled)


@dataclass(slots=True)
class _Sorted:
    added: list[Planned] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    same: int = 0


def plan_shifts(
    templates: Iterable[TemplateRow], stations: Sequence[StationSpot], sessions: Sequence[SessionRow]
) -> list[Planned]:
    """Every shift that the templates want at these stations for these sessions."""
    planned = []
    for template in templates:
        wanted = [session for session in sessions if template.subject in ("", session.subject)]
        for spot in stations:
            if template.station_id in (None, spot.id) and spot.path.startswith(template.path):
                planned += [_plan(template, spot, session) for session in wanted]
    return [shift for shift in planned if shift.starts_at < shift.ends_at]


def _plan(template: TemplateRow, spot: StationSpot, session: SessionRow) -> Planned:
    end = session.ends_at if template.ends_from == "end" else session.starts_at
    return Planned(
        template.id, spot.id, session.id, spot.code, spot.path, template.post,
        session.starts_at + timedelta(minutes=template.starts_minutes),
        end + timedelta(minutes=template.ends_minutes), {s: n for s, n in template.needs.items() if n},
    )  # fmt: skip


def compare(planned: Iterable[Planned], rows: Iterable[ShiftRow], now: datetime) -> Diff:
    """What it takes to come from `rows`, of these templates, to `planned`. What has begun is left as it is."""
    known = {row.origin: row for row in rows}
    sorted_ = _Sorted()
    wanted = {shift.origin: shift for shift in planned}
    for origin, shift in wanted.items():
        row = known.get(origin)
        if row is None:
            if shift.starts_at > now:
                sorted_.added.append(shift)
            continue
        change = _change(row, shift)
        if change is None or row.starts_at <= now:
            sorted_.same += 1
        else:
            sorted_.changed.append(change)
    gone = [r for r in known.values() if r.origin not in wanted and not r.is_cancelled and r.starts_at > now]
    return Diff(
        tuple(sorted_.added), tuple(sorted_.changed), tuple(r for r in gone if not r.taken),
        tuple(r for r in gone if r.taken), sorted_.same,
    )  # fmt: skip


def _change(row: ShiftRow, to: Planned) -> Change | None:
    needs, short = fit_needs(row.needs, to.needs)
    is_moved = (row.starts_at, row.ends_at, row.post) != (to.starts_at, to.ends_at, to.post)
    same_needs = row.places == needs
    return None if same_needs and not is_moved and not row.is_cancelled else Change(row, to, is_moved, needs, short)


def fit_needs(rows: Iterable[NeedRow], wanted: Mapping[str, int]) -> tuple[dict[str, int], tuple[str, ...]]:
    """The places by skill that can be had: what was wanted, but never fewer than are taken or offered; and the skills
    of which that is more."""
    bound = {row.skill: row.taken + row.offered for row in rows}
    needs = {skill: max(wanted.get(skill, 0), bound.get(skill, 0)) for skill in wanted.keys() | bound.keys()}
    short = tuple(sorted(skill for skill, least in bound.items() if least > wanted.get(skill, 0)))
    return {skill: places for skill, places in needs.items() if places}, short
