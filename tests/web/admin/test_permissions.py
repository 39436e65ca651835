"""Every route of the staff, every account, inside and outside its scope: generated, so that no route is forgotten."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cast import Cast
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from stations.accounts.models import Person
from stations.accounts.queries import get_actor
from stations.accounts.rules import PROGRAM, Actor
from stations.fleet.actions.bookings import book
from stations.fleet.models import Booking, Vehicle
from stations.fleet.queries.bookings import BookingRow, get_booking, list_bookings
from stations.fleet.queries.vehicles import get_vehicle, vehicle_order
from stations.fleet.rules.bookings import BookingKind, BookingOrder
from stations.kernel.db import db, transaction
from stations.places.models import ExamSite, Station
from stations.places.queries.sheets import station_order
from stations.places.queries.stations import get_station
from stations.web.guard import ALL_PERMISSIONS, LIBRARY_BLUEPRINTS, PUBLIC_BLUEPRINTS
from stations.workflows import importing
from stations.workflows.preparing import DEMO_PEOPLE
from stations.workflows.sheet_kinds import KINDS

Look = Callable[[], tuple[Any, ...]]

STATIONS = ("GH-HD-01", "GH-HD-02", "MD-001")  # the lead's own, the district's next one, another company's
VEHICLES = ("V001", "V004")  # the district's, the company's
BOOKED = ("V003", "V005")  # the same two hosts
SITE, SESSION = "KD0108-12", "S01"
NO_CERTIFICATE = "2027-000001"  # of a number that was never given; see test_hours.py for real ones
STOCK = "admin_stock"  # pages that begin so are tried in test_stock_permissions.py
DONE, ASKED_WRONGLY = {200, 303}, {400, 409}


def _blueprint(endpoint: str) -> str:
    return endpoint.partition(".")[0]


def test_every_route_says_who_may_open_it(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if _blueprint(rule.endpoint) in PUBLIC_BLUEPRINTS | LIBRARY_BLUEPRINTS:
            continue
        assert getattr(app.view_functions[rule.endpoint], "permission", None) in ALL_PERMISSIONS, rule.endpoint


def _routes(app: Flask, run_id: int) -> list[tuple[str, str, str, str]]:
    """(method, address, endpoint, permission) of every staff route, once for each thing that it may be about."""
    found = []
    for rule in app.url_map.iter_rules():
        if not rule.endpoint.startswith("admin_") or rule.endpoint.startswith(STOCK):
            continue
        permission = app.view_functions[rule.endpoint].permission  # type: ignore[attr-defined]
        for method in sorted(rule.methods & {"GET", "POST"}):
            for values in _values(rule.endpoint, rule.arguments, run_id):
                with app.test_request_context():
                    address = app.url_for(rule.endpoint, **values)
                found.append((method, address, rule.endpoint, permission))
    return found


def _values(endpoint: str, arguments: set[str], run_id: int) -> list[dict[str, Any]]:
    if not arguments:
        return [{}]
    if "code" in arguments:
        about = {
            "admin_stations": STATIONS, "admin_sites": (SITE,), "admin_sessions": (SESSION,),
            "admin_vehicles": VEHICLES,
        }  # fmt: skip
        return [{"code": code} for code in about[_blueprint(endpoint)]]
    if "run_id" in arguments:
        return [{"run_id": run_id}]
    if "booking_id" in arguments:
        return [{"booking_id": row.id} for row in _bookings()]
    if arguments == {"number"}:
        return [{"number": NO_CERTIFICATE}]
    if arguments == {"ending"}:
        return [{"ending": "csv"}]
    assert arguments == {"kind", "ending"}, "say what this route is about"
    return [{"kind": kind, "ending": "csv"} for kind in KINDS]


def _expected(me: Actor, address: str, endpoint: str, permission: str) -> set[int]:
    """By the rules alone."""
    if not me.may(permission):
        return {403}
    last = address.split("/")[3]
    if endpoint.startswith("admin_stations") and last in STATIONS:
        path = get_station(last).path
        if not me.may("places.read", path):
            return {404}
        return DONE if me.may(permission, path) else {403}
    about = _vehicle_path(address, endpoint)
    if about:
        if not me.may("fleet.read", about):
            return {404}
        return DONE if me.may(permission, about) else {403}
    if endpoint in {"admin_imports.template", "admin_imports.export"}:
        return DONE if me.may(KINDS[address.split("/")[-1].removesuffix(".csv")].permission) else {403}
    if endpoint.startswith("admin_imports.") and "/imports/new" not in address and address != "/admin/imports/":
        return DONE | ASKED_WRONGLY if me.username == "admin" else {404}  # the run is the admin's
    return DONE | ASKED_WRONGLY


def _bookings() -> list[BookingRow]:
    day = Cast.now.replace(hour=0, minute=0)
    return list_bookings(("",), day, day + timedelta(days=1))


def _vehicle_path(address: str, endpoint: str) -> str:
    """Whose the vehicle is that the address is about."""
    last = address.split("/")[3]
    if endpoint.startswith("admin_vehicles") and last in VEHICLES:
        return get_vehicle(last).path
    if endpoint == "admin_bookings.cancel":
        return get_booking(int(address.split("/")[4])).path
    return ""


def _fields(address: str, endpoint: str) -> dict[str, str]:
    """What a route needs in order to go through."""
    if endpoint == "admin_vehicles.save":
        vehicle = get_vehicle(address.split("/")[3])
        return vehicle_order(vehicle).values() | {"version": str(vehicle.version)}
    if endpoint == "admin_vehicles.operate":
        return {"state": "off"}
    if endpoint == "admin_stations.save":
        station = get_station(address.split("/")[3])
        return station_order(station).values() | {"version": str(station.version), "verified_at": ""}
    return {"admin_hours.export": {"in_charge": "甲"}, "admin_hours.round_hours": {"rounding": "exact"}}.get(
        endpoint, {}
    )


@pytest.fixture
def run_id(app: Flask) -> int:
    """An import that the admin has looked at; and two vehicles are booked."""
    with transaction():
        for code in BOOKED:
            book(BookingOrder(code, BookingKind.BOOKED, Cast.now, Cast.now + timedelta(hours=1)), PROGRAM)
        return importing.keep_rows(KINDS["stations"], [(2, {"code": "GH-HD-01"})], "a.csv", _actor("admin"))


def _actor(username: str) -> Actor:
    return get_actor(db.session.execute(select(Person.id).where(Person.username == username)).scalar_one())


@pytest.mark.parametrize("username", [name for name, *_rest in DEMO_PEOPLE])
def test_an_account_may_do_what_the_rules_say_and_nothing_else(
    username: str, app: Flask, cast: Cast, send: Callable[..., Any], written: Look, run_id: int
) -> None:
    me = _actor(username)
    client, before = cast.sign_in(username), written()
    for method, address, endpoint, permission in _routes(app, run_id):
        expected = _expected(me, address, endpoint, permission)
        if NO_CERTIFICATE in address and me.may(permission):
            expected = {404}
        answer = client.get(address) if method == "GET" else send(client, address, _fields(address, endpoint))
        assert answer.status_code in expected, (username, method, address, answer.status_code, expected)
        after = written()
        is_written = method == "POST" and answer.status_code in DONE
        assert (after != before) == is_written, (username, method, address)
        before = after
        if endpoint.endswith((".archive", ".cancel")):
            _bring_back()
            before = written()


def _bring_back() -> None:
    with transaction():
        for table in (Station, ExamSite, Vehicle):
            db.session.execute(update(table).values(archived_at=None))
        db.session.execute(update(Booking).values(cancelled_at=None))


def test_nobody_gets_anything_without_signing_in(app: Flask, client: FlaskClient, written: Look, run_id: int) -> None:
    before = written()
    for method, address, _endpoint, _permission in _routes(app, run_id):
        answer = client.open(address, method=method)
        if method == "GET":
            assert answer.status_code == 302, address
            assert answer.headers["Location"].startswith("/account/sign-in"), address
        else:
            assert answer.status_code in {400, 401}, address
    assert written() == before
