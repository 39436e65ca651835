"""Every route of the stock pages and of the desk, every account, inside and outside its scope: generated."""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from cast import Cast, token
from factories.shelves import FAR, a_loan, a_morning, a_transfer
from factories.shifts import a_shift, a_volunteer, put
from factories.stock import HERE, THERE, issue, limits, on_shelf
from flask import Flask
from sqlalchemy import select

from stations.accounts.models import Person
from stations.accounts.queries import get_actor
from stations.accounts.rules import Actor
from stations.kernel.db import db
from stations.places.queries.stations import get_station
from stations.stock.queries.alerts import list_alerts
from stations.stock.queries.ledger import last_position
from stations.stock.queries.ledger_lines import LineFilter, list_lines
from stations.stock.queries.loans import list_loans
from stations.workflows.preparing import DEMO_PEOPLE

Look = Callable[[], tuple[Any, ...]]
STATIONS = (HERE, THERE, FAR)


class Door(NamedTuple):
    """One route, about one thing that belongs to these stations."""

    method: str
    address: str
    permission: str
    stations: tuple[str, ...]


@pytest.fixture
def doors(app: Flask) -> list[Door]:
    """Every route, once for each thing that it may be about."""
    a_morning()
    on_shelf(3, "umbrella", FAR)
    for number, station in enumerate(STATIONS):
        if station != THERE:
            a_loan(f"000{number}", station=station)
    issue(76, "water", FAR)
    a_volunteer("S1")
    a_transfer(water=1)
    about: dict[str, list[tuple[dict[str, Any], tuple[str, ...]]]] = {
        "admin_stock_station": [({"code": code, "item": "water", "deed": "issue"}, (code,)) for code in STATIONS],
        "admin_stock_transfers": [({"transfer_id": 1, "wanted": "approved"}, (THERE, HERE))],
        "admin_stock_loans": [({"loan_id": loan.id}, (loan.station,)) for loan in list_loans([""])],
        "admin_stock_ledger": [
            ({"order_id": list_lines(LineFilter([""], station=code), 1)[0].order_id}, (code,)) for code in STATIONS
        ],
        "admin_stock_items": [({"code": "water"}, ())],
        "admin_stock_exports": [({"what": what, "ending": "csv"}, ()) for what in ("ledger", "balances", "shortages")],
        "admin_stock": [({"alert_id": alert.id}, (alert.station,)) for alert in list_alerts([""])],
        "admin_stock_replenish": [],
        "admin_stock_tags": [({"code": "umbrella"}, ())],
        "desk": [({"code": code, "alert_id": 1}, (code,)) for code in STATIONS],
        "desk_transfers": [({"code": code, "transfer_id": 1}, (code,)) for code in STATIONS],
        "desk_entries": [({"code": code}, (code,)) for code in STATIONS],
        "desk_sync": [({"code": code}, (code,)) for code in STATIONS],
        "desk_help": [({"code": code}, (code,)) for code in STATIONS],
        "desk_counsel": [({"code": code}, (code,)) for code in STATIONS],
        "desk_handover": [({"code": code, "number": 1}, (code,)) for code in STATIONS],
        "desk_here": [({"code": code}, (code,)) for code in STATIONS],
        "desk_here_presses": [({"code": HERE, "number": put("S1", a_shift())}, (HERE,))],
    }
    tag = {"item": "umbrella", "tag": "0412"}
    about["desk_tags"] = [(tag | {"code": code}, (code,)) for code in STATIONS]
    found = []
    for rule in app.url_map.iter_rules():
        blueprint = rule.endpoint.partition(".")[0]
        if not blueprint.startswith(("admin_stock", "desk")):
            continue
        assert blueprint in about, f"say what {rule.endpoint} is about"
        assert not rule.arguments or about[blueprint], rule.endpoint
        permission = app.view_functions[rule.endpoint].permission  # type: ignore[attr-defined]
        for values, stations in about[blueprint] if rule.arguments else [({}, ())]:
            with app.test_request_context():
                address = app.url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})
            for method in sorted(rule.methods & {"GET", "POST"}):
                is_anywhere = rule.endpoint == "desk_tags.scanned"
                found.append(Door(method, address, permission, () if is_anywhere else stations))
    assert len(found) >= 55
    return found


def expected(me: Actor, door: Door) -> set[int]:
    """By the rules alone; the forms are sent empty, so that nothing goes through."""
    paths = [get_station(station).path for station in door.stations]
    if not me.may(door.permission):
        return {403}
    if door.address.startswith("/desk"):
        if paths and not any(me.may(door.permission, path) for path in paths):
            return {404}
        return {200, 302} if door.method == "GET" else {400}
    if paths and not any(me.may("stock.read", path) for path in paths):
        return {404} if "/alerts/" not in door.address else {400}
    return {200} if door.method == "GET" else {400, 403}


@pytest.mark.parametrize("username", [name for name, *_rest in DEMO_PEOPLE])
def test_an_account_may_do_what_the_rules_say_and_nothing_else(
    username: str, cast: Cast, send: Callable[..., Any], written: Look, doors: list[Door]
) -> None:
    chosen = select(Person.id).where(Person.username == username)
    me = get_actor(db.session.execute(chosen).scalar_one())
    client, before = cast.sign_in(username), written()
    for door in doors:
        empty = {"request_id": "", "reason": ""}
        answer = client.get(door.address) if door.method == "GET" else send(client, door.address, empty)
        assert answer.status_code in expected(me, door), (username, door, answer.status_code)
    assert written() == before


@pytest.mark.parametrize("username", [name for name, *_rest in DEMO_PEOPLE])
def test_no_page_names_a_station_outside_ones_scope(username: str, cast: Cast, doors: list[Door]) -> None:
    me = get_actor(db.session.execute(select(Person.id).where(Person.username == username)).scalar_one())
    client = cast.sign_in(username)
    hidden = [code for code in STATIONS if not me.may("stock.read", get_station(code).path)]
    for door in doors:
        if door.method == "GET" and door.address != "/admin/stock/transfers/new" and len(door.stations) < 2:
            page = client.get(door.address).text
            for code in hidden:
                assert f"/{code}" not in page.replace(door.address, ""), (username, door.address, code)
                assert f",{code}," not in page, (username, door.address, code)


def test_nobody_reaches_through_ones_own_door_for_what_is_others(
    app: Flask, cast: Cast, send: Callable[..., Any], written: Look, doors: list[Door]
) -> None:
    number = a_transfer("picked", source=THERE, to=FAR, water=2)
    (loan,) = (row for row in list_loans([""]) if row.station == FAR)
    (order, *_rest) = (line.order_id for line in list_lines(LineFilter([""], station=FAR, kind="issue"), 1))
    limits(5, 20, 100, "water", FAR)
    alert = next(row for row in list_alerts([""]) if row.station == FAR)
    before = (*written(), last_position())
    fields = {"reason": "x", "state": "sent", "kind": "reversal", "order_id": order}
    line = f"{FAR}|{HERE}|water|1"
    for username, address in (
        ("lead", f"/desk/{HERE}/transfers/{number}"),
        ("lead", f"/desk/{HERE}/alerts/{alert.id}"),
        ("lead", f"/desk/{HERE}/entry"),
        ("city", f"/desk/{HERE}/transfers/{number}"),  # theirs too, but not this station's
        ("city", f"/desk/{HERE}/alerts/{alert.id}"),
        ("city", f"/desk/{HERE}/entry"),
        ("lead", f"/admin/stock/transfers/{number}/sent"),
        ("lead", f"/admin/stock/alerts/{alert.id}/acknowledge"),
        ("haidian", f"/admin/stock/loans/{loan.id}/lost"),
        ("haidian", f"/admin/stock/ledger/{order}/take-back"),
        ("haidian", f"/admin/stock/stations/{FAR}/water/issue"),
    ):
        answer = send(cast.sign_in(username), address, fields | {"id": uuid4().hex})
        assert answer.status_code == 404, (username, address, answer.status_code)
        assert "<h1" in answer.text
    accepted = send(cast.haidian, "/admin/stock/replenishment", {"line": line, "horizon": "2027-06-07T12:00:00+08:00"})
    assert accepted.status_code == 409
    sent = [{"id": "reversal-0001", "kind": "reversal", "order_id": order}]
    client = cast.lead
    headers = {"X-CSRFToken": token(client, "/account/")}
    (told,) = client.post(f"/desk/{HERE}/entries", json=sent, headers=headers).json["results"]
    assert (told["status"], told["code"]) == ("refused", "stock.order")
    assert (*written(), last_position()) == before


def test_nobody_gets_anything_without_signing_in(app: Flask, written: Look, doors: list[Door]) -> None:
    client, before = app.test_client(), written()
    for door in doors:
        answer = client.open(door.address, method=door.method)
        assert answer.status_code in ({302} if door.method == "GET" else {400, 401}), door
    assert written() == before
