"""Volunteers come, change, go and are forgotten."""

from datetime import date, timedelta

import pytest
from conftest import on_both
from factories.shifts import (
    HAIDIAN,
    ORGANIZER,
    STRANGER,
    a_leader,
    a_shift,
    a_team,
    a_volunteer,
    get_need,
    get_person,
    people_on,
    sign_up,
    themselves,
)
from flask import Flask

from stations.kernel import audit, clock
from stations.kernel.db import db, transaction
from stations.kernel.errors import Forbidden, Invalid, NotFound, Refused
from stations.shifts.actions.dropping import drop
from stations.shifts.actions.swapping import ask_swap
from stations.shifts.actions.volunteers import (
    erase_before,
    erase_volunteer,
    new_link,
    save_volunteer,
    set_code,
    withdraw_volunteer,
)
from stations.shifts.actions.waiting import join_waiting
from stations.shifts.queries.assignments import get_assignment
from stations.shifts.queries.known import get_availability, list_skills_of
from stations.shifts.queries.swaps import get_swap
from stations.shifts.queries.volunteers import (
    count_volunteers,
    find_code_hash,
    find_volunteer,
    find_volunteer_by_feed,
    get_volunteer,
    list_volunteers,
)
from stations.shifts.queries.waiting import get_entry
from stations.shifts.rules.orders import VolunteerOrder
from stations.shifts.rules.states import SwapState, WaitState

pytestmark = pytest.mark.usefixtures("app")


@on_both
def test_a_volunteer_is_added_and_changed(app: Flask) -> None:
    a_team("T1")
    a_volunteer(
        "S1", phone="13900000000", born_on=date(2011, 5, 4), has_guardian_consent=True, point=(39.98765, 116.31234)
    )
    row = get_person("S1")
    assert (row.path, row.team, row.standing, row.version) == (f"YS-BJ/{HAIDIAN}/S1/", "", "", 1)
    assert (row.lat, row.lon) == (39.99, 116.31)  # about 500 m is near enough
    assert row.guardian_consent_at is not None
    agreed = row.guardian_consent_at
    with transaction():
        order = VolunteerOrder("S1", "改名", team="T1", has_guardian_consent=True, code_hash="hash", version=1)
        assert save_volunteer(order, ORGANIZER)["is_new"] is False
    row = get_person("S1")
    assert (row.name, row.team, row.path, row.phone) == ("改名", "T1", f"YS-BJ/{HAIDIAN}/T1/S1/", "")
    assert (row.guardian_consent_at, find_code_hash("S1")) == (agreed, "hash")
    with pytest.raises(Refused, match=r"row\.changed"), transaction():
        save_volunteer(VolunteerOrder("S1", "三", team="T1", version=1), ORGANIZER)
    assert "13900000000" not in str([event for event in audit.list_events(f"volunteer:{row.id}")])
    assert [one.staff_no for one in list_volunteers(("YS-BJ/",), "改")] == ["S1"]
    assert (count_volunteers(("YS-BJ/",)), count_volunteers(("YS-BJ/YS-QY/",)), count_volunteers(())) == (1, 0, 0)


def test_only_who_keeps_the_files_changes_them() -> None:
    a_team("T1")
    a_volunteer("L1", team="T1", standing="leader")
    order = VolunteerOrder("S1", "一", organization=HAIDIAN)
    for who in (STRANGER, a_leader("L1")):
        with pytest.raises(Forbidden), transaction():
            save_volunteer(order, who)
    for wrong, code in (
        (VolunteerOrder("S1", " ", organization=HAIDIAN), "volunteer.name"),
        (VolunteerOrder("S1", "一", organization="NONE"), "organization.unknown"),
    ):
        with pytest.raises(Invalid) as invalid, transaction():
            save_volunteer(wrong, ORGANIZER)
        assert invalid.value.code == code
    with pytest.raises(NotFound), transaction():
        save_volunteer(VolunteerOrder("S1", "一", team="NONE"), ORGANIZER)
    with pytest.raises(Refused, match=r"row\.exists"), transaction():
        save_volunteer(VolunteerOrder("L1", "一", team="T1", version=0), ORGANIZER)
    db.session.rollback()
    assert find_volunteer("S1") is None


def test_a_lost_phone_has_no_link_and_a_code_is_given() -> None:
    a_team("T1")
    a_volunteer("L1", team="T1", standing="leader")
    a_volunteer("S1", team="T1")
    before = get_person("S1")
    leader = a_leader("L1")
    with transaction():
        assert new_link("S1", leader) == {"id": before.id, "link_no": 2}
    after = get_person("S1")
    assert (find_volunteer_by_feed(before.feed_key), find_volunteer_by_feed(after.feed_key)) == (None, after)
    assert (before.has_code, find_code_hash("S1")) == (False, "")
    with transaction():
        set_code("S1", "hash", ORGANIZER)
    assert (get_person("S1").has_code, find_code_hash("S1")) == (True, "hash")
    with pytest.raises(Forbidden), transaction():
        new_link("S1", STRANGER)


@on_both
def test_who_withdraws_frees_everything_ahead(app: Flask) -> None:
    for number in ("S1", "S2", "S3"):
        a_volunteer(number)
    first, second, third = a_shift("08:00"), a_shift("13:00"), a_shift("16:00")
    mine = sign_up("S1", first)
    sign_up("S2", second)
    theirs = sign_up("S2", third)
    one, two, three = (themselves(number) for number in ("S1", "S2", "S3"))
    needs = get_need(first).id, get_need(second).id
    with transaction():
        waiting = int(join_waiting(needs[0], three.volunteer_id, three)["id"])
        offered = int(join_waiting(needs[1], one.volunteer_id, one)["id"])
        swap = int(ask_swap(theirs, "S1", two)["id"])
    with transaction():
        done = withdraw_volunteer("S1", one)
    assert done["dropped"] == [mine]
    assert (get_assignment(mine).state, people_on(first)) == ("dropped", [])
    assert (get_entry(waiting).state, get_entry(offered).state) == (WaitState.OFFERED, WaitState.LEFT)
    assert get_swap(swap).state is SwapState.REFUSED
    row = get_person("S1")
    assert (row.is_withdrawn, row.link_no, list_volunteers(("",), "S1")) == (True, 2, [])
    with pytest.raises(NotFound):
        sign_up("S1", first)
    with pytest.raises(NotFound), transaction():
        withdraw_volunteer("S1", ORGANIZER)
    with pytest.raises(NotFound), transaction():
        withdraw_volunteer("S2", three)
    with pytest.raises(Forbidden), transaction():
        withdraw_volunteer("S2", STRANGER)
    assert people_on(second) == ["S2"]


def test_who_withdrew_is_forgotten_but_not_what_was_done() -> None:
    a_volunteer("S1", phone="13900000000", born_on=date(1990, 1, 1), point=(39.9, 116.3), skills={"guide": None})
    number = sign_up("S1", a_shift())
    me = themselves("S1")
    with transaction():
        drop(number, me, "ill")
    person = get_person("S1")
    with pytest.raises(Refused, match=r"volunteer\.active"), transaction():
        erase_volunteer("S1", ORGANIZER)
    with transaction():
        withdraw_volunteer("S1", ORGANIZER)
        assert erase_before(clock.now() - timedelta(days=1)) == 0
    clock.show(clock.now() + timedelta(days=31), clock.real_now())
    with transaction():
        assert erase_before(clock.now() - timedelta(days=30)) == 1
        assert erase_before(clock.now() - timedelta(days=30)) == 0
    db.session.rollback()
    row = get_volunteer(person.id)
    assert (row.name, row.phone, row.born_on, row.lat, row.staff_no) == ("", "", None, None, f"erased-{person.id}")
    assert "S1" not in row.path
    assert row.link_no > person.link_no
    assert (list_skills_of(person.id), get_availability(person.id)) == ([], {})
    assert get_assignment(number).staff_no == row.staff_no
    assert find_volunteer("S1") is None
    with pytest.raises(NotFound), transaction():
        erase_volunteer("S1", ORGANIZER)


def test_an_organizer_may_forget_somebody_at_once_and_they_may_come_again() -> None:
    first = a_volunteer("S1")
    with transaction():
        withdraw_volunteer("S1", ORGANIZER)
    with pytest.raises(Forbidden), transaction():
        erase_volunteer("S1", STRANGER)
    with transaction():
        erase_volunteer("S1", ORGANIZER)
    assert a_volunteer("S1") != first
    with transaction():
        withdraw_volunteer("S1", ORGANIZER)
    assert a_volunteer("S1") == get_person("S1").id  # back with the old file
    assert not get_person("S1").is_withdrawn
