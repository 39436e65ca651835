"""What the dispatch optimizer is told and what it answers, with the words for its reasons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from stations.adapters.router import Points, Router
from stations.kernel.text import Text, _

# How much a second of being late counts. Papers may follow while the examinee is let in on a photograph.
WEIGHTS: Mapping[str, int] = MappingProxyType({"unwell": 4, "late": 3, "wrong_site": 3, "papers": 2, "ride_home": 1})
# Calls that no gate closes on should be reached so long after they were made.
REACH_MINUTES: Mapping[str, int] = MappingProxyType({"unwell": 5})
REACH_MINUTES_ELSE = 30

WORDS: Mapping[str, Text] = MappingProxyType(
    {
        "nearest": _("The soonest of %(count)s that can go: %(minutes)s min to the caller"),
        "needed_elsewhere": _("%(vehicle)s would be there %(minutes)s min sooner but is needed more elsewhere"),
        "in_time": _("%(minutes)s min before the gate closes"),
        "tight": _("%(minutes)s min before the gate closes; a jam would make it late"),
        "too_late": _("%(minutes)s min after the gate closes"),
        "kept": _("Promised already; another would not gain %(minutes)s min"),
        "taken_over": _("At least %(minutes)s min better than %(vehicle)s, which was promised"),
        "next_ride": _("After its ride before, free in %(minutes)s min"),
        "stale_fix": _("No position for %(minutes)s min; %(added)s min added"),
        "posted": _("Not heard of yet, taken to be at its base; %(added)s min added"),
        "slower": _("%(minutes)s min later than the last one shown"),
        "file_incomplete": _("Its vehicle file is not complete"),
        "off_duty": _("Off duty"),
        "goes_off_duty": _("Goes off duty before the ride would end"),
        "booked": _("Booked before the ride would end"),
        "seats": _("Has only %(count)s seats"),
        "wheelchair": _("Takes no wheelchair"),
        "nobody": _("No vehicle at all"),
        "covers": _("Without it nobody would be near %(count)s gates with %(examinees)s examinees"),
        "too_few": _("The vehicles that could stand near are needed more elsewhere"),
        "too_far": _("No idle vehicle within %(minutes)s min of it"),
    }
)


@dataclass(frozen=True, slots=True)
class Call:
    """An open help request. With a gate the ride goes there; with a cut-off it has to be there in time."""

    id: str
    kind: str
    lat: float
    lon: float
    asked_at: datetime
    gate_lat: float | None = None
    gate_lon: float | None = None
    cutoff_at: datetime | None = None
    seats: int = 1
    needs_wheelchair: bool = False
    promised: str | None = None


@dataclass(frozen=True, slots=True)
class Standby:
    """A vehicle: where it is, or will be when it gets free. `fixed_at` is None for one that was posted to a base and
    never heard of; `blocked_from` is when its next booking begins."""

    id: str
    lat: float
    lon: float
    fixed_at: datetime | None
    free_at: datetime
    seats: int = 4
    has_wheelchair: bool = False
    blocked_from: datetime | None = None
    on_duty_from: datetime | None = None
    off_duty_at: datetime | None = None
    is_file_complete: bool = True


@dataclass(frozen=True, slots=True)
class Conditions:
    """What holds for all: the time, who knows travel times, the rain, seconds to board and from kerb to gate, and the
    gates that should stay covered, shape (g, 2)."""

    now: datetime
    router: Router
    is_raining: bool = False
    boarding_seconds: int = 60
    gate_walk_seconds: int = 120
    gates: Points | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, as a code with its numbers; `text` is the sentence."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def text(self) -> Text:
        """The sentence for people."""
        return WORDS[self.code] % dict(self.values)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A vehicle for a call: seconds from now until it is with the caller, from there to inside the gate, and left
    before the cut-off then (below 0: late; None: no cut-off)."""

    call: str
    vehicle: str
    reach_seconds: int
    ride_seconds: int
    margin_seconds: int | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A vehicle that is not among the best, or a call that no vehicle can serve, and the reason."""

    id: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Choice:
    """The best vehicles for one call, in order, and why each of the others is not among them."""

    best: tuple[Candidate, ...]
    passed_over: tuple[PassedOver, ...]
    source: str
    note: Text | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A vehicle for every call that one can serve, in the order of the calls; `cost` is (weighted lateness
    and risk in seconds, minutes to the callers, cover lost)."""

    rides: tuple[Candidate, ...]
    left: tuple[PassedOver, ...]
    cost: tuple[int, int, int]
    source: str
    note: Text | None
