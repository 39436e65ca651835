"""The ledger as it is read, taken back and carried away."""

import csv
import io
import re
from base64 import b64decode
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from cast import Cast
from conftest import on_both
from factories.shelves import FAR, a_loan, a_morning, a_transfer
from factories.stock import HERE, THERE, an_item, balances, issue, new_id, on_shelf
from flask import Flask
from listening import listen
from openpyxl import load_workbook

from stations.accounts.rules import PROGRAM
from stations.kernel import clock
from stations.kernel.db import db, transaction
from stations.kernel.sheets import writing
from stations.seasons.queries import get_calendar
from stations.stock.actions.ledger import receive
from stations.stock.queries.ledger import list_differences
from stations.stock.queries.ledger_lines import LineFilter, LineRow, list_lines
from stations.stock.rules.ledger import ReceiveOrder
from stations.web.admin import stock_exports, stock_ledger

Send = Callable[..., Any]
Look = Callable[[], tuple[Any, ...]]
LEDGER = "/admin/stock/ledger/"
pytestmark = pytest.mark.usefixtures("app")


def units(page: str) -> list[str]:
    """The signed quantities, the newest first."""
    return [sign + number for sign, number in re.findall(r'class="digits (?:plus|minus)">([+−])(\d+)<', page)]


def line(**wanted: Any) -> LineRow:
    db.session.rollback()
    return list_lines(LineFilter([""], **wanted), 1)[0]


@on_both
def test_ledger_is_filtered(app: Flask, cast: Cast) -> None:
    a_morning()
    client = cast.haidian
    shown = {
        "": ["−45", "+9", "+3", "+200", "+60"], f"station={HERE}&item=water": ["−45", "+60"],
        "kind=issue": ["−45"], "item=fan": ["+9"], "day=2027-06-07&kind=issue": ["−45"], "day=2027-06-06": [],
        "by=program&item=umbrella": ["+3"], "by=nobody": [], f"station={FAR}": [],
    }  # fmt: skip
    for query, wanted in shown.items():
        answer = client.get(f"{LEDGER}?{query}")
        assert (answer.status_code, units(answer.text)) == (200, wanted), query
    assert "No entry fits this filter." in client.get(f"{LEDGER}?lang=en&by=nobody").text


def test_ledger_is_paged_and_asks_as_often_for_one_as_for_thirty(cast: Cast) -> None:
    an_item()
    client, counts = cast.lead, []
    assert "Nothing has moved yet." in client.get(f"{LEDGER}?lang=en").text
    for number in (1, 29):
        for _time in range(number):
            on_shelf(1)
        client.get(LEDGER)
        with listen() as said:
            page = client.get(LEDGER).text
        counts.append(len(said))
    assert counts[0] == counts[1] <= 5
    assert len(units(page)) == 25
    assert len(units(client.get(f"{LEDGER}?page=2").text)) == 5


def test_line_says_when_it_happened_if_that_was_earlier(cast: Cast) -> None:
    an_item()
    order = ReceiveOrder(new_id(), HERE, "bottles", 3, happened_at=clock.now() - timedelta(minutes=45))
    with transaction():
        receive(order, PROGRAM, get_calendar().zone)
    page = cast.lead.get(f"{LEDGER}?lang=en").text
    assert "07:45" in page
    assert "happened 07:00" in page


def test_filter_that_cannot_be_read_is_refused_in_words(cast: Cast) -> None:
    for query in ("kind=theft", "day=today", "by=" + "x" * 81, "station=%00", "day=9999-12-31", "day=0001-01-01"):
        answer = cast.lead.get(f"{LEDGER}?{query}")
        assert answer.status_code == 400, query
        assert 'class="field__error"' in answer.text


@on_both
def test_entry_is_taken_back_once(app: Flask, cast: Cast, send: Send) -> None:
    a_morning()
    order = line(kind="issue").order_id
    client = cast.lead
    address = f"{LEDGER}{order}/take-back"
    assert address in client.get(f"{LEDGER}{order}").text
    refused = send(client, f"{address}?lang=en", {"reason": ""})
    assert refused.status_code == 400
    assert "Please fill this in." in refused.text
    fields = {"reason": "记错了", "request_id": "take-back-1"}
    assert [send(client, address, fields).status_code for _time in range(2)] == [303, 303]
    db.session.rollback()
    assert balances()[HERE, "water", "A1"] == 60
    again = send(cast.haidian, f"{address}?lang=en", {"reason": "nochmal"})
    assert again.status_code == 409
    assert "already taken back" in again.text
    page = client.get(f"{LEDGER}?lang=en&station={HERE}&item=water").text
    assert units(page) == ["+45", "−45", "+60"]
    assert page.count("taken back") == 1
    assert address not in client.get(f"{LEDGER}{order}").text
    assert list_differences() == []


def test_entry_whose_units_have_gone_on_stays(cast: Cast, send: Send) -> None:
    an_item()
    on_shelf(10)
    order = line().order_id
    issue(8)
    answer = send(cast.lead, f"{LEDGER}{order}/take-back?lang=en", {"reason": "记错了"})
    assert answer.status_code == 409
    assert "Only 2 left" in answer.text
    assert 'value="记错了"' in answer.text


def test_entries_of_others_are_not_there(cast: Cast, send: Send, written: Look) -> None:
    a_morning()
    order = line(station=FAR).order_id
    before = written()
    for client in (cast.lead, cast.haidian):
        assert client.get(f"{LEDGER}{order}").status_code == 404
        assert send(client, f"{LEDGER}{order}/take-back", {"reason": "x"}).status_code == 404
    assert send(cast.observer, f"{LEDGER}{order}/take-back", {"reason": "x"}).status_code == 403
    assert cast.lead.get(f"{LEDGER}nothing-like-it").status_code == 404
    assert written() == before


def sheet(client: Any, name: str) -> list[list[str]]:
    answer = client.get(f"/admin/stock/export/{name}")
    assert answer.status_code == 200, name
    if ".csv" in name:
        assert answer.data.startswith(b"\xef\xbb\xbf")
        text = answer.data.decode("utf-8-sig")
        assert text.count("\r\n") == text.count("\n") > 0
        return list(csv.reader(io.StringIO(text, newline="")))
    book = load_workbook(io.BytesIO(answer.data))
    return [["" if cell is None else str(cell) for cell in row] for row in book.active.iter_rows(values_only=True)]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_exports_hold_ones_own_and_no_formula(ending: str, cast: Cast) -> None:
    a_morning()
    a_loan("0412")
    a_transfer("picked", "sent")
    with transaction():
        receive(ReceiveOrder(new_id(), HERE, "fan", 5, "=1+1", reason="=cmd|'x'!A1"), PROGRAM, get_calendar().zone)
    client, mark = cast.lead, "'" if ending == "csv" else ""
    ledger = sheet(client, f"ledger.{ending}?lang=en")
    assert ledger[0][:5] == ["Line", "Booked", "Happened", "Kind", "Station code"]
    assert {row[4] for row in ledger[1:]} == {HERE}
    assert [row[10] for row in ledger[1:]] == ["60", "3", "-45", "-1", "1", "5"]
    assert (ledger[-1][9], ledger[-1][14]) == (f"{mark}=1+1", f"{mark}=cmd|'x'!A1")
    found = sheet(client, f"balances.{ending}?lang=en")
    assert sorted((row[2], row[3], row[5], row[7]) for row in found[1:]) == [
        ("Lent", "umbrella", "", "1"), ("On the shelf", "fan", f"{mark}=1+1", "5"),
        ("On the shelf", "umbrella", "", "2"), ("On the shelf", "water", "A1", "15"),
    ]  # fmt: skip
    short = sheet(client, f"shortages.{ending}?lang=en")
    assert [(row[0], row[2], row[5], row[13]) for row in short[1:]] == [(HERE, "water", "15", "85")]
    assert len(sheet(cast.company, f"ledger.{ending}")) == 2
    assert len(sheet(cast.haidian, f"ledger.{ending}?item=water&kind=receipt")) == 3
    transit = [row for row in sheet(cast.haidian, f"balances.{ending}?lang=en") if row[2] == "In transit"]
    assert [(row[0], row[7]) for row in transit] == [(THERE, "30")]


def test_a_long_ledger_is_watched_and_comes_in_parts(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    a_morning()
    client = cast.lead
    whole = {ending: sheet(client, f"ledger.{ending}") for ending in ("csv", "xlsx")}
    short = client.get("/admin/stock/ledger/").text
    assert "/admin/stock/export/ledger.xlsx" in short
    monkeypatch.setattr(stock_exports, "LONG_ROWS", 1)
    monkeypatch.setattr(stock_ledger, "LONG_ROWS", 1)
    monkeypatch.setattr(writing, "PART_CHARS", 1)
    links = re.findall(r'href="([^"]*export/ledger\?[^"]*)"', client.get(f"{LEDGER}?item=water").text)
    address = unescape(links[0])
    page = client.get(f"{address}&lang=en").text
    rows = len(sheet(client, "ledger.xlsx?item=water")) - 1
    assert f"{rows} / {rows}" in page
    assert f"{rows} rows" in page
    held = b64decode(re.findall(r'href="data:[^,]+,([^"]+)" download="ledger.xlsx"', page)[0])
    book = load_workbook(io.BytesIO(held))
    assert book.active.max_row == rows + 1 < len(whole["xlsx"])
    parts = client.get("/admin/stock/export/ledger.csv")
    assert "Content-Length" not in parts.headers
    assert list(csv.reader(io.StringIO(parts.data.decode("utf-8-sig"), newline=""))) == whole["csv"]
    monkeypatch.setattr(stock_exports, "MOST_ROWS", {"csv": 2, "xlsx": 1})
    assert client.get("/admin/stock/export/ledger").status_code == 409


def test_exports_that_cannot_be_are_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    a_morning()
    client = cast.lead
    assert client.get("/admin/stock/export/gold.csv").status_code == 404
    assert client.get("/admin/stock/export/ledger.pdf").status_code == 400
    assert client.get("/admin/stock/export/ledger.csv?day=soon").status_code == 400
    monkeypatch.setattr(stock_exports, "MOST_ROWS", {"csv": 2, "xlsx": 1})
    answer = client.get("/admin/stock/export/ledger.csv?lang=en")
    assert answer.status_code == 409
    assert "more than 2 rows" in answer.text
