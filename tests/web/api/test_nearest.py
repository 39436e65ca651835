"""The nearest stations as a program asks for them."""

import time
from datetime import datetime, timedelta

import pytest
from cast import DEMO_NOW, Cast
from conftest import on_both
from factories.crowd import run_crowd
from flask import Flask
from flask.testing import FlaskClient
from geopy.distance import geodesic

from stations.accounts.rules import PROGRAM
from stations.kernel import clock
from stations.kernel.db import transaction
from stations.places.actions.stations import set_state, verify
from stations.places.rules import StationState
from stations.seasons.queries import get_calendar

HERE = (39.9750, 116.3130)
NEAREST = f"/api/v1/nearest?lat={HERE[0]}&lon={HERE[1]}"


def _codes(client: FlaskClient, address: str) -> list[str]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return [station["code"] for station in answer.json["stations"]]


@on_both
def test_nearest_is_in_order_of_geodesics(client: FlaskClient) -> None:
    everything = client.get("/api/v1/stations?limit=1000").json["stations"]
    metres = {s["code"]: geodesic(HERE, (s["lat"], s["lon"])).m for s in everything}
    expected = sorted(metres, key=lambda code: (metres[code], code))
    answer = client.get(NEAREST + "&limit=50").json
    assert [s["code"] for s in answer["stations"]] == expected[:50]
    for station in answer["stations"]:
        assert station["metres"] == pytest.approx(metres[station["code"]], abs=0.06)
        assert station["walk_minutes_estimate"] >= station["metres"] / 80
    assert answer["is_more"] == (len(expected) > 50)
    assert datetime.fromisoformat(answer["as_of"]) - Cast.now < timedelta(minutes=1)
    assert answer["as_of"].endswith("+08:00")
    assert _codes(client, NEAREST) == expected[:5]


@on_both
def test_nearest_gives_what_is_open_and_has_every_need(client: FlaskClient) -> None:
    everything = client.get("/api/v1/stations?limit=1000").json["stations"]
    wanted = {"toilet", "step_free"}
    fit = {s["code"] for s in everything if s["is_open"] and wanted <= {*s["services"], *s["access"]}}
    by_list = _codes(client, NEAREST + "&need=toilet,step_free&open=1&limit=50")
    assert fit
    assert set(by_list) == fit
    assert _codes(client, NEAREST + "&need=toilet&need=step_free&open=1&limit=50") == by_list
    assert set(_codes(client, NEAREST + "&need=toilet,step_free&open=0&limit=50")) >= fit


def test_nearest_of_an_exam_site_is_that_of_its_page(client: FlaskClient) -> None:
    codes = _codes(client, "/api/v1/nearest?site=KD0108-12")
    page = client.get("/?site=KD0108-12").text
    places = [page.index(f"/s/{code}") for code in codes]
    assert places == sorted(places)
    assert len(codes) == 5
    assert _codes(client, "/api/v1/nearest?place=district:110108&limit=1")


@on_both
def test_nearest_sees_an_edit_at_once(app: Flask, client: FlaskClient) -> None:
    address = NEAREST + "&open=1"
    answer = client.get(address)
    first = answer.json["stations"][0]["code"]
    with transaction():
        set_state(first, StationState.CLOSED, "停电", PROGRAM, get_calendar().zone)
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 200
    assert first not in [s["code"] for s in again.json["stations"]]
    shown = client.get(f"/api/v1/stations/{first}").json["station"]
    assert (shown["is_open"], shown["status"], shown["reason"], shown["closes_at"]) == (False, "closed", "停电", None)
    assert shown["opens_at"] is not None


def test_nearest_tells_the_hour_and_who_verified(app: Flask, client: FlaskClient) -> None:
    code = _codes(client, NEAREST + "&open=1&limit=1")[0]
    with transaction():
        verify(code, PROGRAM)
    fresh = client.get(f"/api/v1/stations/{code}").json["station"]
    assert fresh["status"] == "open"
    assert fresh["verified_at"].startswith("2027-06-07T07:45")
    clock.show(Cast.now + timedelta(minutes=70), clock.real_now())
    assert client.get(f"/api/v1/stations/{code}").json["station"]["status"] == "unverified"
    clock.show(Cast.now + timedelta(hours=14), clock.real_now())
    late = client.get(f"/api/v1/stations/{code}").json["station"]
    assert (late["status"], late["is_open"]) == ("closed", False)
    assert code not in _codes(client, NEAREST + "&open=1&limit=50")


ELSEWHERE = """
import time
from datetime import datetime
from stations.accounts.rules import PROGRAM
from stations.kernel import clock
from stations.places.actions.stations import set_state
from stations.places.rules import StationState
from stations.seasons.queries import get_calendar
clock.show(datetime.fromisoformat("%s"), clock.real_now())
with transaction():
    set_state("%s", StationState.CLOSED, "停电", PROGRAM, get_calendar().zone)
print(time.monotonic())
"""


@on_both
def test_nearest_sees_what_another_process_committed(app: Flask, client: FlaskClient, database: str) -> None:
    address = NEAREST + "&open=1&limit=50"
    code = _codes(client, address)[0]
    committed = float(run_crowd(database, ELSEWHERE % (DEMO_NOW, code), count=1)[0])
    while code in _codes(client, address):
        assert time.monotonic() - committed < 0.5
        time.sleep(0.02)


BAD = {
    "": "lat",
    "lat=39.9": "lon",
    "lon=116": "lat",
    "lat=&lon=": "lat",
    "lat=x&lon=116": "lat",
    "lat=nan&lon=116": "lat",
    "lat=1e999&lon=116": "lat",
    "lat=116&lon=39.9": "lat",
    "lat=91&lon=116": "lat",
    "lat=39.9&lon=2.3": "lon",
    "lat=39&lat=40&lon=116": "lat",
    "lat=39.9&lon=116&site=KD0108-12": "lat",
    "lat=39.9&lon=116&limit=0": "limit",
    "lat=39.9&lon=116&limit=51": "limit",
    "lat=39.9&lon=116&limit=-1": "limit",
    "lat=39.9&lon=116&limit=1.5": "limit",
    "lat=39.9&lon=116&limit=" + "9" * 500: "limit",
    "lat=39.9&lon=116&limit=5&limit=6": "limit",
    "lat=39.9&lon=116&open=perhaps": "open",
    "lat=39.9&lon=116&open=1&open=1": "open",
    "lat=39.9&lon=116&need=yacht": "need",
    "lat=39.9&lon=116&need=" + "a," * 3000: "need",
    "site=%00": "site",
    "site=" + "x" * 900: "site",
    "site='%20OR%201=1": "site",
    "site=KD0108-12&place=district:110108": "place",
}


@pytest.mark.parametrize("question", BAD)
def test_nearest_refuses_what_it_cannot_read(reader: FlaskClient, question: str) -> None:
    answer = reader.get(f"/api/v1/nearest?{question}")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert answer.json["field"] == BAD[question]
    assert answer.json["status"] == 400
    assert answer.json["detail"]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("question", "field"), [("site=nowhere", "site"), ("place=district:9", "place")])
def test_nearest_of_nowhere_is_not_found(reader: FlaskClient, question: str, field: str) -> None:
    answer = reader.get(f"/api/v1/nearest?{question}")
    assert (answer.status_code, answer.json["field"]) == (404, field)


def test_nearest_says_why_in_the_readers_language(reader: FlaskClient) -> None:
    address = "/api/v1/nearest?lat=39.9&lon=116&limit=51"
    assert reader.get(address, headers={"Accept-Language": "en"}).json["detail"] == "Ask for 1 to 50."
    assert reader.get(address + "&lang=en").json["detail"] == "Ask for 1 to 50."
    assert reader.get(address).json["detail"] != "Ask for 1 to 50."


def test_nearest_ignores_what_it_does_not_know(reader: FlaskClient) -> None:
    assert _codes(reader, NEAREST + "&utm_source=x&q=y&utm_source=z") == _codes(reader, NEAREST)
