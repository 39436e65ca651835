"""Whether a station is open: the hours, the dated exceptions, what the lead said; `now` said out loud."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from stations.kernel.errors import Refused
from stations.kernel.text import _

Spans = tuple[tuple[int, int], ...]

VERIFIED_MINUTES = 60  # an open station that nobody verified for longer reads "unverified" (users.md story 15)


class StationState(StrEnum):
    """What the station lead said last; `planned` is nothing yet, the hours alone speak."""

    PLANNED = "planned"
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"


NEXT_STATES: dict[StationState, frozenset[StationState]] = {
    StationState.PLANNED: frozenset({StationState.OPEN, StationState.PAUSED, StationState.CLOSED}),
    StationState.OPEN: frozenset({StationState.PAUSED, StationState.CLOSED}),
    StationState.PAUSED: frozenset({StationState.OPEN, StationState.CLOSED}),
    StationState.CLOSED: frozenset({StationState.OPEN}),
}

REASON_NEEDED = frozenset({StationState.PAUSED, StationState.CLOSED})


class Status(StrEnum):
    """What the public reads. Green is only for what was verified a short while ago."""

    OPEN = "open"
    UNVERIFIED = "unverified"
    PAUSED = "paused"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Hours:
    """Spans of minutes since midnight: seven weekdays (Monday first) and dated days that replace them."""

    weekly: tuple[Spans, ...] = ((),) * 7
    dated: dict[date, Spans] = field(default_factory=dict)

    def on(self, day: date) -> Spans:
        """The spans of one day."""
        return self.dated.get(day, self.weekly[day.weekday()])


@dataclass(frozen=True, slots=True)
class Said:
    """What the lead said: the state, the day it holds for, why; and when the station was last verified."""

    state: StationState
    on: date | None
    reason: str
    verified_at: datetime | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a station is open at one moment, and what to say about it. Times are aware."""

    status: Status
    is_open: bool
    closes_at: datetime | None
    opens_at: datetime | None
    reason: str
    verified_at: datetime | None


def standing(hours: Hours, said: Said, now: datetime, zone: ZoneInfo) -> Standing:
    """Whether it is open at `now`: weekly rule, dated exceptions, then what the lead said today."""
    local = now.astimezone(zone)
    state = state_on(said, local.date())
    spans = hours.on(local.date())
    closes_at = _closing(spans, local, state)
    is_open = closes_at is not None
    if state is StationState.CLOSED or not is_open:
        status = Status.CLOSED
    elif state is StationState.PAUSED:
        status = Status.PAUSED
    else:
        status = Status.OPEN if is_fresh(said.verified_at, now) else Status.UNVERIFIED
    is_open = status in (Status.OPEN, Status.UNVERIFIED)
    opens_at = None if is_open else _next_opening(hours, local, skip_today=state is StationState.CLOSED)
    reason = said.reason if state is not StationState.PLANNED else ""
    return Standing(status, is_open, closes_at if is_open else None, opens_at, reason, said.verified_at)


def next_change(hours: Hours, said: Said, now: datetime, zone: ZoneInfo) -> datetime:
    """The moment, in UTC, up to which `standing` says what it says at `now`: the next edge of the day's spans, the
    day's end, or the hour after it was verified."""
    local = now.astimezone(zone)
    minute = local.hour * 60 + local.minute
    edge = min((edge for span in hours.on(local.date()) for edge in span if edge > minute), default=1440)
    moment = at_minute(local, edge).astimezone(UTC)
    if said.verified_at and is_fresh(said.verified_at, now):
        moment = min(moment, said.verified_at + timedelta(minutes=VERIFIED_MINUTES))
    return moment


def is_fresh(verified_at: datetime | None, now: datetime) -> bool:
    """Whether somebody on the spot verified it within the time to live."""
    return verified_at is not None and now - verified_at <= timedelta(minutes=VERIFIED_MINUTES)


def state_on(said: Said, day: date) -> StationState:
    """What the lead said for that day; what was said for another one does not count any more."""
    return said.state if said.on == day else StationState.PLANNED


def change_state(current: StationState, wanted: StationState, reason: str) -> None:
    """Refuse a step that the table does not allow, or one without the reason that the public will read."""
    if wanted not in NEXT_STATES[current]:
        raise Refused("station.state", _("The station is already in that state. Please look again."), field="state")
    if wanted in REASON_NEEDED and not reason.strip():
        raise Refused("station.reason", _("Please say why; the public will read it."), field="reason", status=400)


def _closing(spans: Spans, local: datetime, state: StationState) -> datetime | None:
    """When the current span ends. A station that was opened early, or on a day off, is open to the day's end."""
    minute = local.hour * 60 + local.minute
    for opens, closes in spans:
        if opens <= minute < closes:
            return at_minute(local, closes)
    if state is not StationState.OPEN:
        return None
    last = max((closes for _opens, closes in spans), default=1440)
    return at_minute(local, last) if minute < last else None


def _next_opening(hours: Hours, local: datetime, skip_today: bool) -> datetime | None:
    """The start of the next span within a week."""
    minute = 1440 if skip_today else local.hour * 60 + local.minute
    for ahead in range(8):
        starts = [o for o, _closes in hours.on(local.date() + timedelta(days=ahead)) if ahead or o > minute]
        if starts:
            return at_minute(local + timedelta(days=ahead), min(starts))
    return None


def at_minute(local: datetime, minute: int) -> datetime:
    """That day at `minute` since midnight; 1440 is the next midnight."""
    return datetime.combine(local.date(), time(0), local.tzinfo) + timedelta(minutes=minute)
