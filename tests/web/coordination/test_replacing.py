"""A free place is filled by one press, or it is said why nobody can."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from cast import Cast
from conftest import on_both
from factories.shifts import a_shift, a_volunteer, get_need, people_on, put
from flask import Flask
from html5lib import HTMLParser

from stations.kernel import audit
from stations.kernel.db import db
from stations.shifts.queries.assignments import list_assignments_on

pytestmark = pytest.mark.usefixtures("app")
Send = Callable[..., Any]


def address_of(shift: int) -> str:
    return f"/coordination/shifts/{shift}/replace/{get_need(shift).id}"


@on_both
def test_whoever_is_free_is_shown_and_placed_with_one_press(app: Flask, cast: Cast, send: Send) -> None:
    for number in ("S1", "S2"):
        a_volunteer(number)
    shift = a_shift("08:00")
    put("S1", a_shift("08:30"))
    address = address_of(shift)
    assert address in cast.city.get(f"/coordination/shifts/{shift}").text
    page = cast.city.get(f"{address}?lang=en").text
    HTMLParser(strict=True).parse(page)
    assert ("志愿者S2" in page, "志愿者S1" in page) == (True, False)
    fields = {"placed": re.findall(r'name="placed" value="([^"]+)"', page), "request_id": "replace-0001"}
    for _time in range(2):
        assert send(cast.city, address, fields).status_code == 303
    assert people_on(shift) == ["S2"]
    db.session.rollback()
    assert [row.source for row in list_assignments_on(shift)] == ["admin"]
    actions = [row.action for row in audit.list_events(f"shift:{shift}")]
    assert (actions.count("shift.place"), actions.count("shift.replace")) == (1, 1)
    assert "No place is free here any more." in cast.city.get(f"{address}?lang=en").text


def test_without_anybody_it_says_why_and_what_changed_meanwhile_is_refused(cast: Cast, send: Send) -> None:
    a_volunteer("S1")
    shift = a_shift("08:00")
    address = address_of(shift)
    page = cast.city.get(f"{address}?lang=en").text
    pairs = re.findall(r'name="placed" value="([^"]+)"', page)
    put("S1", a_shift("08:30"))
    late = send(cast.city, f"{address}?lang=en", {"placed": pairs})
    assert (late.status_code, "Nobody can step in" in late.text, "at the same time" in late.text) == (409, True, True)
    assert people_on(shift) == []
    for wrong in ({}, {"placed": "x"}, {"placed": "1-2-3"}, {"placed": ["1-1"] * 5}):
        assert send(cast.city, address, wrong).status_code == 400
    assert send(cast.observer, address, {"placed": pairs}).status_code == 403
    assert cast.company.get(address).status_code in (403, 404)
    assert cast.city.get(f"/coordination/shifts/{shift}/replace/999999").status_code == 404
