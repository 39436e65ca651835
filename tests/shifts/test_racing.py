"""Several processes at the same places and the same people, on both databases: nothing is over-full, nobody is in two
places, and whoever comes too late is told why."""

import json
from collections import Counter

import pytest
from cast import DEMO_NOW
from conftest import on_both
from factories.crowd import run_crowd
from factories.shifts import THERE, a_shift, a_volunteer, get_need, many_volunteers, people_on, sign_up
from factories.shifts import themselves as acting
from flask import Flask
from sqlalchemy import func, select

from stations.kernel.audit import AuditEvent
from stations.kernel.db import db, transaction
from stations.shifts.actions.dropping import drop
from stations.shifts.actions.swapping import ask_swap
from stations.shifts.actions.waiting import join_waiting
from stations.shifts.models.placing import Assignment
from stations.shifts.models.planning import ShiftNeed
from stations.shifts.queries.swaps import get_swap
from stations.shifts.rules.states import SwapState

PROCESSES = 4
SHIFTS = 20
SIGN_UPS = 10

# These processes have no demonstration: their clock is set to the one at which the shifts are ahead.
START = f"""
import json
from datetime import datetime
from stations.kernel import clock
clock.show(datetime.fromisoformat("{DEMO_NOW}"), clock.real_now())
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Refused
from stations.shifts.actions.acting import Oneself
from stations.shifts.actions.dropping import drop
from stations.shifts.actions.placing import PlaceOrder, place
from stations.shifts.actions.swapping import agree_swap
from stations.shifts.actions.waiting import accept_offer
from stations.shifts.rules.states import Source
told = []
def attempt(do):
    try:
        told.append(["won", run_in_transaction(do)])
    except Refused as refused:
        told.append([refused.code, refused.message.message])
def sign_up(request_id, need, volunteer):
    me = Oneself(volunteer)
    attempt(lambda: place(request_id, PlaceOrder(need, volunteer), Source.SELF, me).content["id"])
"""
SIGN_UP = f"""{START}
for request_id, need, volunteer in WORK[number]:
    sign_up(request_id, need, volunteer)
print(json.dumps(told))
"""
REPEAT = f"""{START}
me = Oneself(VOLUNTEER)
for _ in range(10):
    answer = run_in_transaction(lambda: place("press-0001", PlaceOrder(NEED, VOLUNTEER), Source.SELF, me))
    told.append([answer.is_replay, answer.content["id"]])
print(json.dumps(told))
"""
AGREE = f"""{START}
if number % 2:
    attempt(lambda: agree_swap(f"yes-{{number}}", SWAP, Oneself(OTHER)).content["id"])
else:
    attempt(lambda: drop(MINE, Oneself(HOLDER))["id"])
print(json.dumps(told))
"""
ACCEPT = f"""{START}
for entry, volunteer in OFFERS[number::4]:
    attempt(lambda: accept_offer(f"take-{{entry}}", entry, Oneself(volunteer)).content["id"])
sign_up(f"late-{{number}}", NEED, LATE[number])
print(json.dumps(told))
"""


def run(database: str, work: str) -> list[list[str]]:
    """What each process was told."""
    db.session.rollback()
    said = [json.loads(out) for out in run_crowd(database, work, PROCESSES)]
    db.session.rollback()
    return [answer for part in said for answer in part]


def count_places() -> tuple[int, int, int]:
    """(places taken, confirmed assignments, the most at one shift)."""
    taken = db.session.execute(select(func.sum(ShiftNeed.taken))).scalar_one()
    held = select(func.count()).where(Assignment.state == "confirmed").group_by(Assignment.shift_id)
    counts = list(db.session.execute(held).scalars())
    return taken, sum(counts), max(counts)


@on_both
@pytest.mark.timeout(300)
def test_of_ten_who_sign_up_at_once_for_one_place_one_gets_it(app: Flask, database: str) -> None:
    people = many_volunteers(SHIFTS * SIGN_UPS)
    needs = [get_need(a_shift("08:00")).id for _ in range(SHIFTS)]
    work: list[list[tuple[str, int, int]]] = [[] for _ in range(PROCESSES)]
    for at_place, person in enumerate(people):  # the ten of a shift follow each other, in four processes
        shift, turn = divmod(at_place, SIGN_UPS)
        work[turn % PROCESSES].append((f"sign-up-{at_place}", needs[shift], person))
    told = run(database, f"WORK = {work!r}\n{SIGN_UP}")
    assert Counter(code for code, _said in told) == Counter({"won": SHIFTS, "seat.full": SHIFTS * (SIGN_UPS - 1)})
    assert {said for code, said in told if code != "won"} == {"All %(places)s places are taken."}
    assert count_places() == (SHIFTS, SHIFTS, 1)


@on_both
@pytest.mark.timeout(300)
def test_two_overlapping_shifts_at_once_for_one_person_are_one(app: Flask, database: str) -> None:
    people = many_volunteers(SHIFTS)
    needs = [get_need(a_shift(clock, needs={"": SHIFTS})).id for clock in ("08:00", "08:30", "09:00", "09:30")]
    work = [[(f"{number}-{person}", need, person) for person in people] for number, need in enumerate(needs)]
    told = run(database, f"WORK = {work!r}\n{SIGN_UP}")
    assert Counter(code for code, _said in told) == Counter({"won": SHIFTS, "time.overlap": SHIFTS * 3})
    held = select(func.count(), func.count(Assignment.volunteer_id.distinct())).where(Assignment.state == "confirmed")
    assert tuple(db.session.execute(held).one()) == (SHIFTS, SHIFTS)
    assert count_places()[0] == SHIFTS


@on_both
def test_two_shifts_too_far_apart_at_once_for_one_person_are_one(app: Flask, database: str) -> None:
    """No constraint of the database knows of ways: it is the lock on the volunteer that holds."""
    people = many_volunteers(SHIFTS)
    near, far = a_shift("08:00", 1, needs={"": SHIFTS}), a_shift("09:05", 1, "MD-052", needs={"": SHIFTS})
    needs = get_need(near).id, get_need(far).id
    work = [[(f"{number}-{person}", need, person) for person in people] for number, need in enumerate(needs)]
    told = run(database, f"WORK = {[*work, [], []]!r}\n{SIGN_UP}")
    assert Counter(code for code, _said in told) == Counter({"won": SHIFTS, "time.travel": SHIFTS})
    assert get_need(near).taken + get_need(far).taken == SHIFTS


@on_both
def test_what_is_sent_forty_times_is_written_once(app: Flask, database: str) -> None:
    (person,) = many_volunteers(1)
    need = get_need(a_shift(needs={"": 40})).id
    told = run(database, f"NEED, VOLUNTEER = {need}, {person}\n{REPEAT}")
    assert Counter(is_replay for is_replay, _id in told) == Counter({True: 39, False: 1})
    assert len({number for _is_replay, number in told}) == 1
    assert count_places() == (1, 1, 1)
    placed = select(func.count()).where(AuditEvent.action == "shift.place")
    assert db.session.execute(placed).scalar_one() == 1


@on_both
def test_a_swap_and_a_drop_at_once_are_one_or_the_other(app: Flask, database: str) -> None:
    for number in ("S1", "S2"):
        a_volunteer(number)
    first, second = a_shift("08:00"), a_shift("13:00", station=THERE)
    mine, theirs = sign_up("S1", first), sign_up("S2", second)
    holder, other = acting("S1"), acting("S2")
    with transaction():
        swap = int(ask_swap(mine, "S2", holder, theirs)["id"])
    facts = f"SWAP, MINE, HOLDER, OTHER = {swap}, {mine}, {holder.volunteer_id}, {other.volunteer_id}\n"
    told = run(database, facts + AGREE)
    assert len([code for code, _said in told if code == "won"]) == 1
    if get_swap(swap).state is SwapState.AGREED:
        assert (people_on(first), people_on(second)) == (["S2"], ["S1"])
    else:
        assert get_swap(swap).state is SwapState.WITHDRAWN
        assert (people_on(first), people_on(second)) == ([], ["S2"])
    assert get_need(first).taken == len(people_on(first))
    assert get_need(second).taken == 1


@on_both
def test_offers_taken_at_once_by_many_never_fill_more_than_there_is(app: Flask, database: str) -> None:
    people = many_volunteers(8)
    for number in ("S1", "S2"):
        a_volunteer(number)
    shift = a_shift(needs={"": 2})
    held = [sign_up("S1", shift), sign_up("S2", shift)]
    need = get_need(shift).id
    offers = []
    for person in people[:4]:
        me = acting(f"M{people.index(person):04}")
        with transaction():
            offers.append((int(join_waiting(need, person, me)["id"]), person))
    for number, assignment in zip(("S1", "S2"), held, strict=True):
        me = acting(number)
        with transaction():
            drop(assignment, me)
    assert (get_need(shift).taken, get_need(shift).offered) == (0, 2)
    told = run(database, f"NEED, LATE, OFFERS = {need}, {people[4:]!r}, {offers!r}\n{ACCEPT}")
    assert Counter(code for code, _said in told) == Counter({"won": 2, "offer.over": 2, "seat.full": 4})
    assert people_on(shift) == ["M0000", "M0001"]
    assert (get_need(shift).taken, get_need(shift).offered) == (2, 0)
