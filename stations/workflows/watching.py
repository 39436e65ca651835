"""The duty of every minute: alerts of what will not last until the exam ends, holds that nobody sent in time, and the
shifts' unanswered offers and notices."""

from datetime import datetime

from stations.kernel import clock
from stations.kernel.db import transaction
from stations.seasons.queries import get_calendar
from stations.stock.actions.transfers import release_overdue
from stations.stock.actions.watch import claim_minute, sound_alert
from stations.stock.queries.watching import list_run_outs
from stations.workflows.notifying import notify
from stations.workflows.shift_watch import look_after_shifts


def watch_once(real_now: datetime) -> tuple[int, int] | None:
    """(shelves whose alert changed, transfers put back), or None where another process watches this minute.

    What is read is read before anything is locked: a sweep over the whole network must not make a station wait."""
    with transaction():
        is_mine = claim_minute(real_now)
    if not is_mine:
        return None
    calendar = get_calendar()
    found = list_run_outs(calendar.sessions, clock.now(), calendar.zone)
    for row in found:  # each by itself: whoever holds one shelf and waits for the next may stop somebody
        with transaction():
            sound_alert(row, calendar.zone)
    with transaction():
        released = release_overdue(calendar.zone)
    look_after_shifts()
    notify()
    return len(found), released
