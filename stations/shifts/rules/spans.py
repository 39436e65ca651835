"""When and how far: local days and their halves, gaps between shifts, ways between places."""

from datetime import date, datetime, timedelta, tzinfo
from math import ceil, dist, inf

from stations.kernel.geo.chord import spot
from stations.shifts.rules.rows import Half, Limits, Work
from stations.shifts.rules.skills import HALVES

# A half-day counts when more than this of a shift lies in it; the half of the start counts always.
TOUCH_MINUTES = 30
SECONDS_PER_MINUTE = 60


def local_day(at: datetime, zone: tzinfo) -> date:
    """The day on the clock of the place."""
    return at.astimezone(zone).date()


def halves_of(starts_at: datetime, ends_at: datetime, zone: tzinfo) -> tuple[Half, ...]:
    """The halves of days for which somebody must be free to do it, in order."""
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    found = []
    day = start.date()
    while day <= end.date():
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
        for half, (_name, from_hour, until_hour) in HALVES.items():
            begins, ends = midnight + timedelta(hours=from_hour), midnight + timedelta(hours=until_hour)
            is_first = begins <= start < ends
            if is_first or overlap_minutes(start, end, begins, ends) > TOUCH_MINUTES:
                found.append((day, half))
        day += timedelta(days=1)
    return tuple(found)


def overlap_minutes(from_one: datetime, until_one: datetime, from_other: datetime, until_other: datetime) -> float:
    """Minutes that two spans share; 0 or less when they share none."""
    return (min(until_one, until_other) - max(from_one, from_other)).total_seconds() / SECONDS_PER_MINUTE


def is_at_hours(work: Work, from_hour: int, until_hour: int, zone: tzinfo) -> bool:
    """Whether any of it lies between two hours of its local day, or, past midnight, of the night after or before."""
    start, end = work.starts_at.astimezone(zone), work.ends_at.astimezone(zone)
    midnight = datetime(start.year, start.month, start.day, tzinfo=zone)
    until = until_hour if until_hour > from_hour else until_hour + 24
    for days in (-1, 0, 1):
        begins = midnight + timedelta(days=days, hours=from_hour)
        if overlap_minutes(start, end, begins, midnight + timedelta(days=days, hours=until)) > 0:
            return True
    return False


def gap_minutes(one: Work, other: Work) -> float:
    """Minutes between two shifts, whichever is first; below 0 when they overlap."""
    return -overlap_minutes(one.starts_at, one.ends_at, other.starts_at, other.ends_at)


def way_minutes(metres: float, limits: Limits) -> int:
    """An ESTIMATE of the way over a straight line of `metres` by bus, train and foot, rounded up."""
    return ceil(metres * limits.way_detour / limits.way_metres_per_minute + limits.way_fixed_minutes)


def minutes_between(one: Work, other: Work, limits: Limits) -> int:
    """Minutes from one shift's station to the other's; 0 at the same one."""
    if one.station_id == other.station_id:
        return 0
    return way_minutes(dist(spot(one.lat, one.lon), spot(other.lat, other.lon)), limits)


def minutes_from_home(lat: float | None, lon: float | None, work: Work, limits: Limits) -> int:
    """Minutes from a volunteer's home area to the station; 0 when no home is known."""
    if lat is None or lon is None:
        return 0
    return way_minutes(dist(spot(lat, lon), spot(work.lat, work.lon)), limits)


def age_on(born_on: date | None, day: date) -> float:
    """Years of age on a day; without end when the birthday is not known."""
    if born_on is None:
        return inf
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def clock_span(starts_at: datetime, ends_at: datetime, zone: tzinfo) -> str:
    """`06-07 06:30-09:15` on the clock of the place."""
    return f"{starts_at.astimezone(zone):%m-%d %H:%M}-{ends_at.astimezone(zone):%H:%M}"
