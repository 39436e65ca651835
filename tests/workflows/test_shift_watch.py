"""The minute's round ends what nobody answered, and forgets who left long ago."""

from datetime import timedelta

import pytest
from factories.shifts import ORGANIZER, a_shift, a_volunteer, get_need, sign_up, themselves

from stations.kernel import clock
from stations.kernel.db import setting, transaction
from stations.shifts.actions.dropping import drop
from stations.shifts.actions.swapping import ask_swap
from stations.shifts.actions.volunteers import withdraw_volunteer
from stations.shifts.actions.waiting import join_waiting
from stations.shifts.queries.swaps import get_swap
from stations.shifts.queries.volunteers import find_volunteer
from stations.shifts.queries.waiting import get_entry
from stations.shifts.rules.states import SwapState, WaitState
from stations.workflows.shift_watch import look_after_shifts
from stations.workflows.watching import watch_once

pytestmark = pytest.mark.usefixtures("app")


def test_one_round_ends_what_is_over_and_the_next_finds_nothing() -> None:
    for number in ("S1", "S2", "S3", "S4"):
        a_volunteer(number)
    first, second = a_shift("08:00"), a_shift("13:00")
    mine, theirs = sign_up("S1", first), sign_up("S2", second)
    waiting, holder = themselves("S3"), themselves("S2")
    need = get_need(first).id
    with transaction():
        entry = int(join_waiting(need, waiting.volunteer_id, waiting)["id"])
        drop(mine, ORGANIZER, "ill")
        swap = int(ask_swap(theirs, "S4", holder)["id"])
        withdraw_volunteer("S1", ORGANIZER)
    assert look_after_shifts() == (0, 0, 0, 0, 0)
    clock.show(clock.now() + timedelta(days=setting("keep_days"), minutes=1), clock.real_now())
    assert watch_once(clock.real_now() + timedelta(hours=1)) is not None
    assert look_after_shifts() == (0, 0, 0, 0, 0)
    assert (get_entry(entry).state, get_swap(swap).state) == (WaitState.LAPSED, SwapState.LAPSED)
    assert get_need(first).free == 1
    assert find_volunteer("S1") is None
