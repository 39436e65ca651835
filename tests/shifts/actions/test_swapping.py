"""A swap changes hands whole and with consent, or not at all."""

from datetime import timedelta
from typing import Any

import pytest
from conftest import on_both
from factories.shifts import (
    ORGANIZER,
    THERE,
    a_leader,
    a_shift,
    a_team,
    a_volunteer,
    get_need,
    get_person,
    people_on,
    put,
    sign_up,
    themselves,
)
from factories.stock import new_id, refuses
from flask import Flask

from stations.kernel import audit, clock
from stations.kernel.db import transaction
from stations.kernel.errors import Forbidden, Invalid, NotFound, Refused
from stations.shifts.actions.dropping import drop
from stations.shifts.actions.swapping import agree_swap, ask_swap, lapse_swaps, refuse_swap, withdraw_swap
from stations.shifts.queries.assignments import get_assignment
from stations.shifts.queries.swaps import get_swap, list_swaps_of
from stations.shifts.rules.states import SwapState

pytestmark = pytest.mark.usefixtures("app")


def ask(number: int, to: str, by: str = "S1", other: int | None = None) -> int:
    who = themselves(by)
    with transaction():
        return int(ask_swap(number, to, who, other)["id"])


def agree(swap: int, by: str = "S2", request_id: str = "") -> Any:
    who = themselves(by)
    with transaction():
        return agree_swap(request_id or new_id(), swap, who)


@on_both
def test_two_exchange_their_shifts_at_once(app: Flask) -> None:
    for number in ("S1", "S2"):
        a_volunteer(number)
    morning, noon = a_shift("08:00"), a_shift("13:00", station=THERE)
    mine, theirs = sign_up("S1", morning), sign_up("S2", noon)
    swap = ask(mine, "S2", other=theirs)
    assert [row.id for row in list_swaps_of(get_person("S2").id)] == [swap]
    assert (people_on(morning), people_on(noon)) == (["S1"], ["S2"])  # nothing before they agree
    done = agree(swap, request_id="yes-1")
    again = agree(swap, request_id="yes-1")
    assert (again.is_replay, again.content) == (True, done.content)
    assert (people_on(morning), people_on(noon)) == (["S2"], ["S1"])
    assert (get_need(morning).taken, get_need(noon).taken) == (1, 1)
    assert get_swap(swap).state is SwapState.AGREED
    rows = [get_assignment(number) for number in done.content["assignments"]]
    assert [(row.staff_no, row.source) for row in rows] == [("S2", "swap"), ("S1", "swap")]
    assert all(row.acknowledged_at for row in rows)
    assert [event.action for event in audit.list_events(f"shift:{morning}")][:3] == [
        "shift.place", "shift.drop", "swap.agree"
    ]  # fmt: skip


@on_both
def test_a_swap_that_fails_leaves_both_as_they_were(app: Flask) -> None:
    for number in ("S1", "S2"):
        a_volunteer(number)
    morning, noon = a_shift("08:00"), a_shift("13:00", station=THERE)
    mine, theirs = sign_up("S1", morning), sign_up("S2", noon)
    swap = ask(mine, "S2", other=theirs)
    sign_up("S1", a_shift("14:30", station=THERE))  # now S1 cannot be there at 13:00
    with refuses("at the same time"):
        agree(swap)
    assert (people_on(morning), people_on(noon)) == (["S1"], ["S2"])
    assert (get_need(morning).taken, get_need(noon).taken) == (1, 1)
    assert (get_assignment(mine).state, get_assignment(theirs).state) == ("confirmed", "confirmed")
    assert get_swap(swap).state is SwapState.ASKED
    who = themselves("S2")
    with transaction():
        refuse_swap(swap, who)
    with pytest.raises(Refused, match=r"swap\.over"):
        agree(swap)


def test_somebody_takes_over_a_shift_when_they_are_fit_for_it() -> None:
    a_volunteer("S1", skills={"first_aid": None})
    a_volunteer("S2")
    a_volunteer("S3", skills={"first_aid": None})
    shift = a_shift(needs={"first_aid": 1})
    mine = sign_up("S1", shift, "first_aid")
    swap = ask(mine, "S2")
    with refuses("no proof is recorded"):
        agree(swap)
    with pytest.raises(Refused, match=r"swap\.asked"):
        ask(mine, "S3")
    me = themselves("S1")
    with transaction():
        withdraw_swap(swap, me)
    swap = ask(mine, "S3")
    with pytest.raises(Forbidden):
        agree(swap, by="S2")
    agree(swap, by="S3")
    assert people_on(shift) == ["S3"]
    assert get_assignment(mine).state == "dropped"


def test_only_ones_own_is_asked_about_and_in_time() -> None:
    a_team("T1")
    a_volunteer("L1", team="T1", standing="leader")
    a_volunteer("S1", team="T1")
    a_volunteer("S2")
    mine, theirs = sign_up("S1", a_shift()), sign_up("S2", a_shift("13:00"))
    with pytest.raises(Forbidden):
        ask(theirs, "S1")
    with pytest.raises(Invalid, match=r"swap\.self"):
        ask(mine, "S1")
    with pytest.raises(NotFound, match=r"volunteer\.unknown"):
        ask(mine, "nobody")
    with pytest.raises(Invalid, match=r"swap\.other"):
        ask(mine, "L1", other=theirs)
    leader = a_leader("L1")
    with transaction():
        asked = int(ask_swap(mine, "S2", leader)["id"])  # for somebody of the team
    clock.show(clock.now() + timedelta(hours=13), clock.real_now())
    with pytest.raises(Refused, match=r"swap\.over"):
        agree(asked)
    with transaction():
        assert lapse_swaps() == 1
    assert get_swap(asked).state is SwapState.LAPSED
    soon = put("L1", a_shift("21:20", 1, day="2027-06-07"))
    with pytest.raises(Refused, match=r"shift\.over"):
        ask(soon, "S2", by="L1")


def test_a_question_ends_with_the_place_it_was_about() -> None:
    a_volunteer("S1")
    a_volunteer("S2")
    mine, theirs = sign_up("S1", a_shift()), sign_up("S2", a_shift("13:00"))
    swap = ask(mine, "S2", other=theirs)
    with transaction():
        drop(theirs, ORGANIZER, "not needed")
    assert get_swap(swap).state is SwapState.WITHDRAWN
    with pytest.raises(Refused):
        agree(swap)
    with pytest.raises(Refused, match=r"assignment\.over"):
        ask(theirs, "S1", by="S2")
