"""The roll call at a post."""

from datetime import timedelta

import pytest
from conftest import on_both
from factories.shifts import ORGANIZER, STRANGER, a_shift, a_volunteer, at, put
from flask import Flask

from stations.kernel import audit, clock
from stations.kernel.db import transaction
from stations.kernel.errors import Forbidden
from stations.shifts.actions.roll_call import call_roll
from stations.shifts.queries.assignments import get_assignment


@on_both
def test_the_roll_call_notes_each_as_present_once(app: Flask) -> None:
    shift = a_shift(needs={"": 3})
    held = []
    for staff_no in ("S1", "S2", "S3"):
        a_volunteer(staff_no)
        held.append(put(staff_no, shift))
    with transaction():
        assert call_roll(held[:2], at("08:00"), ORGANIZER) == 2
    with transaction():
        assert call_roll(held[1:], at("08:10"), ORGANIZER) == 1
    assert [get_assignment(one).in_at for one in held] == [at("08:00"), at("08:00"), at("08:10")]
    told = audit.list_acts("attendance.roll", clock.now() - timedelta(hours=1))
    assert [(row.actor, row.after) for row in told] == [("city", {"present": 1}), ("city", {"present": 2})]


def test_nobody_is_seen_by_a_stranger(app: Flask) -> None:
    a_volunteer("S1")
    held = put("S1", a_shift())
    with pytest.raises(Forbidden), transaction():
        call_roll([held], at("08:00"), STRANGER)
    assert get_assignment(held).in_at is None
