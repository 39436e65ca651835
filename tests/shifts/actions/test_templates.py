"""Shifts made of templates: the difference is seen first, and nobody who signed up is lost."""

from datetime import date, timedelta
from typing import Any

import pytest
from conftest import on_both
from factories.shifts import (
    HERE,
    ORGANIZER,
    STRANGER,
    THERE,
    a_shift,
    a_volunteer,
    at,
    get_need,
    people_on,
    sign_up,
)
from flask import Flask

from stations.kernel.db import db, transaction
from stations.kernel.errors import Forbidden, Invalid, NotFound, Refused
from stations.seasons.queries import get_calendar
from stations.shifts.actions.templates import archive_template, compare_shifts, copy_day, regenerate, save_template
from stations.shifts.queries.shifts import get_shift, list_made_shifts, list_shifts
from stations.shifts.queries.templates import find_template
from stations.shifts.rules.orders import TemplateOrder

pytestmark = pytest.mark.usefixtures("app")
CITY = ("YS-BJ/",)


def a_template(code: str = "gate", **fields: Any) -> None:
    order: dict[str, Any] = {
        "post": "queue", "starts_minutes": -120, "ends_minutes": 0, "ends_from": "start", "needs": {"": 2},
        "station": HERE, "subject": "",
    }  # fmt: skip
    with transaction():
        save_template(TemplateOrder(code, **order | fields), ORGANIZER)


def make(**fields: Any) -> dict[str, Any]:
    with transaction():
        return regenerate(CITY, ORGANIZER, **fields)


@on_both
def test_every_session_ahead_gets_its_shift_once(app: Flask) -> None:
    a_template()
    sessions = [
        one for one in get_calendar().sessions if one.starts_at - timedelta(hours=2) > at("07:45", "2027-06-07")
    ]
    assert len(compare_shifts(CITY).added) == len(sessions) > 3
    assert list_made_shifts(CITY) == []  # only looked
    assert make()["added"] == len(sessions)
    rows = list_made_shifts(CITY)
    assert {(row.starts_at, row.ends_at) for row in rows} == {
        (one.starts_at - timedelta(hours=2), one.starts_at) for one in sessions
    }  # fmt: skip
    assert {(row.station, row.post, row.needs[0].places) for row in rows} == {(HERE, "queue", 2)}
    db.session.rollback()
    assert compare_shifts(CITY).is_empty
    assert make() == {"added": 0, "changed": 0, "cancelled": 0, "held": [], "unmoved": [], "unfit": []}


def test_sign_ups_stay_and_needs_do_not_go_under_them() -> None:
    a_template(needs={"": 2, "guide": 1})
    make()
    shift = next(row.id for row in list_made_shifts(CITY) if row.starts_at >= at("00:00"))
    for number in ("S1", "S2"):
        a_volunteer(number)
        sign_up(number, shift)
    a_template(needs={"": 1}, starts_minutes=-90)
    db.session.rollback()
    diff = compare_shifts(CITY)
    change = next(one for one in diff.changed if one.row.id == shift)
    assert (change.is_moved, dict(change.needs), change.short) == (True, {"": 2}, ("",))
    assert all(not one.short for one in diff.changed if one.row.id != shift)
    before = get_shift(shift)
    done = make(seen=diff.mark)
    assert (done["added"], done["changed"], done["unmoved"]) == (0, len(diff.changed), [])
    row = get_shift(shift)
    assert (row.starts_at - before.starts_at, people_on(shift)) == (timedelta(minutes=30), ["S1", "S2"])
    assert (get_need(shift).places, get_need(shift, "guide").places) == (2, 0)
    db.session.rollback()
    assert compare_shifts(CITY).is_empty


def test_a_difference_that_is_no_longer_the_one_seen_is_refused() -> None:
    a_template()
    seen = compare_shifts(CITY).mark
    a_template("second", post="supplies")
    with pytest.raises(Refused, match=r"shift\.changed"):
        make(seen=seen)
    assert list_made_shifts(CITY) == []
    with transaction():
        assert regenerate(CITY, ORGANIZER, codes=["second"])["added"] > 0
    assert {row.post for row in list_made_shifts(CITY)} == {"supplies"}


def test_what_no_template_wants_goes_unless_somebody_holds_it() -> None:
    a_template()
    make()
    rows = [row for row in list_made_shifts(CITY) if row.starts_at >= at("00:00")]
    a_volunteer("S1")
    sign_up("S1", rows[0].id)
    with transaction():
        archive_template("gate", ORGANIZER)
    done = make()
    assert done["held"] == [rows[0].id]
    left = [row for row in list_made_shifts(CITY) if not row.is_cancelled]
    assert [row.id for row in left] == [rows[0].id]
    a_template()  # it is wanted again
    done = make()
    assert done["changed"] == len(list_made_shifts(CITY)) - 1
    assert all(not row.is_cancelled for row in list_made_shifts(CITY))


def test_who_could_not_stay_keeps_the_shift_where_it_was() -> None:
    a_template(starts_minutes=-120, ends_minutes=-60)
    make()
    shift = next(row for row in list_made_shifts(CITY) if row.starts_at >= at("00:00"))
    a_volunteer("S1")
    sign_up("S1", shift.id)
    later = shift.ends_at.astimezone(get_calendar().zone)
    sign_up("S1", a_shift(later.strftime("%H:%M"), 1, HERE, day=later.date().isoformat()))
    a_template(starts_minutes=-90, ends_minutes=-30)
    assert make()["unmoved"] == [shift.id]
    assert get_shift(shift.id).starts_at == shift.starts_at
    assert people_on(shift.id) == ["S1"]


def test_one_template_serves_every_station_below_an_organization() -> None:
    a_template(station="", organization="YS-BJ-110108", subject="数学")
    make()
    rows = list_made_shifts(CITY)
    assert len({row.station for row in rows}) == len(rows) > 1
    assert all(row.path.startswith("YS-BJ/YS-BJ-110108/") for row in rows)


def test_a_template_is_checked_and_kept_apart() -> None:
    a_template()
    for code, wrong in (
        ("post.unknown", {"post": "juggler"}),
        ("template.ends", {"ends_from": "noon"}),
        ("template.minutes", {"starts_minutes": -2000}),
        ("shift.times", {"ends_minutes": -180}),
        ("station.unknown", {"station": "NONE"}),
        ("organization.unknown", {"station": "", "organization": "NONE"}),
    ):
        with pytest.raises(Invalid) as invalid:
            a_template("other", **wrong)
        assert invalid.value.code == code
    with pytest.raises(Refused, match=r"row\.exists"):
        a_template(version=0)
    with pytest.raises(Refused, match=r"row\.changed"):
        a_template(version=7)
    order = TemplateOrder("mine", "queue", 0, 60, {"": 1}, station=HERE, ends_from="start")
    for act in (lambda: save_template(order, STRANGER), lambda: archive_template("gate", STRANGER)):
        with pytest.raises(Forbidden), transaction():
            act()
    with pytest.raises(Forbidden), transaction():
        regenerate(CITY, STRANGER)
    with pytest.raises(NotFound), transaction():
        archive_template("none", ORGANIZER)
    assert find_template("gate") is not None
    assert find_template("other") is None


def test_a_day_is_copied_without_its_people_and_only_once() -> None:
    a_volunteer("S1")
    first, second = a_shift("08:00", needs={"": 2, "guide": 1}), a_shift("13:00", station=THERE)
    sign_up("S1", first)
    copies = []
    for _ in range(2):
        with transaction():
            copies.append(copy_day("YS-BJ/", date(2027, 6, 8), date(2027, 6, 10), ORGANIZER)["added"])
    assert copies == [2, 0]
    rows = list_shifts(CITY, at("00:00", "2027-06-10"), at("23:59", "2027-06-10"))
    assert [(row.starts_at, row.station, row.taken) for row in rows] == [
        (at("08:00", "2027-06-10"), HERE, 0), (at("13:00", "2027-06-10"), THERE, 0),
    ]  # fmt: skip
    assert [(need.skill, need.places) for need in rows[0].needs] == [("", 2), ("guide", 1)]
    assert {first, second}.isdisjoint(row.id for row in rows)
    with pytest.raises(Invalid), transaction():
        copy_day("YS-BJ/", date(2027, 6, 8), date(2027, 6, 8), ORGANIZER)
