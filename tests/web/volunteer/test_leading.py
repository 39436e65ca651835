"""A team leader works from their own link: sees who is missing, checks in, calls, corrects, replaces; their own team
only."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from conftest import on_both
from factories.shifts import (
    a_shift,
    a_team,
    a_volunteer,
    at,
    count_reads,
    get_person,
    people_on,
    sign_up,
)
from flask import Flask
from flask.testing import FlaskClient
from html5lib import HTMLParser
from werkzeug.test import TestResponse

from stations.kernel import audit, clock
from stations.kernel.db import db
from stations.shifts.queries.attendance import get_attendance
from stations.web.volunteer_links import make_token

PHONE = "13800001234"
Link = Callable[[str], str]


@pytest.fixture
def link(app: Flask) -> Link:
    """The address of a volunteer's pages, in a team of a leader and three members; one is of another team."""
    for team in ("T1", "T2"):
        a_team(team)
    a_volunteer("L1", team="T1", standing="leader", phone=PHONE)
    for number in ("S1", "S2", "S3"):
        a_volunteer(number, team="T1", phone=PHONE)
    a_volunteer("X1", team="T2", phone=PHONE)

    def make(staff_no: str) -> str:
        row = get_person(staff_no)
        with app.test_request_context():
            return f"/v/{make_token(row.id, row.link_no)}"

    return make


def post(client: FlaskClient, address: str, **fields: object) -> TestResponse:
    return client.post(f"{address}?lang=en", data={"id": uuid4().hex} | fields)


@on_both
def test_a_leader_checks_in_calls_and_replaces_who_is_missing(client: FlaskClient, link: Link) -> None:
    shift = a_shift("08:00", needs={"": 2})
    first, second = sign_up("S1", shift), sign_up("S2", shift)
    clock.show(at("08:20"), clock.real_now())
    team = f"{link('L1')}/team"
    page = client.get(f"{team}?lang=en").text
    HTMLParser(strict=True).parse(page)
    assert ("Expected 2" in page, "missing 2" in page, PHONE in page) == (True, True, False)
    came = post(client, f"{link('L1')}/press", kind="member_in", number=first, back="team")
    assert (came.status_code, "done=member_in" in came.headers["Location"]) == (303, True)
    db.session.rollback()
    assert get_attendance(first).in_how == "staff"
    shown = post(client, f"{team}/{second}/phone", reason="is late")
    assert (PHONE in shown.text, shown.headers["Cache-Control"]) == (True, "no-store")
    db.session.rollback()
    assert [event.reason for event in audit.list_events(f"shift:{shift}") if "reveal" in event.action] == ["is late"]
    covers = client.get(f"{team}/{second}/cover?lang=en").text
    assert ("志愿者S3" in covers, "志愿者X1" in covers, "志愿者S1" in covers) == (True, False, False)
    claimed = uuid4().hex
    for _time in range(2):
        done = post(client, f"{team}/{second}/cover", volunteer=get_person("S3").id, id=claimed)
        assert (done.status_code, people_on(shift)) == (303, ["S1", "S3"])
    present = post(client, f"{team}/{first}/cover", volunteer=get_person("S2").id)
    assert (present.status_code, "They have come meanwhile." in present.text) == (409, True)


@on_both
def test_a_leader_corrects_what_was_recorded(client: FlaskClient, link: Link) -> None:
    held = sign_up("S1", a_shift("08:00"))
    clock.show(at("08:20"), clock.real_now())
    post(client, f"{link('L1')}/press", kind="member_in", number=held)
    clock.show(at("10:30"), clock.real_now())
    address = f"{link('L1')}/team/{held}/correct"
    wrong = post(client, address, came="8.15", left="", reason="late", version=1)
    assert (wrong.status_code, "Write the time as 07:30." in wrong.text) == (400, True)
    assert post(client, address, came="08:15", left="09:45", reason="paper list", version=1).status_code == 303
    db.session.rollback()
    row = get_attendance(held)
    assert (row.in_at, row.out_at) == (at("08:15"), at("09:45"))


def test_a_leader_says_of_themselves_what_any_volunteer_may(client: FlaskClient, link: Link) -> None:
    own = sign_up("L1", a_shift("08:00"))
    clock.show(at("07:50"), clock.real_now())
    assert post(client, f"{link('L1')}/press", kind="member_in", number=own, back="team").status_code == 403
    nowhere = post(client, f"{link('L1')}/press", kind="in", number=own, back="team")
    assert nowhere.status_code in (400, 409)
    correction = post(client, f"{link('L1')}/team/{own}/correct", came="07:30", reason="x", version=0)
    assert correction.status_code == 403
    db.session.rollback()
    assert get_attendance(own).in_at is None


def test_nobody_leads_another_team_nor_without_standing(client: FlaskClient, link: Link) -> None:
    other = sign_up("X1", a_shift("08:00"))
    clock.show(at("08:20"), clock.real_now())
    assert "志愿者X1" not in client.get(f"{link('L1')}/team").text
    for number in (other, 999):
        assert post(client, f"{link('L1')}/team/{number}/phone", reason="x").status_code in (403, 404)
        assert client.get(f"{link('L1')}/team/{number}/cover").status_code in (403, 404)
        chosen = get_person("S1").id
        assert post(client, f"{link('L1')}/team/{number}/cover", volunteer=chosen).status_code in (403, 404)
        correction = post(client, f"{link('L1')}/team/{number}/correct", came="08:00", reason="x", version=0)
        assert correction.status_code in (403, 404)
        pressed = post(client, f"{link('L1')}/press", kind="member_in", number=number, back="team")
        assert pressed.status_code in (403, 404)
    assert client.get(f"{link('S1')}/team").status_code == 403
    assert "My team" not in client.get(f"{link('S1')}?lang=en").text
    assert post(client, f"{link('S1')}/press", kind="member_in", number=other).status_code == 403
    db.session.rollback()
    assert get_attendance(other).in_at is None


def test_the_page_asks_as_often_for_three_as_for_one(client: FlaskClient, link: Link) -> None:
    shift = a_shift("08:00", needs={"": 3})
    sign_up("S1", shift)
    clock.show(at("07:50"), clock.real_now())
    address = f"{link('L1')}/team"
    client.get(address)
    with count_reads() as one:
        client.get(address)
    for number in ("S2", "S3"):
        sign_up(number, shift)
    with count_reads() as three:
        client.get(address)
    assert len(three) == len(one)
