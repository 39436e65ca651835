"""A place given back is free at once, and offered to whoever waits."""

import pytest
from conftest import on_both
from factories.shifts import (
    ORGANIZER,
    a_leader,
    a_shift,
    a_team,
    a_volunteer,
    at,
    get_need,
    get_person,
    people_on,
    put,
    sign_up,
    themselves,
)
from flask import Flask

from stations.kernel import audit, clock
from stations.kernel.db import transaction
from stations.kernel.errors import Forbidden, Invalid, NotFound, Refused
from stations.shifts.actions.dropping import acknowledge, drop
from stations.shifts.actions.waiting import join_waiting
from stations.shifts.queries.assignments import get_assignment, list_assignments_of
from stations.shifts.queries.waiting import list_waits_of
from stations.shifts.rules.states import WaitState

pytestmark = pytest.mark.usefixtures("app")


@on_both
def test_who_drops_out_makes_room_for_the_next_in_rank_at_once(app: Flask) -> None:
    for number in ("S1", "S2", "S3"):
        a_volunteer(number)
    shift = a_shift()
    mine = sign_up("S1", shift)
    for number in ("S3", "S2"):
        with transaction():
            join_waiting(get_need(shift).id, get_person(number).id, themselves(number))
    with transaction():
        done = drop(mine, themselves("S1"), "ill")
    assert done["offers"] == 1
    need = get_need(shift)
    assert (need.taken, need.offered, need.free) == (0, 1, 0)
    assert [row.state for row in list_waits_of(get_person("S3").id)] == [WaitState.OFFERED]  # who came first
    assert [row.state for row in list_waits_of(get_person("S2").id)] == [WaitState.WAITING]
    row = get_assignment(mine)
    assert row.state == "dropped"
    events = audit.list_events(f"shift:{shift}")
    assert [event.action for event in events][:2] == ["shift.offer", "shift.drop"]
    assert "ill" not in [event.reason for event in events]
    with pytest.raises(Refused, match=r"assignment\.over"), transaction():
        drop(mine, themselves("S1"))
    assert get_need(shift).taken == 0


def test_the_volunteer_may_until_it_begins_and_others_with_a_reason() -> None:
    a_team("T1")
    a_volunteer("L1", team="T1", standing="deputy")
    a_volunteer("S1", team="T1")
    a_volunteer("S2")
    shift = a_shift("08:00", needs={"": 2}, day="2027-06-07")  # it is 07:45
    mine, other = sign_up("S1", shift), sign_up("S2", shift)
    with pytest.raises(Forbidden), transaction():
        drop(mine, themselves("S2"))
    with pytest.raises(Forbidden), transaction():
        drop(other, a_leader("L1"), "not of my team")
    clock.show(at("08:01", "2027-06-07"), clock.real_now())
    with pytest.raises(Refused, match=r"shift\.over"), transaction():
        drop(mine, themselves("S1"))
    with pytest.raises(Invalid, match=r"drop\.reason"), transaction():
        drop(mine, a_leader("L1"), " ")
    with transaction():
        drop(mine, a_leader("L1"), "sent home")
    assert people_on(shift) == ["S2"]
    event = audit.list_events(f"shift:{shift}")[0]
    assert (event.actor, event.reason) == (f"volunteer:{get_person('L1').id}", "sent home")
    with pytest.raises(NotFound), transaction():
        drop(9999, ORGANIZER, "none")


def test_a_place_that_others_gave_is_acknowledged_or_declined() -> None:
    a_volunteer("S1")
    first, second = put("S1", a_shift()), put("S1", a_shift("12:00"))
    assert get_assignment(first).acknowledged_at is None
    with transaction():
        acknowledge(first, themselves("S1"))
    assert get_assignment(first).acknowledged_at is not None
    with transaction():
        drop(first, themselves("S1"))
    with transaction():
        drop(second, themselves("S1"))
    assert (get_assignment(first).state, get_assignment(second).state) == ("dropped", "declined")
    with pytest.raises(Refused, match=r"assignment\.over"), transaction():
        acknowledge(second, themselves("S1"))
    told = [row.state for row in list_assignments_of(get_person("S1").id, at("00:00"))]
    assert told == ["dropped"]  # a calendar says what was called off; what was never theirs is not in it
