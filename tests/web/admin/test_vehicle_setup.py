"""Setting up a phone: the codes lead to this vehicle, a new key shuts the old one out, and others see nothing."""

import json
import re
from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cast import Cast
from conftest import on_both
from flask.testing import FlaskClient

from stations.fleet.queries.positions import find_device_key
from stations.fleet.queries.vehicles import get_vehicle
from stations.kernel import clock
from stations.kernel.audit import list_events
from stations.kernel.db import db
from stations.web.admin import vehicle_setup
from stations.web.driver.intake import get_intake

Send = Callable[..., Any]
PAGE = "/admin/vehicles/V001/setup?lang=en"


def key_of(code: str) -> str:
    db.session.rollback()
    key = find_device_key(get_vehicle(code).id)
    assert key is not None
    return key


def report(client: FlaskClient, key: str) -> int:
    status = client.post("/t/osmand", data={"id": key, "lat": 39.99, "lon": 116.31}).status_code
    get_intake().flush()
    return status


@pytest.fixture
def links(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the codes of the page hold."""
    held: list[str] = []
    draw = vehicle_setup.draw_code
    monkeypatch.setattr(vehicle_setup, "draw_code", lambda link, error: held.append(link) or draw(link, error))
    page = cast.haidian.get(PAGE)
    assert page.status_code == 200
    assert page.text.count("<svg") >= 3
    assert page.headers["Cache-Control"].startswith(("no-store", "private"))
    return dict(zip(("traccar", "owntracks", "overland", "driver"), held, strict=True))


def test_each_code_sets_its_app_up_for_this_vehicle(links: dict[str, str]) -> None:
    key = key_of("V001")
    traccar = urlsplit(links["traccar"])
    assert (traccar.path, parse_qs(traccar.query)["id"], parse_qs(traccar.query)["interval"]) == (
        "/t/osmand",
        [key],
        ["10"],
    )
    own = urlsplit(links["owntracks"])
    assert (own.scheme, own.path) == ("owntracks", "/config")
    told = json.loads(b64decode(parse_qs(own.query)["inline"][0]))
    assert (told["_type"], told["mode"], told["auth"]) == ("configuration", 3, True)
    assert (urlsplit(told["url"]).path, told["username"], told["password"]) == ("/t/owntracks", "V001", key)
    over = urlsplit(links["overland"])
    said = parse_qs(over.query)
    assert (over.scheme, over.netloc, said["token"], said["device_id"]) == ("overland", "setup", [key], ["V001"])
    assert urlsplit(said["url"][0]).path == "/t/overland"


def test_the_texts_for_other_trackers_work_as_they_stand(cast: Cast, client: FlaskClient) -> None:
    address, body, by_address = re.findall(r"<dd><code>(.*?)</code></dd>", cast.haidian.get(PAGE).text)
    filled = unescape(body).replace("%LAT", "39.99").replace("%LON", "116.31").replace("%TIMESTAMP", "")
    filled = re.sub(r"%\w+", "1.0", filled)
    assert client.post(urlsplit(address).path, data=filled).status_code == 200
    assert client.get(urlsplit(by_address).path + "?id=!7&lat=39.9&lon=116.3").status_code == 200


def test_the_page_says_what_arrives(cast: Cast, client: FlaskClient) -> None:
    organizer = cast.haidian
    assert "Nothing yet." in organizer.get(PAGE).text
    assert report(client, key_of("V001")) == 200
    assert "about every 60 s" in organizer.get(PAGE).text
    assert "It is silent" not in organizer.get(PAGE).text
    clock.show(clock.now() + timedelta(minutes=3), clock.real_now())
    assert "It is silent: two reports are missing." in organizer.get(PAGE).text


def test_what_reports_is_called_by_its_name(cast: Cast, client: FlaskClient) -> None:
    known = {"Authorization": f"Bearer {key_of('V001')}"}
    sent = client.post("/t/beacon", json={"fixes": [{"lat": 39.99, "lon": 116.31}]}, headers=known)
    assert sent.status_code == 200
    get_intake().flush()
    page = cast.haidian.get(PAGE).text
    assert "(the driver's page), about every" in unescape(page)
    assert "beacon" not in page


def test_a_clock_that_is_ahead_is_said(cast: Cast, client: FlaskClient) -> None:
    key = key_of("V001")
    ahead = int(clock.real_now().timestamp()) + 86_400
    client.post("/t/osmand", data={"id": key, "lat": 39.99, "lon": 116.31, "timestamp": ahead})
    get_intake().flush()
    assert "The clock of the device is ahead." in cast.haidian.get(PAGE).text


@on_both
def test_a_new_key_shuts_the_old_one_out(cast: Cast, client: FlaskClient, send: Send) -> None:
    old = key_of("V001")
    assert report(client, old) == 200
    answer = send(cast.haidian, "/admin/vehicles/V001/key")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/vehicles/V001/setup")
    new = key_of("V001")
    assert new != old
    assert (report(client, old), report(client, new)) == (400, 200)
    (event,) = [event for event in list_events("vehicle:V001") if event.action == "vehicle.key"]
    assert event.actor == "haidian"


def test_the_key_is_for_who_may_change_the_vehicle(cast: Cast, send: Send) -> None:
    key = key_of("V004")
    assert send(cast.haidian, "/admin/vehicles/V004/key").status_code in {403, 404}
    assert cast.haidian.get("/admin/vehicles/V004/setup").status_code in {403, 404}
    assert key_of("V004") == key
    for name in ("", "?lang=en"):
        assert key_of("V001") not in cast.haidian.get(f"/admin/vehicles/V001{name}").text


def test_the_drivers_code_opens_the_page_of_this_vehicle(links: dict[str, str], client: FlaskClient) -> None:
    assert urlsplit(links["driver"]).query == "", "in the driver's language, not in the organizer's"
    page = client.get(urlsplit(links["driver"]).path)
    assert (page.status_code, "V001" in page.text) == (200, True)
