"""The waiting list: in order of asking, one offer a free place, for a while, and not at night."""

from datetime import timedelta

import pytest
from conftest import on_both
from factories.shifts import (
    ORGANIZER,
    THERE,
    a_shift,
    a_volunteer,
    at,
    get_need,
    get_person,
    people_on,
    put,
    sign_up,
    themselves,
)
from factories.stock import new_id, refuses
from flask import Flask

from stations.kernel import clock
from stations.kernel.db import transaction
from stations.kernel.errors import Forbidden, Refused
from stations.shifts.actions.dropping import drop
from stations.shifts.actions.placing import Unplaced
from stations.shifts.actions.waiting import accept_offer, join_waiting, lapse_offers, leave_waiting
from stations.shifts.queries.waiting import WaitingRow, get_entry, list_waits_of
from stations.shifts.rules.states import WaitState

pytestmark = pytest.mark.usefixtures("app")


def wait(staff_no: str, shift: int) -> int:
    need, me = get_need(shift), themselves(staff_no)
    with transaction():
        return int(join_waiting(need.id, me.volunteer_id, me)["id"])


def give_up(number: int, staff_no: str) -> None:
    me = themselves(staff_no)
    with transaction():
        drop(number, me)


def accept(entry: int, staff_no: str, request_id: str = "") -> int:
    me = themselves(staff_no)
    with transaction():
        return int(accept_offer(request_id or new_id(), entry, me).content["id"])


def entry_of(staff_no: str) -> WaitingRow:
    (row,) = list_waits_of(get_person(staff_no).id)
    return row


@on_both
def test_an_offer_keeps_the_place_for_one_who_takes_it(app: Flask) -> None:
    for number in ("S1", "S2", "S3"):
        a_volunteer(number)
    shift = a_shift()
    mine = sign_up("S1", shift)
    entry = wait("S2", shift)
    give_up(mine, "S1")
    row = get_entry(entry)
    assert (row.state, row.offered_until) == (WaitState.OFFERED, row.offered_at + timedelta(hours=2))
    with refuses("All 1 places are taken."):
        sign_up("S3", shift)
    with pytest.raises(Unplaced, match=r"seat\.full"):
        put("S3", shift, reason="I insist")
    with pytest.raises(Forbidden):
        accept(entry, "S3")
    done = accept(entry, "S2", "answer-1")
    assert accept(entry, "S2", "answer-1") == done
    assert people_on(shift) == ["S2"]
    need = get_need(shift)
    assert (need.taken, need.offered) == (1, 0)
    assert get_entry(entry).state is WaitState.ACCEPTED
    with pytest.raises(Refused, match=r"offer\.over"):
        accept(entry, "S2")


def test_nobody_waits_twice_or_for_what_is_free_or_not_for_them() -> None:
    a_volunteer("S1")
    a_volunteer("S2")
    shift = a_shift()
    with pytest.raises(Refused, match=r"waiting\.free"):
        wait("S2", shift)
    sign_up("S1", shift)
    with refuses("at the same time"):
        wait("S1", shift)
    entry = wait("S2", shift)
    with pytest.raises(Refused, match=r"waiting\.twice"):
        wait("S2", shift)
    with transaction():
        leave_waiting(entry, themselves("S2"))
    assert get_entry(entry).state is WaitState.LEFT
    wait("S2", shift)
    assert (people_on(shift), get_need(shift).offered) == (["S1"], 0)


def test_what_is_declined_or_lapses_goes_to_the_next_who_can() -> None:
    for number in ("S1", "S2", "S3", "S4", "S5"):
        a_volunteer(number)
    shift = a_shift()
    mine = sign_up("S1", shift)
    entries = {number: wait(number, shift) for number in ("S2", "S3", "S4", "S5")}
    sign_up("S3", a_shift("08:30", station=THERE))  # meanwhile posted elsewhere
    give_up(mine, "S1")
    with transaction():
        leave_waiting(entries["S2"], themselves("S2"))
    assert get_entry(entries["S2"]).state is WaitState.DECLINED
    assert entry_of("S3").state is WaitState.WAITING  # passed over
    assert entry_of("S4").state is WaitState.OFFERED
    with transaction():
        assert lapse_offers() == []
    clock.show(clock.now() + timedelta(hours=2, minutes=1), clock.real_now())
    with pytest.raises(Refused, match=r"offer\.over"):
        accept(entries["S4"], "S4")
    with transaction():
        assert lapse_offers() == [entries["S4"]]
    assert get_entry(entries["S4"]).state is WaitState.LAPSED
    assert entry_of("S5").state is WaitState.OFFERED
    assert get_need(shift).offered == 1
    accept(entries["S5"], "S5")
    assert people_on(shift) == ["S5"]


def test_an_offer_sleeps_at_night_and_there_is_none_when_it_is_too_late() -> None:
    for number in ("S1", "S2"):
        a_volunteer(number)
    shift = a_shift("13:00")
    mine = sign_up("S1", shift)
    entry = wait("S2", shift)
    clock.show(at("23:00", "2027-06-07"), clock.real_now())
    give_up(mine, "S1")
    assert get_entry(entry).offered_until == at("07:20")
    early = a_shift("06:30", 1, THERE)
    held = put("S1", early)
    other = wait("S2", early)
    with transaction():
        drop(held, ORGANIZER, "needed elsewhere")
    assert get_entry(other).state is WaitState.WAITING  # asleep until it has begun
    assert get_need(early).free == 1


def test_the_guard_is_asked_again_when_an_offer_is_taken() -> None:
    a_volunteer("S1")
    a_volunteer("S2")
    shift = a_shift()
    mine = sign_up("S1", shift)
    entry = wait("S2", shift)
    give_up(mine, "S1")
    elsewhere = put("S2", a_shift("09:00", station=THERE))
    with refuses("at the same time"):
        accept(entry, "S2")
    assert get_entry(entry).state is WaitState.OFFERED
    assert (get_need(shift).taken, get_need(shift).offered) == (0, 1)
    give_up(elsewhere, "S2")
    accept(entry, "S2")
    assert people_on(shift) == ["S2"]
