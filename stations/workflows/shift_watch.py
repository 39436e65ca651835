"""The shifts' own clock: offers and questions that nobody answered in time end, and who withdrew long ago is erased."""

from datetime import datetime, timedelta

from stations.kernel import clock
from stations.kernel.db import run_in_transaction, setting
from stations.seasons.queries import get_calendar
from stations.shifts.actions.attendance import close_attendance
from stations.shifts.actions.swapping import lapse_swaps
from stations.shifts.actions.volunteers import erase_after_season, erase_before
from stations.shifts.actions.waiting import lapse_offers

ONE_DAY = timedelta(days=1)


def look_after_shifts() -> tuple[int, int, int, int, int]:
    """(offers that lapsed, questions that lapsed, volunteers erased, check-outs made, no-shows); each kind in a
    transaction of its own."""
    return (
        len(run_in_transaction(lapse_offers)),
        run_in_transaction(lapse_swaps),
        erase_volunteers(),
        *run_in_transaction(close_attendance),
    )


def erase_volunteers() -> int:
    """Erase who withdrew KEEP_DAYS ago, and everybody of a season that has been over for KEEP_VOLUNTEERS_DAYS; how
    many. What they did is counted as before, of nobody in particular."""
    before = clock.now() - timedelta(days=setting("keep_days"))
    return run_in_transaction(lambda: erase_before(before)) + _erase_after_season()


def _erase_after_season() -> int:
    calendar = get_calendar()
    if not calendar.days:
        return 0
    last = calendar.days[-1]
    ended_at = datetime(last.year, last.month, last.day, tzinfo=calendar.zone) + ONE_DAY
    if clock.now() < ended_at + timedelta(days=setting("keep_volunteers_days")):
        return 0
    return run_in_transaction(lambda: erase_after_season(ended_at))
