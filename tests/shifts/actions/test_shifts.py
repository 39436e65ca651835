"""A shift that changes or is called off, with those who hold its places."""

from datetime import timedelta
from typing import Any

import pytest
from conftest import on_both
from factories.shifts import (
    ORGANIZER,
    STRANGER,
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
from factories.stock import refuses
from flask import Flask

from stations.kernel import audit
from stations.kernel.db import db, transaction
from stations.kernel.errors import Forbidden, Invalid, NotFound, Refused
from stations.shifts.actions.shifts import add_shift, cancel_shift, change_shift
from stations.shifts.actions.waiting import join_waiting
from stations.shifts.queries.assignments import get_assignment
from stations.shifts.queries.shifts import get_shift, list_shifts
from stations.shifts.queries.waiting import get_entry
from stations.shifts.rules.orders import ShiftOrder
from stations.shifts.rules.states import WaitState

pytestmark = pytest.mark.usefixtures("app")


def change(shift: int, **fields: Any) -> dict[str, Any]:
    db.session.rollback()
    row = get_shift(shift)
    asked: dict[str, Any] = {
        "station": row.station, "post": row.post, "starts_at": row.starts_at, "ends_at": row.ends_at,
        "needs": {need.skill: need.places for need in row.needs},
    }  # fmt: skip
    with transaction():
        return change_shift(shift, ShiftOrder(**asked | fields), ORGANIZER)


def test_a_shift_is_added_where_one_may_and_as_it_can_be() -> None:
    shift = a_shift(needs={"": 2, "first_aid": 1})
    row = get_shift(shift)
    assert [(need.skill, need.places, need.taken) for need in row.needs] == [("", 2, 0), ("first_aid", 1, 0)]
    assert (row.station, row.starts_at, row.ends_at, row.sequence) == ("GH-HD-01", at("08:00"), at("10:00"), 0)
    order = ShiftOrder("GH-HD-01", "supplies", at("08:00"), at("10:00"))
    with pytest.raises(Forbidden), transaction():
        add_shift(order, STRANGER)
    for code, wrong in (
        ("station.unknown", {"station": "NONE"}),
        ("post.unknown", {"post": "juggler"}),
        ("skill.unknown", {"needs": {"juggling": 1}}),
        ("session.unknown", {"exam_session_id": 9999}),
        ("shift.needs", {"needs": {"": 0}}),
        ("shift.places", {"needs": {"": 201}}),
        ("shift.times", {"ends_at": at("08:00")}),
        ("shift.long", {"ends_at": at("08:00") + timedelta(hours=17)}),
    ):
        fields: dict[str, Any] = {
            "station": "GH-HD-01", "post": "supplies", "starts_at": at("08:00"), "ends_at": at("10:00")
        }  # fmt: skip
        with pytest.raises(Invalid) as invalid, transaction():
            add_shift(ShiftOrder(**fields | wrong), ORGANIZER)
        assert (invalid.value.code, invalid.value.field is not None) == (code, True)
    assert [row.id for row in list_shifts(("YS-BJ/",), at("00:00"), at("23:00"))] == [shift]


@on_both
def test_another_time_is_judged_again_for_everybody_on_it(app: Flask) -> None:
    for number in ("S1", "S2"):
        a_volunteer(number)
    shift = a_shift("08:00", needs={"": 2})
    mine = [sign_up(number, shift) for number in ("S1", "S2")]
    sign_up("S2", a_shift("13:00", station=THERE))
    with refuses("could not stay"):
        change(shift, starts_at=at("12:00"), ends_at=at("14:00"))
    assert (get_shift(shift).starts_at, people_on(shift)) == (at("08:00"), ["S1", "S2"])
    done = change(shift, starts_at=at("12:00"), ends_at=at("14:00"), drops_unfit=True)
    assert done["dropped"] == [mine[1]]
    assert [number for number, _why in done["unfit"]] == [mine[1]]
    assert people_on(shift) == ["S1"]
    row = get_assignment(mine[0])
    assert (row.starts_at, row.ends_at, row.sequence) == (at("12:00"), at("14:00"), 1)
    assert (get_need(shift).taken, get_need(shift).free) == (1, 1)
    near = change(shift, starts_at=at("21:00"), ends_at=at("23:00"))
    assert near["dropped"] == []


def test_whom_a_reason_could_place_stays_and_is_named() -> None:
    a_volunteer("S1", is_free=False)
    shift = a_shift()
    mine = sign_up("S1", shift)
    done = change(shift, starts_at=at("09:00"), ends_at=at("11:00"))
    assert (done["dropped"], [number for number, _why in done["unfit"]]) == ([], [mine])
    assert people_on(shift) == ["S1"]


def test_needs_never_go_under_what_is_taken_and_new_places_are_offered() -> None:
    for number in ("S1", "S2", "S3"):
        a_volunteer(number)
    shift = a_shift(needs={"": 2})
    sign_up("S1", shift)
    sign_up("S2", shift)
    with pytest.raises(Refused, match=r"shift\.bound") as bound:
        change(shift, needs={"": 1})
    assert bound.value.field == "needs"
    with transaction():
        entry = int(join_waiting(get_need(shift).id, get_person("S3").id, themselves("S3"))["id"])
    change(shift, needs={"": 3, "guide": 1})
    assert get_entry(entry).state is WaitState.OFFERED
    assert [(need.skill, need.places, need.taken, need.offered) for need in get_shift(shift).needs] == [
        ("", 3, 2, 1), ("guide", 1, 0, 0),
    ]  # fmt: skip
    change(shift, needs={"": 3})
    assert get_need(shift, "guide").places == 0
    assert get_shift(shift).sequence == 0  # a calendar tells of times, not of how many


def test_a_version_that_is_old_changes_nothing() -> None:
    shift = a_shift()
    change(shift, needs={"": 2}, version=1)
    with pytest.raises(Refused, match=r"shift\.changed"):
        change(shift, needs={"": 3}, version=1)
    with pytest.raises(Invalid, match=r"shift\.station"):
        change(shift, station=THERE)
    with pytest.raises(NotFound), transaction():
        change_shift(9999, ShiftOrder("GH-HD-01", "supplies", at("08:00"), at("10:00")), ORGANIZER)
    assert get_need(shift).places == 2


@on_both
def test_a_cancelled_shift_frees_everybody(app: Flask) -> None:
    for number in ("S1", "S2"):
        a_volunteer(number)
    shift = a_shift()
    mine = sign_up("S1", shift)
    with transaction():
        entry = int(join_waiting(get_need(shift).id, get_person("S2").id, themselves("S2"))["id"])
    with pytest.raises(Invalid, match=r"cancel\.reason"), transaction():
        cancel_shift(shift, ORGANIZER, "")
    with pytest.raises(Forbidden), transaction():
        cancel_shift(shift, STRANGER, "mine")
    with transaction():
        assert cancel_shift(shift, ORGANIZER, "storm")["freed"] == 1
    row = get_assignment(mine)
    assert (row.state, row.is_cancelled, row.sequence) == ("cancelled", True, 1)
    assert get_entry(entry).state is WaitState.LEFT
    assert list_shifts(("",), at("00:00"), at("23:00")) == []
    assert [one.id for one in list_shifts(("",), at("00:00"), at("23:00"), cancelled=True)] == [shift]
    put("S1", a_shift("09:00"))  # free again
    with pytest.raises(Refused, match=r"shift\.cancelled"), transaction():
        cancel_shift(shift, ORGANIZER, "storm")
    with pytest.raises(NotFound):
        sign_up("S2", shift)
    assert audit.list_events(f"shift:{shift}")[0].reason == "storm"
