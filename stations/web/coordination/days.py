"""Which day a page is about."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from stations.kernel import clock
from stations.seasons.queries import get_calendar


@dataclass(frozen=True)
class Day:
    """One local day, from `since` to `until`; the `choices` are the season's days and this one."""

    day: date
    since: datetime
    until: datetime
    choices: tuple[date, ...]


def find_day(asked: date | None = None) -> Day:
    """The day that was asked for; else today, or the next of the season's days, or its last."""
    calendar = get_calendar()
    today = clock.now().astimezone(calendar.zone).date()
    day = asked or next((one for one in calendar.days if one >= today), max(calendar.days, default=today))
    since = datetime.combine(day, time(), calendar.zone)
    return Day(day, since, since + timedelta(days=1), tuple(sorted({*calendar.days, day})))
