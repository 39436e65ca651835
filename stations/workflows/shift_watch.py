"""The shifts' own clock: offers and questions that nobody answered in time end, and who withdrew long ago is erased."""

from datetime import timedelta

from stations.kernel import clock
from stations.kernel.db import run_in_transaction, setting
from stations.shifts.actions.attendance import close_attendance
from stations.shifts.actions.swapping import lapse_swaps
from stations.shifts.actions.volunteers import erase_before
from stations.shifts.actions.waiting import lapse_offers


def look_after_shifts() -> tuple[int, int, int, int, int]:
    """(offers that lapsed, questions that lapsed, volunteers erased, check-outs made, no-shows); each kind in a
    transaction of its own."""
    keep = timedelta(days=setting("keep_days"))
    return (
        len(run_in_transaction(lapse_offers)),
        run_in_transaction(lapse_swaps),
        run_in_transaction(lambda: erase_before(clock.now() - keep)),
        *run_in_transaction(close_attendance),
    )
