"""Whatever is sent to the organizer's stock pages: an answer in words, never a failure, nothing half-written."""

from collections.abc import Callable
from itertools import cycle, islice
from typing import Any

import pytest
from cast import Cast
from conftest import on_both
from factories.shelves import a_loan, a_morning, a_transfer
from factories.stock import HERE, THERE
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from stations.kernel.db import db
from stations.stock.queries.ledger import last_position, list_differences

Send = Callable[..., TestResponse]
ATTACKS = (
    "a\0b",
    "\0",
    "\u0007",
    "\ud7ff\ufffe",
    "😀" * 9,
    "x" * 300_000,
    "9" * 5000,
    str(10**9),
    str(10**30),
    "-1",
    "1.5",
    "１２",
    "三点五",
    "一百万万亿",
    "NaN",
    "inf",
    "1e400",
    "1e3",
    "0",
    "%",
    "_",
    "%%' OR 1=1 --",
    "../../etc",
    "<b>x",
    "{{7*7}}",
    "%(x)s",
    "0000-01-01",
    "0001-01-01",
    "9999-12-31",
    "2020-01-01",
    "lot:",
    "lot:A1",
    "lot:\0",
    "lot:" + "x" * 60,
    "yes",
    "GH-HD-01|GH-HD-02|water|" + "9" * 30,
    "|||",
    "2027-06-07T08:00:00+08:00",
    "0001-01-01T00:00:00+14:00",
    " ",
    "water",
)
TRIED = 4  # of them for each field, in turn
SHELF = f"/admin/stock/stations/{HERE}/water/"
FORMS: dict[str, dict[str, str]] = {
    SHELF + "receive": {"quantity": "3", "lot": "L1", "expiry_date": "2027-12-31", "reason": "x"},
    SHELF + "issue": {"quantity": "1", "lot": "lot:A1", "reason": "x"},
    SHELF + "count": {"quantity": "20", "lot": "lot:A1", "reason": "x", "position": "5"},
    SHELF + "write-off": {"quantity": "1", "lot": "lot:A1", "reason": "x"},
    SHELF + "assemble": {"quantity": "1"},
    SHELF + "limits": {"min_level": "1", "reorder_level": "2", "max_level": "3"},
    "/admin/stock/transfers/new": {
        "source": THERE, "to": HERE, "vehicle": "x", "reason": "x", "item": "water", "quantity": "1"
    },
    "/admin/stock/transfers/1/picked": {"vehicle": "x", "reason": "x"},
    "/admin/stock/transfers/2/received": {"quantity-1": "1", "reason-1": "x"},
    "/admin/stock/loans/1/lost": {"reason": "x"},
    "/admin/stock/replenishment": {
        "horizon": "2027-06-07T12:00:00+08:00", "line": f"{THERE}|{HERE}|water|3", "until": "4h"
    },
    "/admin/stock/items/new": {
        "code": "new", "name": "x", "name_en": "x", "category": "drink", "unit": "瓶", "case_unit": "箱",
        "units_per_case": "2", "contains_alcohol": "no", "exam_room": "unknown", "service": "", "parts": "water*2",
        "version": "0",
    },
    "/admin/imports/new": {"kind": "stock", "pasted": f"站点\t物资\t数量\n{HERE}\t水\t3"},
}  # fmt: skip


@pytest.fixture
def city(cast: Cast) -> FlaskClient:
    a_morning()
    a_transfer(water=1)
    a_transfer("picked", "sent", water=1)
    a_loan("0412")
    return cast.city


@on_both
def test_any_word_in_any_field_is_answered(city: FlaskClient, send: Send) -> None:
    attacks = cycle(ATTACKS)
    for address, fields in FORMS.items():
        for name in fields:
            for attack in islice(attacks, TRIED):
                before = last_position()
                answer = send(city, address, fields | {name: attack})
                about = (address, name, attack[:30], answer.status_code)
                assert answer.status_code < 500, about
                assert answer.status_code < 400 or ("<h1" in answer.text and "Traceback" not in answer.text), about
                db.session.rollback()
                assert answer.status_code < 400 or last_position() == before, about
    assert list_differences() == []


@on_both
def test_a_lot_is_named_in_words_that_the_ledger_can_keep(city: FlaskClient, send: Send) -> None:
    for lot in ("lot:\0", "lot:" + "x" * 41, "A1"):
        for deed in ("issue", "count", "write-off"):
            fields = {"quantity": "20", "lot": lot, "reason": "x", "position": "5"}
            assert send(city, SHELF + deed, fields).status_code == 400, (lot[:9], deed)


@on_both
def test_a_field_that_comes_twice_is_refused(city: FlaskClient, send: Send) -> None:
    before = last_position()
    for address, fields in FORMS.items():
        for name in fields.keys() - {"item", "line", "kind", "until", "horizon", "pasted"}:
            if "-" not in name and not ("quantity" in name and "new" in address):
                twice: dict[str, Any] = fields | {name: [fields[name] or "x"] * 2}
                assert send(city, address, twice).status_code == 400, (address, name)
    db.session.rollback()
    assert last_position() == before
