"""When people may be told, what, and how often it is tried."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from stations.kernel.text import Text, _

QUIET_FROM = time(22)
QUIET_UNTIL = time(7)
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
MOST_TRIES = len(PAUSES) + 1
URGENT = timedelta(hours=2)  # who would set out that soon is told at night too

KIND_NAMES: dict[str, Text] = {
    "reminder": _("Reminder"),
    "placed": _("Given a place"),
    "changed": _("Shift changed"),
    "removed": _("Place taken away"),
    "cancelled": _("Shift cancelled"),
    "offer": _("Offer of a place"),
    "swap": _("Question of a swap"),
    "agreed": _("Swap agreed"),
    "refused": _("Swap refused"),
}
SENTENCES: dict[str, Text] = {
    "reminder": _("Your shift: %(station)s, %(time)s."),
    "placed": _("You were given a shift: %(station)s, %(time)s. Please say whether you will come."),
    "changed": _("Your shift has changed. It is now: %(station)s, %(time)s."),
    "removed": _("You are no longer needed at %(station)s, %(time)s."),
    "cancelled": _("Your shift at %(station)s, %(time)s, was cancelled."),
    "offer": _("A place at %(station)s, %(time)s, is kept for you. Please answer soon."),
    "swap": _("You are asked about a swap: %(station)s, %(time)s. Please answer."),
    "agreed": _("Your swap was agreed: somebody else comes to %(station)s, %(time)s."),
    "refused": _("Your swap was refused. Your shift remains: %(station)s, %(time)s."),
}
REASON_NAMES: dict[str, Text] = {
    "no phone": _("no phone"), "too late": _("too late"), "no answer": _("no answer"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NoticeOrder:
    """What to tell whom: `path` is the volunteer's, `values` are station and when, `until` ends its use."""

    key: str
    kind: str
    volunteer_id: int
    path: str
    values: Mapping[str, str]
    due_at: datetime
    until: datetime
    is_urgent: bool = False


def sentence(kind: str, values: Mapping[str, str]) -> Text:
    """The whole message."""
    return SENTENCES[kind] % {"station": values["station"], "time": values["time"]}


def is_quiet(at: datetime, zone: ZoneInfo) -> bool:
    """Whether people are left alone at that time."""
    return not QUIET_UNTIL <= at.astimezone(zone).time() < QUIET_FROM


def waking(at: datetime, zone: ZoneInfo) -> datetime:
    """`at` itself, or the end of the quiet hours that it falls into."""
    if not is_quiet(at, zone):
        return at
    local = at.astimezone(zone)
    day = local.date() + timedelta(days=local.time() >= QUIET_FROM)
    return datetime.combine(day, QUIET_UNTIL, zone)


def next_try(now: datetime, tries: int) -> datetime:
    """When to try again if the try number `tries` (1 ...) comes to nothing."""
    return now + PAUSES[min(tries, len(PAUSES)) - 1]
