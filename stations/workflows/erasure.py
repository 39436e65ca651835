"""What was erased, how much of it and when; and what is still kept, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from stations.fleet.queries.keeping import count_open, find_track_span, list_kept
from stations.kernel import audit, clock
from stations.kernel.db import setting
from stations.seasons.queries import get_calendar

COUNTED = ("phones", "places", "fixes", "visits", "last_positions", "bookings", "volunteers")
ACTS = ("fleet.erase", "volunteer.erase", "volunteers.erase")
REPORTED = timedelta(days=400)  # one season to the next


@dataclass(frozen=True, slots=True)
class ErasedDay:
    """What was erased on a day: how many of each of COUNTED, and when the last of it."""

    day: date
    counts: dict[str, int]
    last_at: datetime


@dataclass(frozen=True, slots=True)
class KeptDay:
    """Requests that were over on a day and are not erased yet; the first of them goes at `erased_from`."""

    day: date
    requests: int
    phones: int
    erased_from: datetime


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """The report; `tracks` is when the oldest and the newest fix go."""

    keep_days: int
    keep_volunteers_days: int
    erased: list[ErasedDay]
    kept: list[KeptDay]
    open_requests: int
    tracks: tuple[datetime, datetime] | None


def report_erasure(paths: Sequence[str]) -> ErasureReport:
    """The report; what is kept, of requests below any of `paths`."""
    keep = timedelta(days=setting("keep_days"))
    span = find_track_span()
    tracks = (span[0] + keep, span[1] + keep) if span else None
    return ErasureReport(
        keep.days, setting("keep_volunteers_days"), _list_erased(), _list_kept(paths, keep), count_open(paths), tracks
    )


def _list_erased() -> list[ErasedDay]:
    zone = get_calendar().zone
    days: dict[date, ErasedDay] = {}
    acts = [act for name in ACTS for act in audit.list_acts(name, clock.now() - REPORTED)]
    for at, _actor, after in sorted(acts, key=lambda act: act[0], reverse=True):
        day = at.astimezone(zone).date()
        known = days.setdefault(day, ErasedDay(day, dict.fromkeys(COUNTED, 0), at))
        for name in COUNTED:
            known.counts[name] += int(after.get(name, 0))
    return list(days.values())


def _list_kept(paths: Sequence[str], keep: timedelta) -> list[KeptDay]:
    zone = get_calendar().zone
    days: dict[date, KeptDay] = {}
    for row in list_kept(paths):
        day = row.closed_at.astimezone(zone).date()
        known = days.get(day, KeptDay(day, 0, 0, row.closed_at + keep))
        days[day] = KeptDay(day, known.requests + 1, known.phones + row.has_phone, known.erased_from)
    return list(days.values())
