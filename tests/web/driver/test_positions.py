"""Each app at its address, as it speaks."""

import json
import time
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from factories.fleet import a_vehicle
from flask import Flask
from flask.testing import FlaskClient
from listening import listen
from prometheus_client import REGISTRY
from sqlalchemy import func, select, update

from stations.fleet.models import PositionReport, Vehicle
from stations.fleet.queries.positions import find_device_key, find_marker
from stations.fleet.rules.fixes import Marker
from stations.kernel import clock
from stations.kernel.db import db, transaction
from stations.kernel.revision import next_revision
from stations.web.driver import intake
from stations.web.driver.intake import Intake, get_intake
from stations.web.driver_links import make_token

HERE = {"lat": 39.99, "lon": 116.31}


@pytest.fixture
def vehicle(app: Flask) -> int:
    clock.show_real()
    return a_vehicle()


@pytest.fixture
def key(vehicle: int) -> str:
    found = find_device_key(vehicle)
    assert found is not None
    return found


def marker_of(vehicle: int) -> Marker | None:
    get_intake().flush()
    db.session.rollback()
    return find_marker(vehicle)


def rejected() -> float:
    return REGISTRY.get_sample_value("bankao_fixes_total", {"verdict": "rejected"}) or 0


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{name}:{password}".encode()).decode()}


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def osmand(client: FlaskClient, key: str) -> tuple[Any, bytes, str]:
    query = urlencode(HERE | {"id": key, "timestamp": int(time.time()), "speed": 10})
    return client.get(f"/t/osmand?{query}"), b"", "osmand"


def osmand_by_address(client: FlaskClient, key: str) -> tuple[Any, bytes, str]:
    query = urlencode(HERE | {"id": "!a1b2c3", "timestamp": "2026-01-01T00:00:00Z"})
    return client.get(f"/t/osmand/{key}?{query}"), b"", "osmand"


def traccar_10(client: FlaskClient, key: str) -> tuple[Any, bytes, str]:
    return client.post("/t/osmand", data=HERE | {"id": key, "timestamp": int(time.time())}), b"", "traccar"


def traccar_9(client: FlaskClient, key: str) -> tuple[Any, bytes, str]:
    coords = {"latitude": 39.99, "longitude": 116.31, "speed": 3.0}
    said = {"device_id": key, "location": {"timestamp": "2026-01-01T00:00:00.000Z", "coords": coords}}
    return client.post("/t/osmand", json=said), b"", "traccar"


def traccar_sdk(client: FlaskClient, key: str) -> tuple[Any, bytes, str]:
    return client.post("/t/osmand", json=[HERE | {"id": key}]), b"", "traccar"


def gpslogger(client: FlaskClient, key: str) -> tuple[Any, bytes, str]:
    body = urlencode(HERE | {"id": key, "speed_mps": 3})
    return client.put("/t/osmand", data=body, content_type="text/plain"), b"", "gpslogger"


def owntracks(client: FlaskClient, key: str) -> tuple[Any, bytes, str]:
    said = json.dumps(HERE | {"_type": "location", "tst": int(time.time()), "tid": "v1"})
    form = "application/x-www-form-urlencoded"
    return client.post("/t/owntracks", data=said, headers=basic("T1", key), content_type=form), b"[]", "owntracks"


def overland(client: FlaskClient, key: str) -> tuple[Any, bytes, str]:
    place = {"type": "Point", "coordinates": [116.31, 39.99]}
    feature = {"type": "Feature", "geometry": place, "properties": {"timestamp": "2026-01-01T00:00:00Z"}}
    answer = client.post("/t/overland", json={"locations": [feature]}, headers=bearer(key))
    return answer, b'{"result":"ok"}', "overland"


def beacon(client: FlaskClient, key: str) -> tuple[Any, bytes, str]:
    said = {"fixes": [HERE | {"accuracy": 5, "at": int(time.time() * 1000)}]}
    return client.post("/t/beacon", json=said, headers=bearer(key)), b'{"result":"ok"}', "beacon"


APPS = (osmand, osmand_by_address, traccar_10, traccar_9, traccar_sdk, gpslogger, owntracks, overland, beacon)


@pytest.mark.parametrize("say", APPS)
def test_every_app_moves_its_vehicle_and_gets_the_answer_it_waits_for(
    client: FlaskClient, vehicle: int, key: str, say: Callable[..., Any]
) -> None:
    answer, said, source = say(client, key)
    assert (answer.status_code, answer.data) == (200, said)
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    marker = marker_of(vehicle)
    assert marker is not None
    assert (marker.fix.lat, marker.fix.lon, marker.fix.source) == (39.99, 116.31, source)


@pytest.mark.parametrize("say", APPS)
def test_a_device_that_nobody_knows_is_told_so(client: FlaskClient, key: str, say: Callable[..., Any]) -> None:
    answer, _said, _source = say(client, "nobody")
    expected = {osmand: 400, traccar_10: 400, gpslogger: 400, osmand_by_address: 404, traccar_9: 404, traccar_sdk: 404}
    assert answer.status_code == expected.get(say, 401)
    get_intake().flush()
    assert db.session.execute(select(func.count()).select_from(PositionReport)).scalar_one() == 0


def test_who_gives_no_id_is_told_so(client: FlaskClient, vehicle: int) -> None:
    assert client.get("/t/osmand?lat=39.9&lon=116.3").status_code == 400
    assert client.post("/t/osmand").status_code == 400
    assert client.post("/t/owntracks", data=b"").status_code == 401
    assert client.post("/t/overland", data=b"{").status_code == 401
    assert client.post("/t/beacon", json={"fixes": []}).status_code == 401


GARBAGE = (b"{", b"[1]", b"\xff\xfe\x00", b"lat=1", b"{}", b"[" * 50_000, b'{"fixes": [1], "locations": [2]}')


@pytest.mark.parametrize("body", GARBAGE)
def test_garbage_from_a_known_device_gets_a_yes_and_is_counted(client: FlaskClient, key: str, body: bytes) -> None:
    before = rejected()
    for address in (f"/t/osmand/{key}", "/t/owntracks", "/t/overland", "/t/beacon"):
        assert client.post(address, data=body, headers=bearer(key)).status_code == 200, address
    assert rejected() > before


def test_points_off_the_map_are_counted_and_the_others_kept(client: FlaskClient, vehicle: int, key: str) -> None:
    before = rejected()
    fixes = [{"lat": 0, "lon": 0}, {"lat": 51.5, "lon": 0.1}, HERE]
    assert client.post("/t/beacon", json={"fixes": fixes}, headers=bearer(key)).status_code == 200
    assert rejected() == before + 2
    assert marker_of(vehicle) is not None
    assert db.session.execute(select(func.count()).select_from(PositionReport)).scalar_one() == 1


def test_a_will_is_no_sign_of_life(client: FlaskClient, vehicle: int, key: str) -> None:
    owntracks(client, key)
    before = marker_of(vehicle)
    assert before is not None
    will = client.post("/t/owntracks", data=b'{"_type":"lwt","tst":1}', headers=basic("T1", key))
    assert will.data == b"[]"
    assert marker_of(vehicle) == before
    assert client.post("/t/owntracks", data=b"", headers=basic("T1", key)).data == b"[]"
    after = marker_of(vehicle)
    assert after is not None
    assert (after.heard_at > before.heard_at, after.fixed_at) == (True, before.fixed_at)


def test_the_drivers_page_reports_by_its_link_until_that_dies(client: FlaskClient, vehicle: int) -> None:
    link = bearer(make_token(vehicle, 1))
    for _time in range(2):
        assert client.post("/t/beacon", json={"fixes": [HERE]}, headers=link).status_code == 200
    for wrong in ("", "x", make_token(vehicle, 2), make_token(vehicle + 1, 1), make_token(vehicle, 1) + "x"):
        assert client.post("/t/beacon", json={"fixes": [HERE]}, headers=bearer(wrong)).status_code == 401
    with transaction():
        db.session.execute(update(Vehicle).values(link_no=2))
        next_revision("vehicles")
    assert client.post("/t/beacon", json={"fixes": [HERE]}, headers=link).status_code == 401


def test_what_does_not_fit_is_left_with_the_phone(
    client: FlaskClient, vehicle: int, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "MOST_WAITING", 2)
    monkeypatch.setattr(intake, "DOOR_SECONDS", 0.02)
    with get_intake()._writing:  # as while the database keeps a group waiting
        time.sleep(2 * intake.GROUP_SECONDS)
        assert client.post("/t/beacon", json={"fixes": [HERE] * 2}, headers=bearer(key)).status_code == 200
        answer = client.post("/t/beacon", json={"fixes": [HERE]}, headers=bearer(key))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert marker_of(vehicle) is not None
    assert client.post("/t/beacon", json={"fixes": [HERE]}, headers=bearer(key)).status_code == 200
    assert client.post("/t/beacon", data=b"x" * 3_000_000, headers=bearer(key)).status_code == 413


def test_a_fix_is_taken_without_asking_the_database(
    client: FlaskClient, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    beacon(client, key)
    get_intake().flush()
    monkeypatch.setattr(Intake, "put", lambda *_taken: True)
    with listen() as said:
        for say in APPS:
            assert say(client, key)[0].status_code == 200
    assert said == []
