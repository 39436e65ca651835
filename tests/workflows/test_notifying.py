"""Volunteers hear once of what concerns them."""

from datetime import timedelta

import pytest
from conftest import on_both
from factories.shifts import HERE, ORGANIZER, a_shift, a_volunteer, at, get_need, put, sign_up, themselves

from stations.adapters.messenger import Message, Receipt
from stations.kernel import clock
from stations.kernel.db import transaction
from stations.notices.queries import count_notices, list_notices
from stations.shifts.actions.dropping import acknowledge, drop
from stations.shifts.actions.shifts import cancel_shift, change_shift
from stations.shifts.actions.swapping import agree_swap, ask_swap, refuse_swap
from stations.shifts.actions.volunteers import erase_volunteer, withdraw_volunteer
from stations.shifts.actions.waiting import join_waiting
from stations.shifts.rules.orders import ShiftOrder
from stations.workflows.notifying import notify

pytestmark = pytest.mark.usefixtures("app")
TODAY = "2027-06-07"


class Told:
    """Keeps what it is to send."""

    needs_phone = True

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    def send(self, message: Message) -> Receipt:
        self.heard.append((message.staff_no, message.kind))
        return Receipt("")


def hear(clock_time: str, day: str = TODAY) -> list[tuple[str, str]]:
    """What is told then, and that it is told once."""
    clock.show(at(clock_time, day), clock.real_now())
    told = Told()
    notify(told)
    notify(told)
    return sorted(told.heard)


@on_both
def test_reminders_come_the_evening_before_and_two_hours_before(database: str) -> None:
    a_volunteer("S1", phone="13800001234")
    shift = a_shift("10:00")
    sign_up("S1", shift)
    assert hear("18:59") == []
    assert hear("19:00") == [("S1", "reminder")]
    assert hear("07:59", "2027-06-08") == []
    assert hear("08:00", "2027-06-08") == [("S1", "reminder")]
    assert hear("10:00", "2027-06-08") == []


def test_offers_and_questions_are_told_once_and_so_is_what_is_taken_away() -> None:
    for number in ("S1", "S2", "S3", "S4"):
        a_volunteer(number, phone="13800001234")
    first, second = a_shift("08:00"), a_shift("13:00")
    mine, theirs = sign_up("S1", first), sign_up("S2", second)
    waiting = themselves("S3")
    with transaction():
        join_waiting(get_need(first).id, waiting.volunteer_id, waiting)
        drop(mine, ORGANIZER, "ill")
        ask_swap(theirs, "S4", themselves("S2"))
    assert hear("07:46") == [("S1", "removed"), ("S3", "offer"), ("S4", "swap")]
    with transaction():
        cancel_shift(second, ORGANIZER, "closed")
    assert hear("07:47") == [("S2", "cancelled")]


def test_who_gives_a_place_back_themselves_is_not_told_of_it() -> None:
    a_volunteer("S1", phone="13800001234")
    mine = sign_up("S1", a_shift("10:00"))
    with transaction():
        drop(mine, themselves("S1"))
    assert hear("07:46") == []


def moved(begins: str) -> ShiftOrder:
    starts_at = at(begins)
    return ShiftOrder(HERE, "supplies", starts_at, starts_at + timedelta(hours=2), {"": 1})


@pytest.mark.parametrize("answer", ["agreed", "refused"])
def test_who_asks_for_a_swap_hears_the_answer(answer: str) -> None:
    for number in ("S1", "S2"):
        a_volunteer(number, phone="13800001234")
    mine = sign_up("S1", a_shift("10:00"))
    with transaction():
        swap = ask_swap(mine, "S2", themselves("S1"))["id"]
    with transaction():
        if answer == "agreed":
            agree_swap("r1", swap, themselves("S2"))
        else:
            refuse_swap(swap, themselves("S2"))
    assert hear("07:46") == [("S1", answer)]


def test_a_place_that_others_give_is_told_until_it_is_taken_up() -> None:
    for number in ("S1", "S2"):
        a_volunteer(number, phone="13800001234")
    shift = a_shift("10:00", needs={"": 2})
    first, second = (put(number, shift) for number in ("S1", "S2"))
    with transaction():
        acknowledge(second, themselves("S2"))
    assert hear("07:46") == [("S1", "placed")]
    assert first != second


def test_every_change_of_a_shift_is_told_once_with_its_new_time() -> None:
    a_volunteer("S1", phone="13800001234")
    shift = a_shift("10:00")
    sign_up("S1", shift)
    for minute, begins in enumerate(("11:00", "12:00")):
        with transaction():
            change_shift(shift, moved(begins), ORGANIZER)
        assert hear(f"07:{46 + minute}") == [("S1", "changed")]
    said = [row.values["time"][6:11] for row in list_notices(["YS-BJ/"], 9, 0)]
    assert said == ["12:00", "11:00"]


def test_what_an_erased_volunteer_was_told_is_forgotten() -> None:
    a_volunteer("S1", phone="13800001234")
    shift = a_shift("10:00")
    sign_up("S1", shift)
    with transaction():
        cancel_shift(shift, ORGANIZER, "closed")
    assert hear("07:46") == [("S1", "cancelled")]
    with transaction():
        withdraw_volunteer("S1", ORGANIZER)
        erase_volunteer("S1", ORGANIZER)
    assert count_notices(["YS-BJ/"]) == 1
    assert hear("07:48") == []
    assert count_notices(["YS-BJ/"]) == 0
