"""Several hands at one place or one person at once, on both databases: a replacement, a cover, an erasure."""

import json
from collections import Counter

from cast import DEMO_NOW
from conftest import on_both
from factories.crowd import run_crowd
from factories.shifts import a_shift, a_volunteer, get_need, get_person, people_on, sign_up
from flask import Flask

from stations.kernel.db import db
from stations.shifts.queries.volunteers import find_volunteer

PROCESSES = 4
START = f"""
import json
from datetime import datetime
from stations.kernel import clock
clock.show(datetime.fromisoformat("{DEMO_NOW}"), clock.real_now())
from stations.accounts.rules import Actor, Scope
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Refused
from stations.shifts.actions.acting import Oneself
from stations.shifts.actions.covering import cover
from stations.shifts.actions.placing import PlaceOrder, place
from stations.shifts.actions.replacing import accept_replacement
from stations.shifts.actions.volunteers import forget_volunteer
from stations.shifts.rules.states import Source
city = Actor("city", "City", (Scope("federation", "YS-BJ/"),))
told = []
def attempt(do):
    try:
        run_in_transaction(do)
        told.append("won")
    except Refused as refused:
        told.append(refused.code)
"""
REPLACE = f"""{START}
if number < 2:
    attempt(lambda: accept_replacement(f"replace-{{number}}", SHIFT, [(NEED, PEOPLE[number])], [], city))
else:
    me = Oneself(PEOPLE[number])
    attempt(lambda: place(f"sign-up-{{number}}", PlaceOrder(NEED, PEOPLE[number]), Source.SELF, me))
print(json.dumps(told))
"""
COVER = f"""{START}
attempt(lambda: cover(f"cover-{{number}}", HELD, PEOPLE[number], city))
print(json.dumps(told))
"""
FORGET = f"""{START}
me = Oneself(PERSON)
if number:
    for turn, need in enumerate(NEEDS):
        attempt(lambda: place(f"sign-up-{{number}}-{{turn}}", PlaceOrder(need, PERSON), Source.SELF, me))
else:
    attempt(lambda: forget_volunteer("S1", me))
print(json.dumps(told))
"""


def run(database: str, work: str) -> Counter[str]:
    """What the processes were told."""
    db.session.rollback()
    said = [json.loads(out) for out in run_crowd(database, work, PROCESSES)]
    db.session.rollback()
    return Counter(code for part in said for code in part)


@on_both
def test_one_place_is_filled_once_by_replacement_or_sign_up(app: Flask, database: str) -> None:
    people = [a_volunteer(f"C{number}") for number in range(PROCESSES)]
    shift = a_shift("13:00")
    facts = f"SHIFT, NEED, PEOPLE = {shift}, {get_need(shift).id}, {people!r}\n"
    told = run(database, facts + REPLACE)
    assert (told["won"], told.total()) == (1, PROCESSES)
    assert (len(people_on(shift)), get_need(shift).taken) == (1, 1)


@on_both
def test_one_of_four_who_replace_the_same_person_at_once_does(app: Flask, database: str) -> None:
    a_volunteer("S1")
    shift = a_shift("13:00")
    held, people = sign_up("S1", shift), [a_volunteer(f"C{number}") for number in range(PROCESSES)]
    told = run(database, f"HELD, PEOPLE = {held}, {people!r}\n{COVER}")
    assert (told["won"], told.total()) == (1, PROCESSES)
    assert (len(people_on(shift)), get_need(shift).taken, "S1" in people_on(shift)) == (1, 1, False)


@on_both
def test_who_is_erased_while_they_sign_up_holds_nothing(app: Flask, database: str) -> None:
    a_volunteer("S1")
    shifts = [a_shift(clock, 1) for clock in ("08:00", "11:00", "14:00")]
    needs = [get_need(shift).id for shift in shifts]
    told = run(database, f"PERSON, NEEDS = {get_person('S1').id}, {needs!r}\n{FORGET}")
    assert told["won"] >= 1
    assert find_volunteer("S1") is None
    assert [people_on(shift) for shift in shifts] == [[], [], []]
    assert [get_need(shift).taken for shift in shifts] == [0, 0, 0]
