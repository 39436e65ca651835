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
    """What the lead said: the state, when, why; and when the station was last verified.

    Opened by hand holds to the next planned close: the end of the span it falls into, else of the next one that day,
    else of the day; from then on the hours speak. Paused or closed holds until somebody opens it or the day ends."""

    state: StationState
    at: datetime | None
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
    state = current_state(hours, said, now, zone)
    closes_at = None if is_shut(said, local.date(), zone) else _closing(hours, said, local, zone)
    last = max((closes for _opens, closes in hours.on(local.date())), default=0)
    if closes_at is not None:
        status = Status.OPEN if is_fresh(said.verified_at, now) else Status.UNVERIFIED
    elif state is StationState.PAUSED and _minute(local) < last:
        status = Status.PAUSED
    else:
        status = Status.CLOSED
    opens_at = None
    if status is Status.CLOSED:
        opens_at = _next_opening(hours, local, skip_today=state is StationState.CLOSED)
    reason = said.reason if state is not StationState.PLANNED else ""
    return Standing(status, closes_at is not None, closes_at, opens_at, reason, said.verified_at)


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


def current_state(hours: Hours, said: Said, now: datetime, zone: ZoneInfo) -> StationState:
    """What the lead said and what still holds; `planned` where the hours speak alone."""
    local = now.astimezone(zone)
    state = _said_on(said, local.date(), zone)
    is_over = state is StationState.OPEN and _minute(local) >= opened_until(hours, said, local.date(), zone)
    return StationState.PLANNED if is_over else state


def opened_until(hours: Hours, said: Said, day: date, zone: ZoneInfo) -> int:
    """The minute of `day` until which the lead's opening holds; 0 where the last word of that day was another."""
    if said.at is None or _said_on(said, day, zone) is not StationState.OPEN:
        return 0
    minute = _minute(said.at.astimezone(zone))
    return min((closes for _opens, closes in hours.on(day) if closes > minute), default=1440)


def is_shut(said: Said, day: date, zone: ZoneInfo) -> bool:
    """Whether the lead's last word of that day was a pause or the close."""
    return _said_on(said, day, zone) in (StationState.PAUSED, StationState.CLOSED)


def _said_on(said: Said, day: date, zone: ZoneInfo) -> StationState:
    """What was said that day; what was said on another does not count any more."""
    is_said = said.at is not None and said.at.astimezone(zone).date() == day
    return said.state if is_said else StationState.PLANNED


def _minute(local: datetime) -> int:
    return local.hour * 60 + local.minute


def change_state(current: StationState, wanted: StationState, reason: str) -> None:
    """Refuse a step that the table does not allow, or one without the reason that the public will read."""
    if wanted not in NEXT_STATES[current]:
        raise Refused("station.state", _("The station is already in that state. Please look again."), field="state")
    if wanted in REASON_NEEDED and not reason.strip():
        raise Refused("station.reason", _("Please say why; the public will read it."), field="reason", status=400)


def _closing(hours: Hours, said: Said, local: datetime, zone: ZoneInfo) -> datetime | None:
    """When the span of now ends, planned or opened by hand; None outside of both."""
    minute = _minute(local)
    ends = [closes for opens, closes in hours.on(local.date()) if opens <= minute < closes]
    ends += [end for end in (opened_until(hours, said, local.date(), zone),) if minute < end]
    return at_minute(local, min(ends)) if ends else None


def _next_opening(hours: Hours, local: datetime, skip_today: bool) -> datetime | None:
    """The start of the next span within a week."""
    minute = 1440 if skip_today else _minute(local)
    for ahead in range(8):
        starts = [o for o, _closes in hours.on(local.date() + timedelta(days=ahead)) if ahead or o > minute]
        if starts:
            return at_minute(local + timedelta(days=ahead), min(starts))
    return None


def at_minute(local: datetime, minute: int) -> datetime:
    """That day at `minute` since midnight; 1440 is the next midnight."""
    return datetime.combine(local.date(), time(0), local.tzinfo) + timedelta(minutes=minute)
