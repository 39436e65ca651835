"""The minute's round ends what nobody answered, and forgets who left long ago."""

from datetime import datetime, timedelta

import pytest
from conftest import on_both
from factories.shifts import ORGANIZER, a_shift, a_volunteer, get_need, sign_up, themselves

from stations.kernel import clock
from stations.kernel.db import setting, transaction
from stations.seasons.queries import get_calendar
from stations.shifts.actions.attendance import check_in, check_out
from stations.shifts.actions.dropping import drop
from stations.shifts.actions.knowing import set_availability
from stations.shifts.actions.swapping import ask_swap
from stations.shifts.actions.volunteers import withdraw_volunteer
from stations.shifts.actions.waiting import join_waiting
from stations.shifts.queries.attendance import get_attendance
from stations.shifts.queries.service import list_service, sum_all
from stations.shifts.queries.swaps import get_swap
from stations.shifts.queries.volunteers import find_volunteer
from stations.shifts.queries.waiting import get_entry
from stations.shifts.rules.states import SwapState, WaitState
from stations.workflows.erasure import report_erasure
from stations.workflows.shift_watch import erase_volunteers, look_after_shifts
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


@on_both
def test_half_a_year_after_the_season_nobody_is_known_and_the_hours_still_count() -> None:
    for number in ("S1", "S2", "S3"):
        a_volunteer(number)
    mine = sign_up("S1", a_shift("08:00"))
    row = get_attendance(mine)
    clock.show(row.starts_at, clock.real_now())
    with transaction():
        check_in(mine, ORGANIZER, row.starts_at)
    clock.show(row.ends_at, clock.real_now())
    with transaction():
        check_out(mine, ORGANIZER, row.ends_at)
    year = get_calendar().year(clock.now())
    before = sum_all(list_service(("",), *year))
    last = get_calendar().days[-1]
    ended = datetime(last.year, last.month, last.day, tzinfo=get_calendar().zone) + timedelta(days=1)
    clock.show(ended + timedelta(days=179), clock.real_now())
    assert erase_volunteers() == 0
    me = themselves("S2")
    with transaction():
        set_availability("S2", {}, me)
    clock.show(ended + timedelta(days=180, minutes=1), clock.real_now())
    assert (erase_volunteers(), erase_volunteers()) == (2, 0)
    assert [find_volunteer(number) is None for number in ("S1", "S2", "S3")] == [True, False, True]
    assert sum_all(list_service(("",), *year)) == before
    assert before.attendances == 1
    (day,) = report_erasure(("",)).erased
    assert day.counts["volunteers"] == 2
