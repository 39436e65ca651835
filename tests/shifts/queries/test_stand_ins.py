"""Who of a team may exchange shifts: nobody is offered what the guard would refuse either of them."""

import pytest
from factories.shifts import (
    a_shift,
    a_team,
    a_volunteer,
    count_reads,
    sign_up,
    themselves,
)

from stations.kernel.db import transaction
from stations.shifts.actions.knowing import set_availability
from stations.shifts.queries.assignments import get_assignment
from stations.shifts.queries.stand_ins import list_exchanges

pytestmark = pytest.mark.usefixtures("app")


def test_only_what_both_may_take_can_be_exchanged() -> None:
    a_team("T1")
    for number in ("S1", "S2", "S3", "S4"):
        a_volunteer(number, team="T1", skills={"first_aid": None} if number == "S4" else None)
    mine = get_assignment(sign_up("S1", a_shift("08:00")))
    fits = sign_up("S2", a_shift("13:00"))
    busy = sign_up("S3", a_shift("13:30"))
    with transaction():
        day = mine.starts_at.date()
        set_availability("S3", {(day, "morning"): False}, themselves("S3"))
    skilled = sign_up("S4", a_shift("14:00", needs={"first_aid": 1}), "first_aid")
    theirs = [get_assignment(number) for number in (fits, busy, skilled)]
    with count_reads() as three:
        assert [one.id for one in list_exchanges(mine, theirs)] == [fits]
    with count_reads() as one:
        list_exchanges(mine, theirs[:1])
    assert len(three) == len(one)
    assert list_exchanges(mine, []) == []
