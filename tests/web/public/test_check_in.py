"""A volunteer scans the station's code and types four digits: nobody is named, nobody signs in."""

from datetime import timedelta

import pytest
from conftest import on_both
from factories.shifts import DAYS, HERE, THERE, a_shift, a_volunteer, at, sign_up
from factories.stock import new_id
from flask import Flask
from flask.testing import FlaskClient

from stations.kernel import clock
from stations.kernel.db import db
from stations.shifts.queries.attendance import get_attendance
from stations.web.check_in_links import make_key


@pytest.fixture
def key(app: Flask) -> str:
    with app.test_request_context():
        return make_key(HERE, DAYS[1])


def press(
    client: FlaskClient, digits: str, key: str, which: str = "in", station: str = HERE, **more: str
) -> tuple[int, str]:
    fields = {"request_id": new_id(), "digits": digits, "k": key, "press": which}
    answer = client.post(f"/s/{station}/in?lang=en", data=fields | more)
    return answer.status_code, answer.text


@on_both
def test_the_last_four_digits_check_in_and_out(client: FlaskClient, key: str) -> None:
    a_volunteer("A70001", phone="13800001234")
    mine = sign_up("A70001", a_shift("08:00"))
    clock.show(at("07:30"), clock.real_now())
    form = client.get(f"/s/{HERE}/in?k={key}&lang=en")
    assert (form.status_code, form.headers["Cache-Control"]) == (200, "no-store")
    assert "Set-Cookie" not in form.headers
    request_id = new_id()
    status, page = press(client, "1234", key, request_id=request_id)
    assert (status, "You are checked in." in page, "08:00–10:00" in page) == (200, True, True)
    assert "志愿者A70001" not in page
    assert "A70001" not in page
    assert press(client, "1234", key, request_id=request_id)[0] == 200
    clock.show(at("10:00"), clock.real_now())
    assert "You are checked out." in press(client, "0001", key, "out")[1]
    db.session.rollback()
    row = get_attendance(mine)
    assert row.in_at is not None
    assert row.out_at is not None
    assert timedelta(0) <= row.in_at - at("07:30") < timedelta(minutes=1)


def test_without_the_code_of_this_station_nothing_is_taken(client: FlaskClient, key: str) -> None:
    a_volunteer("A70001")
    mine = sign_up("A70001", a_shift("08:00"))
    clock.show(at("08:00"), clock.real_now())
    for page in (client.get(f"/s/{HERE}/in?lang=en").text, client.get(f"/s/{THERE}/in?k={key}&lang=en").text):
        assert "Please scan the code" in page
        assert "<form class" not in page
    for station, guessed in ((HERE, ""), (HERE, "x"), (HERE, "é"), (HERE, "20270608."), (THERE, key)):
        assert press(client, "0001", guessed, station=station)[0] == 409
    db.session.rollback()
    assert get_attendance(mine).in_at is None


def test_what_is_wrong_is_said_beside_the_box_and_kept(client: FlaskClient, key: str) -> None:
    a_volunteer("A70001")
    sign_up("A70001", a_shift("08:00"))
    clock.show(at("06:30"), clock.real_now())
    status, page = press(client, "0001", key)
    assert (status, "check-in opens at 07:00" in page, 'value="0001"' in page) == (409, True, True)
    assert press(client, "0001", key, "sideways")[0] == 400
    assert press(client, "1", key)[0] == 400
    assert client.get("/s/NOWHERE/in").status_code == 404


def test_the_code_holds_for_its_day_and_a_quarter_of_an_hour_round_midnight(client: FlaskClient, key: str) -> None:
    for day, moment, holds in (
        ("2027-06-07", "23:44", False), ("2027-06-07", "23:46", True), ("2027-06-08", "12:00", True),
        ("2027-06-09", "00:14", True), ("2027-06-09", "00:16", False),
    ):  # fmt: skip
        clock.show(at(moment, day), clock.real_now())
        page = client.get(f"/s/{HERE}/in?k={key}&lang=en").text
        assert ("<form class" in page) is holds, moment
        assert ("This code was for 8 Jun" in page) is not holds, moment
        assert ("This code was for" in press(client, "0001", key)[1]) is not holds, moment
    forged = "20270609" + key[8:]
    assert "Please scan the code at the station" in client.get(f"/s/{HERE}/in?k={forged}&lang=en").text


def test_guessing_is_stopped(client: FlaskClient, key: str) -> None:
    clock.show(at("08:00"), clock.real_now())
    same = [press(client, "4321", key) for _time in range(6)]
    assert [status for status, _page in same] == [409] * 6
    assert ["ask the station lead, who can check you in" in page for _status, page in same] == [False] * 5 + [True]
    others = [press(client, f"{n:04}", key) for n in range(15, 31)]
    assert ["not found too often" in page for _status, page in others] == [False] * 15 + [True]
    assert [press(client, f"{n:04}", key)[0] for n in range(9)] == [409] * 8 + [429]


def test_whoever_was_guessed_at_can_still_give_their_whole_number(client: FlaskClient, key: str) -> None:
    a_volunteer("A70001")
    sign_up("A70001", a_shift("08:00", station=THERE))
    a_volunteer("B70001")
    sign_up("B70001", a_shift("08:00"))
    a_volunteer("C70001")
    sign_up("C70001", a_shift("08:00"))
    clock.show(at("08:00"), clock.real_now())
    pages = [press(client, "0001", key)[1] for _time in range(6)]
    assert "Several volunteers here" in pages[0]
    assert "ask the station lead" in pages[5]
    assert all(name not in page for name in ("A70001", "B70001", "C70001") for page in pages)
    assert "You are checked in." in press(client, "B70001", key)[1]
