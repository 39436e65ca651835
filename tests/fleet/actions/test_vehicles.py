"""A vehicle's file, whether it stands by, its links."""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from cast import Cast
from conftest import on_both
from factories.crowd import run_crowd
from factories.fleet import DISPATCHER, HAIDIAN, a_request, a_vehicle, an_offer
from flask import Flask
from sqlalchemy import select

from stations.accounts.rules import PROGRAM, Actor
from stations.fleet.actions.bookings import book
from stations.fleet.actions.rides import take_step
from stations.fleet.actions.vehicles import (
    NOTHING_YET,
    archive_vehicle,
    new_link,
    record_check,
    renew_checks,
    save_vehicle,
    set_state,
    stand_by_all,
)
from stations.fleet.models import Ride, Vehicle
from stations.fleet.queries.vehicles import find_vehicle, get_vehicle, list_posts, list_vehicles, vehicle_order
from stations.fleet.rules.bookings import BookingKind, BookingOrder
from stations.fleet.rules.rides import RideState
from stations.fleet.rules.vehicles import VehicleFile, VehicleOrder, VehicleState
from stations.kernel import audit, clock
from stations.kernel.db import db, transaction
from stations.kernel.errors import Forbidden, Invalid, NotFound, Refused
from stations.kernel.revision import read_revisions

TODAY, GOOD = date(2027, 6, 7), date(2028, 1, 1)
COMPLETE = VehicleFile(GOOD, GOOD, GOOD, TODAY)
OFF, STANDBY = VehicleState.OFF, VehicleState.STANDBY


def an_order(code: str = "X1", **changes: Any) -> VehicleOrder:
    order = VehicleOrder(
        code=code, plate="京A·12345", kind="sedan", seats=4, has_wheelchair=False, organization="YS-BJ-110108",
        station="GH-HD-01", sticker_no="", crew_phone="", duty=(360, 1140), file=COMPLETE, version=NOTHING_YET,
    )  # fmt: skip
    return replace(order, **changes)


def save(order: VehicleOrder, actor: Actor = PROGRAM) -> None:
    with transaction():
        save_vehicle(order, actor)


def tell(code: str, state: VehicleState, actor: Actor = DISPATCHER, gate_id: int | None = None) -> None:
    with transaction():
        set_state(code, state, actor, gate_id)


def row_of(code: str) -> Vehicle:
    db.session.rollback()
    return db.session.execute(select(Vehicle).where(Vehicle.code == code)).scalar_one()


@on_both
def test_a_new_vehicle_is_off_duty_with_a_key_of_its_own(app: Flask) -> None:
    save(an_order(), HAIDIAN)
    save(an_order("X2", plate="京A·12346"), HAIDIAN)
    row, other = row_of("X1"), row_of("X2")
    assert (row.state, row.path, row.version, row.link_no) == ("off", "YS-BJ/YS-BJ-110108/X1/", 1, 1)
    assert len(row.device_key) == 24
    assert row.device_key != other.device_key
    assert vehicle_order(get_vehicle("X1")) == replace(an_order(), version=None)
    assert audit.list_events("vehicle:X1")[0].actor == "haidian"
    assert read_revisions()["vehicles"] > 0


@on_both
def test_what_somebody_else_changed_is_not_overwritten(app: Flask) -> None:
    save(an_order())
    save(an_order(seats=5, version=1))
    with pytest.raises(Refused, match=r"vehicle\.changed"):
        save(an_order(seats=6, version=1))
    with pytest.raises(Refused, match=r"vehicle\.exists"):
        save(an_order(seats=6))
    with pytest.raises(Refused, match=r"vehicle\.gone"):
        save(an_order("X9", version=3))
    assert (get_vehicle("X1").seats, get_vehicle("X1").version) == (5, 2)


@on_both
def test_two_vehicles_cannot_have_one_plate(app: Flask) -> None:
    save(an_order())
    with pytest.raises(Refused, match=r"vehicle\.plate") as refused:
        save(an_order("X2"))
    assert refused.value.field == "plate"
    assert find_vehicle("X2") is None


def test_a_scope_ends_at_its_path(app: Flask) -> None:
    save(an_order())
    save(an_order("C1", plate="京B·12345", organization="YS-QY"))
    for do in (
        lambda: save_vehicle(an_order("C2", plate="京B·1234A", organization="YS-QY"), HAIDIAN),
        lambda: save_vehicle(an_order("C1", plate="京B·12345", version=1), HAIDIAN),  # to take it over
        lambda: set_state("C1", STANDBY, HAIDIAN),
        lambda: record_check("C1", HAIDIAN),
        lambda: new_link("C1", HAIDIAN),
        lambda: archive_vehicle("C1", HAIDIAN),
    ):
        with pytest.raises(Forbidden), transaction():
            do()
    assert [row.code for row in list_vehicles(HAIDIAN.paths("fleet.read")) if row.code in {"X1", "C1"}] == ["X1"]


@on_both
def test_a_vehicle_stands_by_only_when_its_file_is_complete(app: Flask) -> None:
    save(an_order(file=VehicleFile(GOOD, None, GOOD, None)))
    with pytest.raises(Refused, match=r"vehicle\.file") as refused:
        tell("X1", STANDBY)
    assert str(refused.value.message).endswith("行驶证、当日驾驶员检查。")
    save(an_order(file=VehicleFile(GOOD, GOOD, GOOD, None), version=1))
    with transaction():
        record_check("X1", HAIDIAN)
    tell("X1", STANDBY)
    row = get_vehicle("X1")
    assert (row.state, row.file.driver_checked_on) == (STANDBY, TODAY)
    assert row.post == (row.base_lat, row.base_lon)
    save(an_order(file=VehicleFile(GOOD, GOOD, TODAY - timedelta(days=1), TODAY), version=3))
    assert get_vehicle("X1").state is OFF, "an insurance that ran out takes it off duty"


@on_both
def test_a_vehicle_stands_by_at_a_gate_it_was_told(app: Flask) -> None:
    save(an_order())
    post = list_posts()["KD0108-12/" + min(k for k in list_posts() if k.startswith("KD0108-12/")).split("/")[1]]
    tell("X1", STANDBY, gate_id=post.gate_id)
    row = get_vehicle("X1")
    assert (row.site, row.gate_name, row.post) == ("KD0108-12", post.name, (post.lat, post.lon))
    with pytest.raises(Invalid, match=r"gate\.unknown"):
        tell("X1", STANDBY, gate_id=999_999)
    tell("X1", OFF)
    assert (get_vehicle("X1").gate_id, get_vehicle("X1").state) == (None, OFF)


@on_both
def test_a_vehicle_on_a_ride_stays_on_duty(app: Flask) -> None:
    a_vehicle("T1")
    ride = an_offer(a_request())
    for do in (
        lambda: archive_vehicle("T1", PROGRAM),
        lambda: save_vehicle(replace(vehicle_order(get_vehicle("T1")), file=VehicleFile()), PROGRAM),
    ):
        with suppress(Refused), transaction():
            do()
        assert get_vehicle("T1").state is STANDBY
    with pytest.raises(Refused, match=r"vehicle\.riding"):
        tell("T1", OFF)
    with transaction():
        take_step(ride, RideState.CANCELLED, DISPATCHER, reason="not needed")
    tell("T1", OFF)
    assert get_vehicle("T1").state is OFF


@on_both
def test_all_that_are_complete_stand_by_at_once(app: Flask) -> None:
    with transaction():
        assert stand_by_all(DISPATCHER) == {"stood": 0, "left": 6}
    for row in list_vehicles(("",))[:40]:
        tell(row.code, OFF)
    before = {row.code: row.state for row in list_vehicles(("",)) if not row.path.startswith("YS-BJ/YS-BJ-110108/")}
    with transaction():
        done = stand_by_all(HAIDIAN)
    after = {row.code: row.state for row in list_vehicles(("",))}
    assert done["stood"] > 0
    assert {code: after[code] for code in before} == before, "others are left alone"
    with transaction():
        stand_by_all(DISPATCHER)
    lacking = {row.code for row in list_vehicles(("",)) if row.list_missing(TODAY)}
    assert {row.code for row in list_vehicles(("",)) if row.state is OFF} == lacking


def test_a_new_link_voids_those_before_it(app: Flask) -> None:
    save(an_order())
    key = row_of("X1").device_key
    with transaction():
        assert new_link("X1", HAIDIAN) == {"code": "X1", "link_no": 2}
    assert (row_of("X1").link_no, row_of("X1").device_key) == (2, key)


@on_both
def test_a_vehicle_with_a_booking_ahead_stays_on_the_list(app: Flask) -> None:
    save(an_order())
    with transaction():
        book(BookingOrder("X1", BookingKind.ROVING, Cast.now, Cast.now + timedelta(hours=1)), HAIDIAN)
    with pytest.raises(Refused, match=r"vehicle\.booked"), transaction():
        archive_vehicle("X1", HAIDIAN)
    clock.show(Cast.now + timedelta(hours=2), clock.real_now())
    with transaction():
        archive_vehicle("X1", HAIDIAN)
    assert find_vehicle("X1") is None
    with pytest.raises(NotFound):
        tell("X1", STANDBY)
    with pytest.raises(Refused, match=r"vehicle\.changed"), transaction():
        archive_vehicle("X1", HAIDIAN)
    save(an_order(version=None))  # an import brings it back
    assert get_vehicle("X1").state is OFF


def test_the_demonstration_s_drivers_are_checked_again_the_next_day(app: Flask) -> None:
    with transaction():
        assert renew_checks(TODAY) == 0
    clock.show(Cast.now + timedelta(days=1), clock.real_now())
    assert all(row.list_missing(TODAY + timedelta(days=1)) for row in list_vehicles(("",)))
    with transaction():
        assert renew_checks(TODAY) == 247  # four were not checked on the first day either
    assert sum(not row.list_missing(TODAY + timedelta(days=1)) for row in list_vehicles(("",))) == 245


RACE = """
from datetime import datetime
from stations.accounts.rules import PROGRAM
from stations.fleet.actions.rides import OfferOrder, offer
from stations.fleet.actions.vehicles import set_state
from stations.fleet.rules.vehicles import VehicleState
from stations.kernel import clock
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Refused
clock.show(datetime.fromisoformat("2027-06-07T07:45:00+08:00"), clock.real_now())
for n, help_id in enumerate(REQUESTS):
    order = OfferOrder(help_id, f"R{n}", 300, 600, "built-in")
    off = lambda: set_state(order.vehicle, VehicleState.OFF, PROGRAM)
    try:
        run_in_transaction(off if number % 2 else lambda: offer(order, PROGRAM))
        print("off" if number % 2 else "sent")
    except Refused as refused:
        print(refused.code)
"""


@on_both
@pytest.mark.timeout(300)
def test_no_vehicle_goes_off_duty_while_it_is_being_sent(app: Flask, database: str) -> None:
    for n in range(10):
        a_vehicle(f"R{n}")
    requests = [a_request() for _n in range(10)]
    db.session.rollback()
    told = Counter(" ".join(run_crowd(database, f"REQUESTS = {requests}\n{RACE}", 8)).split())
    assert told.keys() <= {"off", "sent", "vehicle.off", "vehicle.riding", "help.taken"}
    db.session.rollback()
    sent = set(db.session.execute(select(Ride.vehicle_id)).scalars())
    for row in list_vehicles(("",)):
        if row.code.startswith("R"):
            assert (row.state is STANDBY) == (row.id in sent), row.code
    assert told["sent"] == len(sent)
