"""A volunteer scans the station's code and types four digits: nobody is named, nobody signs in."""

from datetime import timedelta

import pytest
from factories.shifts import HERE, THERE, a_shift, a_volunteer, at, sign_up
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
        return make_key(HERE)


def press(
    client: FlaskClient, digits: str, key: str, which: str = "in", station: str = HERE, **more: str
) -> tuple[int, str]:
    fields = {"request_id": new_id(), "digits": digits, "k": key, "press": which}
    answer = client.post(f"/s/{station}/in?lang=en", data=fields | more)
    return answer.status_code, answer.text


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
    for station, guessed in ((HERE, ""), (HERE, "x"), (HERE, "é"), (THERE, key)):
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


def test_guessing_is_stopped(client: FlaskClient, key: str) -> None:
    answers = [press(client, f"{n:04}", key)[0] for n in range(31)]
    assert (answers[:30], answers[30]) == ([409] * 30, 429)
