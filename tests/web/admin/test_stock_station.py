"""A station's shelves, and everything that may be done at one of them."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from cast import Cast
from conftest import on_both
from factories.shelves import a_loan, a_morning, a_transfer
from factories.stock import HERE, THERE, an_item, balances, issue, limits, on_shelf
from flask import Flask
from listening import listen

from stations.kernel.db import db
from stations.stock.queries.ledger import last_position, list_differences
from stations.stock.queries.ledger_lines import LineFilter, LineRow, list_lines

Send = Callable[..., Any]
Look = Callable[[], tuple[Any, ...]]
WATER = f"/admin/stock/stations/{HERE}/water"
pytestmark = pytest.mark.usefixtures("app")


def newest() -> LineRow:
    db.session.rollback()
    return list_lines(LineFilter([""]), 1)[0]


def there(item: str = "water") -> dict[str, int]:
    db.session.rollback()
    return {lot: units for (station, code, lot), units in balances().items() if (station, code) == (HERE, item)}


def test_station_shows_shelves_lots_transfers_and_loans(cast: Cast) -> None:
    a_morning()
    a_loan("0412")
    number = a_transfer(water=20)
    page = cast.haidian.get(f"/admin/stock/stations/{HERE}?lang=en").text
    assert "15 bottles" in page
    assert "A1" in page
    assert "5 / 20 / 100" in page
    assert f"/admin/stock/transfers/{number}" in page
    assert "#0412" in page
    assert f'href="/admin/stock/stations/{HERE}/fan?lang=en"' in page  # never here: to be received
    lead = cast.observer.get(f"/admin/stock/stations/{HERE}").text
    assert "<form" not in lead


def test_station_of_others_is_not_there(cast: Cast) -> None:
    a_morning()
    for address in (f"/admin/stock/stations/{THERE}", f"/admin/stock/stations/{THERE}/water"):
        assert cast.lead.get(address).status_code == 404
        assert cast.company.get(address).status_code == 404
    for address in (f"/admin/stock/stations/{HERE}/gold", "/admin/stock/stations/NOWHERE", WATER + "/nothing"):
        assert cast.lead.get(address).status_code in (404, 405)


def test_station_asks_as_often_for_one_item_as_for_three(cast: Cast) -> None:
    client = cast.lead
    counts = []
    for codes in (["one"], ["two", "three"]):
        for code in codes:
            an_item(code)
            on_shelf(30, code)
        client.get(f"/admin/stock/stations/{HERE}")
        with listen() as said:
            assert client.get(f"/admin/stock/stations/{HERE}").status_code == 200
        counts.append(len(said))
    assert counts[0] == counts[1] <= 9


def test_station_without_stock_says_what_to_do(cast: Cast) -> None:
    assert "/admin/stock/items/" in cast.city.get(f"/admin/stock/stations/{HERE}").text
    an_item("water")
    page = cast.city.get(f"/admin/stock/stations/{HERE}?lang=en").text
    assert "Nothing has ever been on a shelf here." in page
    assert f'{WATER}?lang=en"' in page


@on_both
def test_units_are_received_issued_counted_and_written_off(app: Flask, cast: Cast, send: Send) -> None:
    a_morning()
    client = cast.lead
    received = {"quantity": "２箱+6瓶", "lot": "B2", "expiry_date": "2027-08-01", "reason": "送货单 7"}
    assert send(client, f"{WATER}/receive", received).status_code == 303
    assert there() == {"A1": 15, "B2": 54}
    assert send(client, f"{WATER}/issue", {"quantity": "两箱"}).status_code == 303
    assert there() == {"A1": 15, "B2": 6}  # first expired first
    assert send(client, f"{WATER}/write-off", {"quantity": "1", "lot": "lot:A1", "reason": "破损"}).status_code == 303
    assert (newest().kind, newest().reason, newest().lot) == ("write_off", "破损", "A1")
    assert send(client, f"{WATER}/count", {"quantity": "18", "position": last_position()}).status_code == 303
    assert there() == {"A1": 14, "B2": 4}
    assert list_differences() == []


def test_delivery_without_number_is_named_by_its_date(cast: Cast, send: Send) -> None:
    a_morning()
    assert send(cast.lead, f"{WATER}/receive", {"quantity": "5", "expiry_date": "2027-07-01"}).status_code == 303
    assert there() == {"A1": 15, "20270701": 5}


@on_both
def test_count_keeps_what_moved_since_it_was_seen(app: Flask, cast: Cast, send: Send, fields_of: Any) -> None:
    a_morning()
    client = cast.lead
    fields = fields_of(client.get(WATER).text, f"{WATER}/count")
    issue(5, "water", HERE)
    assert send(client, f"{WATER}/count", fields | {"quantity": "14"}).status_code == 303
    assert there() == {"A1": 9}  # 15 seen, 14 counted, 5 gone since


@on_both
def test_sending_a_deed_twice_books_it_once(app: Flask, cast: Cast, send: Send) -> None:
    a_morning()
    for _time in range(2):
        answer = send(cast.lead, f"{WATER}/issue", {"quantity": "3", "request_id": "once-only-1"})
        assert answer.status_code == 303
    assert there() == {"A1": 12}
    assert send(cast.haidian, f"{WATER}/issue", {"quantity": "3", "request_id": "once-only-1"}).status_code == 409
    assert there() == {"A1": 12}


WRONG: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("issue", {"quantity": ""}, "fill this in"),
    ("issue", {"quantity": "0"}, "from 1 to"),
    ("issue", {"quantity": "-3"}, "below zero"),
    ("issue", {"quantity": "1.5"}, "whole number"),
    ("issue", {"quantity": "1000000000"}, "more than"),
    ("issue", {"quantity": "viele"}, "not a number"),
    ("issue", {"quantity": "16"}, "Only 15 left"),
    ("issue", {"quantity": "1", "lot": "lot:A1"}, "say why"),
    ("issue", {"quantity": "1", "lot": "A1"}, "not one of the choices"),
    ("issue", {"quantity": "1", "request_id": "x"}, "request id"),
    ("write-off", {"quantity": "1"}, "say why"),
    ("write-off", {"quantity": "1", "reason": "字" * 201}, "at most 200"),
    ("receive", {"quantity": "3", "expiry_date": "soon"}, "is not a date"),
    ("receive", {"quantity": "3", "lot": "A1", "expiry_date": "2027-09-01"}, "another expiry date"),
    ("receive", {"quantity": "3", "expiry_date": "2027-01-01"}, "has expired"),
    ("count", {"quantity": "15", "position": "999999"}, "out of step"),
    ("count", {"quantity": "15"}, "fill this in"),
    ("limits", {"min_level": "9", "reorder_level": "5", "max_level": "20"}, "must rise"),
    ("limits", {"min_level": "a", "reorder_level": "5", "max_level": "20"}, "not a number"),
    ("assemble", {"quantity": "1"}, "not a kit"),
)


@pytest.mark.parametrize(("deed", "fields", "says"), WRONG)
def test_refused_deed_says_why_and_keeps_what_was_typed(
    deed: str, fields: dict[str, Any], says: str, cast: Cast, send: Send, written: Look
) -> None:
    a_morning()
    before, stock = written(), there()
    answer = send(cast.lead, f"{WATER}/{deed}?lang=en", fields)
    assert answer.status_code in (400, 409), answer.status_code
    assert (written(), there()) == (before, stock)
    if deed == "assemble":
        return  # water has no such form; nothing to draw it in
    form = answer.text.split(f'id="{deed}" open')[1].split("</details>")[0]
    assert says in form
    for name in set(fields) - {"request_id", "position", "lot"}:
        assert f'value="{fields[name]}"' in form


def test_limits_are_set_and_ring_at_once(cast: Cast, send: Send) -> None:
    a_morning()
    client = cast.lead
    answer = send(client, f"{WATER}/limits", {"min_level": "10", "reorder_level": "1箱", "max_level": "5箱"})
    assert answer.status_code == 303
    page = client.get(WATER).text
    assert re.findall(r'name="\w+_level"[^>]*value="(\d+)"', page) == ["10", "24", "120"]


def test_kit_is_assembled_and_taken_apart(cast: Cast, send: Send) -> None:
    a_morning()
    an_item("kit", name_en="Kit", category="kit", unit="个", case_unit="", units_per_case=1, parts={"water": 2})
    client, kit = cast.lead, f"/admin/stock/stations/{HERE}/kit"
    assert f"{kit}/assemble" in client.get(kit).text
    assert f"{WATER}/assemble" not in client.get(WATER).text
    assert send(client, f"{kit}/assemble", {"quantity": "4"}).status_code == 303
    assert (there(), there("kit")) == ({"A1": 7}, {"": 4})
    assert send(client, f"{kit}/take-apart", {"quantity": "1"}).status_code == 303
    assert (there(), there("kit")) == ({"A1": 7, "": 2}, {"": 3})
    answer = send(client, f"{kit}/assemble?lang=en", {"quantity": "40"})
    assert answer.status_code == 409
    assert "Only" in answer.text
    assert list_differences() == []


def test_only_who_may_write_there_acts(cast: Cast, send: Send, written: Look) -> None:
    a_morning()
    before = written()
    assert send(cast.observer, f"{WATER}/issue", {"quantity": "1"}).status_code == 403
    assert send(cast.company, f"{WATER}/issue", {"quantity": "1"}).status_code == 404
    assert send(cast.lead, f"/admin/stock/stations/{THERE}/water/issue", {"quantity": "1"}).status_code == 404
    assert send(cast.lead, f"{WATER}/burn", {"quantity": "1"}).status_code == 404
    assert written() == before
    assert there() == {"A1": 15}


def test_alcohol_is_warned_of(cast: Cast) -> None:
    an_item("huoxiang", contains_alcohol=True, exam_room="forbidden")
    on_shelf(5, "huoxiang")
    limits(1, 2, 3, "huoxiang")
    page = cast.lead.get(f"/admin/stock/stations/{HERE}/huoxiang?lang=en").text
    assert "not for drivers, nor with cephalosporins" in page
    assert "Not allowed in the exam room" in page
