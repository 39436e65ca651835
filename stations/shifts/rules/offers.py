"""How long a place is kept for the next one on the waiting list, and how long a question stands."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

QUIET_FROM = time(22)  # nobody is woken for an offer: its clock stands still
QUIET_UNTIL = time(7)
LONG_AHEAD = timedelta(hours=24)
LONG = timedelta(hours=2)  # to answer while the shift is more than a day ahead
SHORT = timedelta(minutes=20)
LEAST = timedelta(minutes=10)
NOTICE = timedelta(minutes=45)  # before a shift begins its last places go to whoever can come at once
QUESTION = timedelta(hours=12)  # how long another volunteer may think about a swap


def offer_until(now: datetime, starts_at: datetime, zone: ZoneInfo) -> datetime | None:
    """Until when a place of a shift is kept for one person, quiet hours not counted; None where there is no time left
    to answer."""
    last = starts_at - NOTICE
    if awake_after(now, LEAST, zone) > last:
        return None
    length = LONG if starts_at - now > LONG_AHEAD else SHORT
    return min(awake_after(now, length, zone), last)


def awake_after(now: datetime, length: timedelta, zone: ZoneInfo) -> datetime:
    """The moment at which `length` has passed outside quiet hours. `length` is shorter than a day's waking hours."""
    wakes = next_waking(now, zone)
    quiet = datetime.combine(wakes.astimezone(zone).date(), QUIET_FROM, zone)
    left = quiet - wakes
    return wakes + length if length <= left else next_waking(quiet, zone) + (length - left)


def next_waking(at: datetime, zone: ZoneInfo) -> datetime:
    """`at` itself outside quiet hours, else their end."""
    local = at.astimezone(zone)
    if local.time() >= QUIET_FROM:
        return datetime.combine(local.date() + timedelta(days=1), QUIET_UNTIL, zone)
    return at if local.time() >= QUIET_UNTIL else datetime.combine(local.date(), QUIET_UNTIL, zone)


def question_until(now: datetime, starts_at: datetime) -> datetime | None:
    """Until when a swap may be answered; None where the shift begins too soon."""
    last = starts_at - NOTICE
    return min(now + QUESTION, last) if now + LEAST <= last else None
