"""What is acknowledged is written: in groups, again when the database was away, and at the end."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from threading import Thread

import pytest
from conftest import SECRET, on_both
from factories.fleet import a_vehicle
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from stations.adapters.trackers.fix import Fix
from stations.config import ROOT
from stations.fleet.actions.positions import Incoming, record
from stations.fleet.models import PositionReport
from stations.fleet.queries.positions import Device, find_device_key, get_devices
from stations.kernel import clock
from stations.kernel.db import db
from stations.web.driver import intake
from stations.web.driver.intake import Intake, get_intake


def a_request(vehicle_id: int, number: int = 0, count: int = 1) -> Incoming:
    device = get_devices().by_vehicle.get(vehicle_id) or Device(vehicle_id, "", 1)
    now = clock.real_now()
    fixes = tuple(Fix(now - timedelta(seconds=10 + number * count + n), 39.9, 116.3, "beacon") for n in range(count))
    return Incoming(device, now, fixes)


def count_fixes() -> int:
    db.session.rollback()
    return db.session.execute(select(func.count()).select_from(PositionReport)).scalar_one()


def test_what_is_put_is_written_by_itself(app: Flask) -> None:
    vehicle_id = a_vehicle()
    for number in range(20):
        assert get_intake().put(a_request(vehicle_id, number))
    ends = time.monotonic() + 10
    while count_fixes() < 20 and time.monotonic() < ends:
        time.sleep(0.02)
    assert count_fixes() == 20


def test_many_requests_share_a_transaction(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    vehicle_id, sizes = a_vehicle(), []

    def note(group: Sequence[Incoming]) -> Counter[str]:
        sizes.append(sum(len(each.fixes) for each in group))
        return record(group)

    monkeypatch.setattr(intake, "record", note)
    monkeypatch.setattr(intake, "GROUP_FIXES", 100)
    waiting = get_intake()
    with waiting._writing:  # as while another group is being written
        for number in range(50):
            assert waiting.put(a_request(vehicle_id, number, 7))
    waiting.flush()
    assert sum(sizes) == count_fixes() == 350
    assert max(sizes) == 105


def test_a_database_that_was_away_gets_all_of_it(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    vehicle_id, tries = a_vehicle(), []

    def fail_twice(group: Sequence[Incoming]) -> Counter[str]:
        tries.append(len(group))
        if len(tries) < 3:
            raise OperationalError("INSERT", {}, Exception("away"))
        return record(group)

    monkeypatch.setattr(intake, "record", fail_twice)
    monkeypatch.setattr(intake, "PATIENCE_SECONDS", (0.01, 0.01))
    get_intake().put(a_request(vehicle_id))
    get_intake().flush()
    assert count_fixes() == 1
    assert len(tries) >= 3


@on_both
def test_what_cannot_be_written_stops_nobody_else(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    vehicle_id, waiting = a_vehicle(), get_intake()
    with waiting._writing:
        for number in range(3):
            waiting.put(a_request(vehicle_id + 1_000, number))
            waiting.put(a_request(vehicle_id, number))
    waiting.flush()
    assert count_fixes() == 3
    assert f"fixes of vehicle {vehicle_id + 1_000} cannot be written" in caplog.text


def test_a_device_gone_mad_takes_nobodys_place(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other, waiting = a_vehicle("T1"), a_vehicle("T2"), get_intake()
    monkeypatch.setattr(intake, "MOST_WAITING_OF_ONE", 5)
    monkeypatch.setattr(intake, "MOST_WAITING", 12)
    monkeypatch.setattr(intake, "DOOR_SECONDS", 0.02)
    with waiting._writing:
        time.sleep(2 * intake.GROUP_SECONDS)
        taken = [waiting.put(a_request(one, number)) for number in range(8)]
        assert taken == [True] * 5 + [False] * 3
        assert waiting.put(a_request(other, 0, 7)), "a batch that is larger than its share is taken by itself"
        assert not waiting.put(a_request(other, 1))
    waiting.flush()
    assert waiting.put(a_request(one, 9))
    waiting.flush()
    assert count_fixes() == 5 + 7 + 1


def test_what_comes_too_fast_waits_at_the_door(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    vehicle_id, other, waiting = a_vehicle("T1"), a_vehicle("T2"), get_intake()
    monkeypatch.setattr(intake, "MOST_WAITING", 1)
    monkeypatch.setattr(intake, "DOOR_SECONDS", 20)
    taken: list[bool] = []
    with app.app_context():
        second = a_request(other)
    with waiting._writing:
        time.sleep(2 * intake.GROUP_SECONDS)
        assert waiting.put(a_request(vehicle_id))
        at_the_door = Thread(target=lambda: taken.append(waiting.put(second)))
        at_the_door.start()
        time.sleep(0.1)
        assert taken == []
    at_the_door.join(10)
    waiting.flush()
    assert taken == [True]
    assert count_fixes() == 2


def test_nothing_more_is_acknowledged_while_a_group_is_late(app: Flask) -> None:
    vehicle_id, other, waiting = a_vehicle("T1"), a_vehicle("T2"), Intake(app)
    second, taken = a_request(other), []
    with waiting._writing:
        time.sleep(2 * intake.GROUP_SECONDS)
        waiting._since = time.monotonic() - 2 * intake.GROUP_SECONDS
        at_the_door = Thread(target=lambda: taken.append(waiting.put(second)))
        at_the_door.start()
        time.sleep(0.1)
        assert taken == []
        with waiting._room:
            waiting._since = 0.0
            waiting._room.notify_all()
    at_the_door.join(10)
    assert taken == [True]
    assert waiting.put(a_request(vehicle_id))
    waiting.flush()
    assert count_fixes() == 2


def test_nobody_waits_at_the_door_of_a_database_that_is_stuck(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    vehicle_id, waiting = a_vehicle(), Intake(app)
    with waiting._writing:
        time.sleep(2 * intake.GROUP_SECONDS)
        waiting.put(a_request(vehicle_id))
        waiting._since = time.monotonic() - 60
        began = time.monotonic()
        assert not waiting.put(a_request(vehicle_id, 1))
        assert time.monotonic() - began < intake.STUCK_SECONDS
        waiting._since = 0.0
    waiting.flush()


def test_the_end_of_the_process_writes_what_it_can_and_does_not_hang(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(group: Sequence[Incoming]) -> Counter[str]:
        raise OperationalError("INSERT", {}, Exception("away"))

    vehicle_id, waiting = a_vehicle(), Intake(app)
    monkeypatch.setattr(intake, "PATIENCE_SECONDS", (0.01, 0.01))
    monkeypatch.setattr(intake, "record", fail)
    waiting.put(a_request(vehicle_id))
    waiting._end()
    assert "1 requests with fixes were lost at the end" in caplog.text
    assert count_fixes() == 0


def test_a_server_that_is_told_to_end_writes_what_it_acknowledged(app: Flask, database: str) -> None:
    key = find_device_key(a_vehicle())
    db.session.rollback()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = os.environ | {
        "STATIONS_ENV": "test", "SECRET_KEY": SECRET, "DATABASE_URL": database, "PORT": str(port), "WORKERS": "1",
    }  # fmt: skip
    address, at = f"http://127.0.0.1:{port}/t/osmand", int(time.time()) - 100
    with subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True) as served:
        try:
            statuses = [post(address, f"id={key}&lat=39.9&lon=116.3&timestamp={at + n}") for n in range(30)]
        finally:
            served.send_signal(signal.SIGTERM)
            _out, said = served.communicate(timeout=60)
    assert statuses == [200] * 30
    assert "Traceback" not in said
    assert key not in said
    assert count_fixes() == 30


def post(address: str, body: str) -> int:
    """The status, once somebody listens."""
    for _try in range(300):
        try:
            with urllib.request.urlopen(address, body.encode(), timeout=10) as answer:
                status: int = answer.status
                return status
        except ConnectionError:
            time.sleep(0.1)
        except urllib.error.URLError as refused:
            if not isinstance(refused.reason, ConnectionError):
                raise
            time.sleep(0.1)
    raise TimeoutError(address)
