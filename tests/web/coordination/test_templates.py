"""Templates: edited, looked at before shifts are made, and a day copied."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from cast import Cast
from factories.shifts import HERE, a_shift, a_volunteer, at, people_on, sign_up
from html5lib import HTMLParser

from stations.kernel.db import db
from stations.shifts.queries.shifts import list_shifts

pytestmark = pytest.mark.usefixtures("app")
Send = Callable[..., Any]
PLACE = "/coordination/templates/"
NEW = {
    "code": "Q1", "post": "queue", "station": HERE, "starts_minutes": "-90", "ends_from": "start",
    "ends_minutes": "30", "need_anyone": "2",
}  # fmt: skip


def _made() -> list[Any]:
    db.session.rollback()
    return list_shifts(("",), at("00:00", "2027-06-01"), at("00:00", "2027-07-01"))


def test_shifts_are_made_after_a_look_and_keep_their_people(cast: Cast, send: Send) -> None:
    client = cast.city
    assert "There is no template yet." in client.get(f"{PLACE}?lang=en").text
    assert send(client, f"{PLACE}new", NEW).status_code == 303
    page = client.get(f"{PLACE}shifts?lang=en").text
    HTMLParser(strict=True).parse(page)
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen
    assert _made() == [], "looking writes nothing"
    assert send(client, f"{PLACE}shifts", {"seen": "stale"}).status_code == 409
    assert send(client, f"{PLACE}shifts", {"seen": seen[1]}).status_code == 303
    rows = _made()
    assert {row.station for row in rows} == {HERE}
    assert "Nothing would change." in client.get(f"{PLACE}shifts?lang=en").text
    a_volunteer("S1")
    last = rows[-1].id
    sign_up("S1", last)
    changed = NEW | {"need_anyone": "3", "starts_minutes": "-60", "version": "1"}
    assert send(client, f"{PLACE}Q1", changed).status_code == 303
    page = client.get(f"{PLACE}shifts?lang=en").text
    assert "Changed" in page
    mark = re.search(r'name="seen" value="(\w+)"', page)
    assert mark
    assert send(client, f"{PLACE}shifts", {"seen": mark[1]}).status_code == 303
    assert (people_on(last), {row.places[""] for row in _made() if row.id == last}) == (["S1"], {3})
    assert send(client, f"{PLACE}Q1/archive").status_code == 303
    assert people_on(last) == ["S1"]


def test_day_is_copied_without_people(cast: Cast, send: Send) -> None:
    a_volunteer("S1")
    sign_up("S1", a_shift())
    client = cast.city
    answer = send(client, f"{PLACE}copy", {"day": "2027-06-08", "to": "2027-06-09"})
    assert answer.headers["Location"] == "/coordination/?day=2027-06-09"
    assert [(row.starts_at.day, row.taken) for row in _made()] == [(8, 1), (9, 0)]
    same = send(client, f"{PLACE}copy?lang=en", {"day": "2027-06-08", "to": "2027-06-08"})
    assert (same.status_code, "Please choose another day." in same.text) == (400, True)


def test_only_who_writes_shifts_sees_templates(cast: Cast, send: Send) -> None:
    send(cast.city, f"{PLACE}new", NEW)
    assert cast.observer.get(PLACE).status_code == 403
    assert cast.company.get(f"{PLACE}Q1").status_code == 404
    wrong = send(cast.city, f"{PLACE}new?lang=en", NEW | {"code": "Q2", "starts_minutes": "soon", "need_anyone": ""})
    assert (wrong.status_code, "is not a number" in wrong.text) == (400, True)
    assert send(cast.city, f"{PLACE}new?lang=en", NEW).status_code == 409
