"""What devices said is written once, whoever writes it and however often."""

import json
import random
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from conftest import on_both
from factories.crowd import run_crowd
from factories.fleet import SITE, a_vehicle
from flask import Flask
from sqlalchemy import select, update

from stations.adapters import live
from stations.adapters.trackers.fix import Fix
from stations.fleet.actions.positions import Incoming, record
from stations.fleet.models import GateVisit, PositionReport, Vehicle, VehiclePosition
from stations.fleet.queries.positions import Device, count_ahead, find_marker, get_devices
from stations.fleet.queries.tracks import list_track
from stations.kernel import clock
from stations.kernel.db import Base, db, transaction
from stations.places.models import ExamSite, Gate

CROWD = """
from datetime import timedelta
import msgspec
from stations.adapters.trackers.fix import Fix
from stations.fleet.actions.positions import Incoming, record
from stations.fleet.queries.positions import get_devices
from stations.kernel.db import run_in_transaction
devices = get_devices().by_vehicle
groups = msgspec.json.decode(GROUPS[number], type=list[list[tuple[int, Fix]]])
from datetime import datetime
now = datetime.fromisoformat(NOW)
for group in groups:
    run_in_transaction(lambda: record([Incoming(devices[v], now, (fix,)) for v, fix in group]))
"""


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def fix(at: datetime, lat: float = 39.9, lon: float = 116.3, **changes: Any) -> Fix:
    return msgspec.structs.replace(Fix(at, lat, lon, "beacon", 10), **changes)


def send(vehicle_id: int, received_at: datetime, *fixes: Fix, is_alarm: bool = False) -> dict[str, int]:
    """One request, by a device at the machine's own time."""
    device = get_devices().by_vehicle.get(vehicle_id) or Device(vehicle_id, "", 1)
    with transaction():
        return dict(record([Incoming(device, received_at, fixes, is_alarm)]))


def contents(*tables: type[Base]) -> list[list[tuple[Any, ...]]]:
    db.session.rollback()
    return [
        sorted(tuple(row) for row in db.session.execute(select(*table.__table__.columns))) for table in tables
    ]  # fmt: skip


ALL = (PositionReport, VehiclePosition, GateVisit)


@on_both
def test_a_replayed_request_changes_nothing(app: Flask) -> None:
    clock.show_real()
    vehicle_id, now = a_vehicle(), clock.now()
    day = seconds(86_400)
    good = [fix(now - seconds(100 - n), 39.9 + n / 10_000) for n in range(20)]
    odd = [fix(now + seconds(30)), fix(now + day), fix(now - seconds(70), 45), fix(now - seconds(500))]
    assert send(vehicle_id, now, *good, *odd) == {"good": 22, "future": 1, "implausible": 1}
    send(vehicle_id, now + seconds(1), fix(now + seconds(31)))
    before = contents(*ALL)
    for later in (5, 40, 600, 90_000):
        send(vehicle_id, now + seconds(later), *good, *odd, is_alarm=True)
        assert contents(*ALL) == before, later
    send(vehicle_id, now + seconds(50), *good, fix(now + seconds(50)))
    marker = find_marker(vehicle_id)
    assert marker is not None
    assert (marker.fixed_at, len(contents(PositionReport)[0])) == (now + seconds(50), len(good) + len(odd) + 2)


@on_both
def test_a_late_fix_never_overwrites_a_newer_one(app: Flask) -> None:
    clock.show_real()
    vehicle_id, now = a_vehicle(), clock.now()
    send(vehicle_id, now, fix(now, 39.95))
    assert send(vehicle_id, now + seconds(5), fix(now - seconds(60), 39.9)) == {"late": 1}
    marker = find_marker(vehicle_id)
    assert marker is not None
    assert (marker.fix.lat, marker.fixed_at, marker.heard_at) == (39.95, now, now + seconds(5))
    track = list_track(vehicle_id, now - seconds(3600), now + seconds(1))
    assert [(point.lat, point.verdict) for point in track] == [(39.9, "late"), (39.95, "good")]
    assert list_track(vehicle_id, now, now + seconds(1))[0].fixed_at == now
    assert list_track(vehicle_id, now - seconds(3600), now - seconds(60)) == []


@on_both
def test_a_phone_a_day_ahead_does_not_freeze_its_marker(app: Flask) -> None:
    clock.show_real()
    vehicle_id, now, day = a_vehicle(), clock.now(), seconds(86_400)
    seen = []
    for n in range(6):
        at = now + seconds(10 * n)
        send(vehicle_id, at, fix(at + day, 39.9 + n / 1000))
        marker = find_marker(vehicle_id)
        seen.append(None if marker is None else (round(marker.fix.lat, 3), (at - marker.seen_at).total_seconds()))
    assert seen == [None, (39.901, 0), (39.902, 0), (39.903, 0), (39.904, 0), (39.905, 0)]
    assert count_ahead(vehicle_id, now - seconds(60)) == 6
    set_right = now + seconds(60)
    assert send(vehicle_id, set_right, fix(set_right, 39.91)) == {"good": 1}
    marker = find_marker(vehicle_id)
    assert marker is not None
    assert marker.fix.lat == 39.91


@on_both
def test_a_batch_of_half_an_hour_ago_does_not_look_fresh(app: Flask) -> None:
    clock.show_real()
    vehicle_id, now = a_vehicle(), clock.now()
    send(vehicle_id, now, *(fix(now - seconds(1800 + n)) for n in range(60)))
    marker = find_marker(vehicle_id)
    assert marker is not None
    assert (now - marker.seen_at, marker.received_at, marker.heard_at) == (seconds(1800), now, now)


def test_a_jump_is_remembered_from_one_group_to_the_next(app: Flask) -> None:
    clock.show_real()
    vehicle_id, now = a_vehicle(), clock.now()
    send(vehicle_id, now, fix(now, 39.9))
    assert send(vehicle_id, now + seconds(10), fix(now + seconds(10), 41)) == {"implausible": 1}
    assert send(vehicle_id, now + seconds(20), fix(now + seconds(20), 41)) == {"good": 1}


@on_both
def test_a_vehicle_arrives_and_leaves_once_whatever_the_groups(app: Flask) -> None:
    clock.show_real()
    vehicle_id, now = a_vehicle(), clock.now()
    chosen = select(Gate.id, Gate.lat, Gate.lon).join(ExamSite, ExamSite.id == Gate.exam_site_id)
    gate = db.session.execute(chosen.where(ExamSite.code == SITE)).first()
    assert gate is not None
    draw = random.Random(3)
    fixes = [fix(now - seconds(20_000), gate.lat + 0.02, gate.lon)]
    for n in range(1000):
        off = draw.gauss(0, 40) / 111_195, draw.gauss(0, 40) / 85_000
        at = now - seconds(19_900 - 10 * n)
        fixes.append(fix(at, gate.lat + off[0], gate.lon + off[1], accuracy_metres=60, speed_mps=0))
    for n in range(10):
        fixes.append(fix(now - seconds(9_000 - 60 * n), gate.lat + 0.01, gate.lon, speed_mps=5))
    told: list[live.Message] = []
    live.hear(told.append)
    for start in range(0, len(fixes), 77):
        send(vehicle_id, now, *fixes[start : start + 77])
    db.session.rollback()
    visit = db.session.execute(select(GateVisit).where(GateVisit.vehicle_id == vehicle_id)).scalar_one()
    assert visit.gate_id == gate.id
    assert visit.left_at is not None
    assert visit.arrived_at < now - seconds(19_700)
    assert visit.left_at == now - seconds(9_000)
    assert sum(message.kind == "queue" for message in told) == 2, "the boards look again when it came and when it left"
    marker = find_marker(vehicle_id)
    assert marker is not None
    assert marker.stay.gate_id is None


@on_both
def test_boards_are_told_where_each_vehicle_is_now(app: Flask) -> None:
    clock.show_real()
    one, two, now = a_vehicle("T1"), a_vehicle("T2"), clock.now()
    told: list[live.Message] = []
    live.hear(told.append)
    devices = get_devices().by_vehicle
    with transaction():
        record([
            Incoming(devices[one], now, (fix(now - seconds(5)), fix(now - seconds(1), 39.901, heading=90))),
            Incoming(devices[two], now, (fix(now, 45), fix(now, 46))),
            Incoming(devices[two], now, (), is_alarm=True),
        ])  # fmt: skip
        assert told == []
    ms = int((now - seconds(1)).timestamp() * 1000), int(now.timestamp() * 1000)
    said = [(message.kind, json.loads(bytes(message.content))) for message in told]
    rows = [[one, 39.901, 116.3, 90, *ms], [two, 45, 116.3, None, ms[1], ms[1]]]
    assert sorted(said, key=str) == sorted([("alarm", two), ("queue", None), ("positions", rows)], key=str)
    marker = find_marker(two)
    assert marker is not None
    assert marker.alarm_at == now
    told.clear()
    send(one, now, fix(now - seconds(60)))
    assert told == [], "a late fix moves nothing"


def test_a_sign_of_life_is_heard_and_an_alarm_before_any_fix_is_told(app: Flask) -> None:
    clock.show_real()
    vehicle_id, now = a_vehicle(), clock.now()
    told: list[live.Message] = []
    live.hear(told.append)
    send(vehicle_id, now, is_alarm=True)
    assert find_marker(vehicle_id) is None
    assert [message.kind for message in told] == ["alarm", "queue"]
    send(vehicle_id, now, fix(now))
    send(vehicle_id, now + seconds(60))
    marker = find_marker(vehicle_id)
    assert marker is not None
    assert (marker.heard_at, marker.seen_at, marker.alarm_at) == (now + seconds(60), now, None)


def test_devices_live_at_the_machines_time_and_are_shown_at_the_demonstrations(app: Flask) -> None:
    vehicle_id, real = a_vehicle(), clock.real_now()
    assert not clock.is_real()
    for _time in range(2):
        send(vehicle_id, real, fix(real - seconds(10)))
    marker = find_marker(vehicle_id)
    assert marker is not None
    assert marker.seen_at == clock.shown(real - seconds(10))
    assert abs(clock.now() - marker.heard_at) < seconds(30)
    assert len(contents(PositionReport)[0]) == 1


def test_an_archived_vehicle_has_no_device(app: Flask) -> None:
    vehicle_id = a_vehicle()
    assert vehicle_id in get_devices().by_vehicle
    app.extensions["bankao"].pop("sight")
    with transaction():
        db.session.execute(update(Vehicle).values(archived_at=clock.now()))
    assert get_devices().by_vehicle == {}


@on_both
@pytest.mark.timeout(120)
def test_four_processes_that_write_the_same_shuffled_batches_leave_what_one_would(app: Flask, database: str) -> None:
    clock.show_real()
    vehicles, now = [a_vehicle(f"T{n}") for n in range(5)], clock.now()
    fixes = [
        (v, fix(now - seconds(3000 - 10 * n), 39.9 + n / 2000, 116.3 + v / 100)) for n in range(200) for v in vehicles
    ]
    groups = []
    for number in range(4):
        shuffled = fixes.copy()
        random.Random(number).shuffle(shuffled)
        groups.append(msgspec.json.encode([shuffled[at : at + 25] for at in range(0, len(shuffled), 25)]).decode())
    db.session.rollback()
    run_crowd(database, f"GROUPS = {groups!r}\nNOW = {now.isoformat()!r}\n{CROWD}")
    tracks, markers = contents(PositionReport, VehiclePosition)
    assert sorted((row[1], row[2], row[4], row[5]) for row in tracks) == sorted(
        (v, each.fixed_at, each.lat, each.lon) for v, each in fixes
    )
    newest = [(v, each.fixed_at, each.lat) for v, each in fixes[-5:]]
    assert [(row[0], row[1], row[5]) for row in markers] == newest
