"""Who is here: the lead sees expected, present and missing, checks in and out, calls and has somebody replaced."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from cast import Cast, token
from factories.shifts import HERE, THERE, a_shift, a_team, a_volunteer, at, count_reads, people_on, put, sign_up
from factories.stock import new_id
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from stations.kernel import audit, clock
from stations.kernel.db import db
from stations.shifts.queries.attendance import AttendanceRow, get_attendance
from stations.shifts.rules.attendance import Presence

Send = Callable[..., TestResponse]


def look(number: int) -> AttendanceRow:
    db.session.rollback()
    return get_attendance(number)


def read(client: FlaskClient, station: str = HERE) -> str:
    return client.get(f"/desk/{station}/here?lang=en").text


@pytest.fixture
def posts() -> tuple[int, list[int]]:
    """A shift for three with two on it, ten minutes after its start."""
    a_team("T1")
    for number in ("A70001", "A80002", "A90003"):
        a_volunteer(number, team="T1", phone=f"1380000{number[-4:]}")
    shift = a_shift("08:00", needs={"": 3})
    people = [sign_up(number, shift) for number in ("A70001", "A80002")]
    clock.show(at("08:10"), clock.real_now())
    return shift, people


def test_the_lead_sees_who_is_missing_and_checks_them_in(cast: Cast, send: Send, posts: tuple[int, list[int]]) -> None:
    _shift, (first, second) = posts
    page = read(cast.lead)
    for said in ("Expected 2", "came 0", "missing 2", "places without anybody: 1", "138****0001"):
        assert said in page
    assert "13800000001" not in page
    assert "Replace" not in page  # a station lead has no roster to write
    fields = {"assignment": str(first), "press": "in", "request_id": new_id()}
    for _time in range(2):
        assert send(cast.lead, f"/desk/{HERE}/here/press", **fields).status_code == 303
    assert look(first).presence(clock.now()) is Presence.PRESENT
    assert "came 1" in read(cast.lead)
    assert send(cast.lead, f"/desk/{HERE}/here/press", assignment=str(first), press="out").status_code == 303
    assert look(first).presence(clock.now()) is Presence.LEFT
    assert look(second).in_at is None


def test_only_ones_own_station_and_its_own_people(cast: Cast, send: Send, posts: tuple[int, list[int]]) -> None:
    _shift, (first, _second) = posts
    assert cast.lead.get(f"/desk/{THERE}/here").status_code == 404
    away = send(cast.lead, f"/desk/{THERE}/here/press", assignment=str(first), press="in")
    wrong = send(cast.haidian, f"/desk/{THERE}/here/press?lang=en", assignment=str(first), press="in")
    assert (away.status_code, wrong.status_code) == (404, 409)
    assert "wrong station" in wrong.text
    for fields in (
        {"assignment": "x", "press": "in"},
        {"assignment": str(first), "press": "fly"},
        {"assignment": "999999"},
    ):
        assert send(cast.lead, f"/desk/{HERE}/here/press", **fields).status_code in (400, 404)
    assert look(first).in_at is None


def test_an_outbox_sends_presses_with_their_own_time_and_twice_counts_once(
    cast: Cast, posts: tuple[int, list[int]]
) -> None:
    _shift, (first, second) = posts
    client = cast.lead
    entries = [
        {"id": new_id(), "assignment": str(first), "press": "in", "happened_at": at("07:50").isoformat()},
        {"id": new_id(), "assignment": str(second), "press": "in", "happened_at": at("06:00").isoformat()},
        {"id": new_id(), "assignment": str(second), "press": "in", "happened_at": "yesterday"},
    ]

    def queue() -> Any:
        headers = {"X-CSRFToken": token(client, "/account/")}
        return client.post(f"/desk/{HERE}/here/entries?lang=en", json=entries, headers=headers).json

    answer = queue()
    assert [result["status"] for result in answer["results"]] == ["done", "refused", "refused"]
    assert "Too early" in answer["results"][1]["message"]
    assert queue()["results"][0]["status"] == "replay"
    assert (look(first).in_at, look(second).in_at) == (at("07:50"), None)
    assert "came 1" in client.get(f"/desk/{HERE}/here/now?lang=en").json["html"]


def test_a_number_is_shown_for_a_reason(cast: Cast, send: Send, posts: tuple[int, list[int]]) -> None:
    shift, (first, _second) = posts
    address = f"/desk/{HERE}/here/{first}/phone"
    assert send(cast.lead, address).status_code == 400
    shown = send(cast.lead, address, reason="missing")
    assert (shown.status_code, shown.headers["Cache-Control"]) == (200, "no-store")
    assert 'href="tel:13800000001"' in shown.text
    db.session.rollback()
    assert audit.list_events(f"shift:{shift}")[0].action == "volunteer.reveal_phone"


def test_a_correction_needs_a_reason(cast: Cast, send: Send, posts: tuple[int, list[int]]) -> None:
    _shift, (first, _second) = posts
    send(cast.lead, f"/desk/{HERE}/here/press", assignment=str(first), press="in")
    address, version = f"/desk/{HERE}/here/{first}/correct", str(look(first).version)
    assert send(cast.lead, address, came="07:45", version=version).status_code == 400
    assert send(cast.lead, address, came="7h", reason="x", version=version).status_code == 400
    assert send(cast.lead, address, came="07:45", reason="was early", version=version).status_code == 303
    assert look(first).in_at == at("07:45")


def test_a_correction_of_a_shift_past_midnight_means_the_next_day(cast: Cast, send: Send) -> None:
    a_volunteer("A70001", is_free=False)
    night = put("A70001", a_shift("22:30", 3), reason="asked")
    clock.show(at("01:40", "2027-06-09"), clock.real_now())
    fields = {"came": "22:20", "left": "01:20", "reason": "phone was flat", "version": str(look(night).version)}
    assert send(cast.lead, f"/desk/{HERE}/here/{night}/correct", **fields).status_code == 303
    row = look(night)
    assert (row.in_at, row.out_at) == (at("22:20"), at("01:20", "2027-06-09"))


def test_two_taps_replace_who_is_missing(cast: Cast, send: Send, posts: tuple[int, list[int]]) -> None:
    shift, (first, second) = posts
    assert f"/desk/{HERE}/here/{first}/cover" in read(cast.haidian)
    address = f"/desk/{HERE}/here/{first}/cover"
    offered = cast.haidian.get(address).text
    (chosen,) = re.findall(r'name="volunteer" value="(\d+)"', offered)
    assert send(cast.lead, address, volunteer=chosen).status_code == 403
    request_id = new_id()
    for _time in range(2):
        assert send(cast.haidian, address, volunteer=chosen, request_id=request_id).status_code == 303
    assert people_on(shift) == ["A80002", "A90003"]
    send(cast.lead, f"/desk/{HERE}/here/press", assignment=str(second), press="in")
    present = send(cast.haidian, f"/desk/{HERE}/here/{second}/cover?lang=en", volunteer=chosen)
    assert present.status_code == 409
    assert people_on(shift) == ["A80002", "A90003"]


def test_the_page_asks_as_often_for_three_as_for_one(cast: Cast) -> None:
    client = cast.lead
    shift = a_shift("08:00", needs={"": 3})
    clock.show(at("07:10"), clock.real_now())
    asked = []
    for number in ("A70001", "A80002", "A90003"):
        a_volunteer(number)
        sign_up(number, shift)
        read(client)
        with count_reads() as reads:
            assert number in read(client)
        asked.append(len(reads))
    assert asked[0] == asked[2]


def test_an_empty_station_says_so(cast: Cast) -> None:
    assert "There are no shifts here" in read(cast.lead)


def test_the_stations_shifts_are_a_calendar_to_subscribe_to(cast: Cast, posts: tuple[int, list[int]]) -> None:
    address = re.search(r"http://localhost(/[^<\"]+\.ics)", read(cast.lead))
    assert address is not None
    assert "BEGIN:VEVENT" in cast.lead.get(address[1]).text
