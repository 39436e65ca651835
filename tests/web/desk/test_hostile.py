"""What no phone of ours sends to a desk: refused in words on both databases, with nothing half-written."""

from collections.abc import Callable
from typing import Any

import pytest
from cast import Cast
from conftest import on_both
from factories.shelves import a_loan, a_morning, a_transfer
from factories.stock import HERE, THERE, an_item, balances, on_shelf
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from stations.kernel.db import db, transaction
from stations.stock.models import Movement
from stations.stock.queries.ledger import last_position, list_differences

Send = Callable[..., TestResponse]
KINDS = ("issue", "receipt", "write_off", "count", "loan", "return", "reversal")
WORDS = (
    "a\0b",
    "\0",
    "\u0007",
    "\ud7ff\ufffe",
    "😀" * 9,
    "x" * 20_000,
    "9" * 5000,
    10**9,
    10**30,
    -1,
    1.5,
    "１２",
    "三点五",
    "NaN",
    "inf",
    "1e400",
    0,
    "%",
    "_",
    "' OR 1=1 --",
    "../..",
    "{{7*7}}",
    "%(x)s",
    "0001-01-01",
    "9999-12-31",
    "2020-01-01",
    None,
    True,
    "water",
    "umbrella",
    "0412",
    "2027-06-07T08:00:00+08:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    [],
    {},
    [[1]],
    " ",
    "1瓶",
    "2箱",
    "import:1:0",
    "entry-0001 " * 2000,
)
NAMES = ("item", "quantity", "lot", "expiry_date", "position", "seen", "tag", "reason", "happened_at", "order_id")
words = st.sampled_from(WORDS)
right = st.fixed_dictionaries(
    {"id": st.uuids().map(str) | words, "kind": st.sampled_from(KINDS), "item": st.sampled_from(("water", "umbrella")),
     "quantity": st.sampled_from((1, "1箱")), "tag": st.just("0413"), "reason": st.just("x")},
)  # fmt: skip
wrong = st.dictionaries(st.sampled_from(NAMES), words, max_size=2)
entries = st.builds(lambda entry, changes: entry | changes, right, wrong)


@pytest.fixture
def lead(cast: Cast) -> FlaskClient:
    return cast.lead


@on_both
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=st.lists(entries, min_size=15, max_size=15))
def test_any_entries_are_answered_one_by_one(lead: FlaskClient, sync: Send, sent: list[dict[str, Any]]) -> None:
    if "water" not in {item for _station, item, _lot in balances()}:
        a_morning()
        a_transfer(water=1)
        a_loan("0412")
    db.session.rollback()
    answer = sync(lead, sent)
    assert answer.status_code == 200, answer.text
    results = answer.json["results"]
    assert len(results) == len(sent)
    assert all(result["message"] for result in results if result["status"] == "refused")
    assert list_differences() == []


@on_both
def test_a_form_with_any_word_is_answered(cast: Cast, send: Send) -> None:
    a_morning()
    a_transfer("picked", "sent", water=1)
    a_loan("0412")
    lead = cast.lead
    right = {"item": "water", "quantity": "1", "tag": "0413", "reason": "x"}
    for number, word in enumerate(word for word in WORDS[::2] if isinstance(word, str | int | float)):
        kind, name = KINDS[number % len(KINDS)], NAMES[number % len(NAMES)]
        for address, fields in (
            (f"/desk/{HERE}/entry", right | {"kind": kind, name: word}),
            (f"/desk/{HERE}/transfers/1", {"state": "received", "reason-water": "x", "received-water": word}),
            (f"/desk/{HERE}/operate", {"state": "paused", "reason": word}),
        ):
            before = last_position()
            answer = send(lead, address, **fields)
            assert answer.status_code < 500, (address, kind, name, word)
            assert answer.status_code < 400 or "<h1" in answer.text
            db.session.rollback()
            assert answer.status_code < 400 or last_position() == before, (address, kind, name, word)
    assert list_differences() == []


@on_both
def test_an_id_that_the_program_would_use_is_no_id(cast: Cast, send: Send, sync: Send) -> None:
    """Else a desk could book ahead what an import or a transfer is going to need."""
    an_item()
    on_shelf(50)
    lead = cast.lead
    fields = {"kind": "issue", "item": "bottles", "quantity": 1}
    for taken in ("import:1:0", "hold:1:20270607084500", "undo:import:1:0", "request-1:lost:1"):
        assert send(lead, f"/desk/{HERE}/entry", **fields, id=taken).status_code == 400
        assert sync(lead, [fields | {"id": taken}]).json["results"][0]["status"] == "refused"
    assert balances() == {(HERE, "bottles", ""): 50}


@on_both
def test_a_count_that_has_seen_too_much_is_refused_in_words(cast: Cast, send: Send, sync: Send) -> None:
    an_item()
    on_shelf(50)
    seen = " ".join(f"entry-{number:05}" for number in range(70_000))
    fields = {"kind": "count", "item": "bottles", "quantity": 5, "id": "the-count", "seen": seen}
    answer = sync(cast.lead, [fields])
    assert answer.status_code == 200
    assert "Please send it first" in answer.json["results"][0]["message"] or "先" in answer.text
    assert send(cast.lead, f"/desk/{HERE}/entry", **fields).status_code == 400
    assert balances() == {(HERE, "bottles", ""): 50}


@on_both
def test_counting_goes_on_when_the_ledger_is_long(cast: Cast, sync: Send) -> None:
    an_item()
    on_shelf(50)
    with transaction():
        first = db.session.execute(Movement.__table__.select()).mappings().one()
        later = {**first, "id": 5_000_000, "order_id": "the-last-line", "quantity": 7, "balance": 57}
        db.session.execute(Movement.__table__.insert(), [later])
    position = cast.lead.get(f"/desk/{HERE}/now").json["position"]
    assert position == 5_000_000
    counted = {"id": "the-count", "kind": "count", "item": "bottles", "quantity": 50, "position": position}
    (result,) = sync(cast.lead, [counted]).json["results"]
    assert result["status"] == "done", result


@on_both
def test_a_delivery_with_a_date_and_no_number_does_not_stop_those_without(cast: Cast, sync: Send) -> None:
    an_item()
    receipt = {"kind": "receipt", "item": "bottles", "quantity": 5}
    dated = {"id": "receipt-1", "expiry_date": "2027-06-30"} | receipt
    sent = [dated, {"id": "receipt-2"} | receipt, dated | {"id": "receipt-3", "expiry_date": "2027-07-31"}]
    assert [result["status"] for result in sync(cast.lead, sent).json["results"]] == ["done"] * 3
    assert balances() == {(HERE, "bottles", lot): 5 for lot in ("", "20270630", "20270731")}


@on_both
def test_what_is_sent_late_makes_nothing_older(cast: Cast, sync: Send) -> None:
    """Another phone's entry of 05:45 comes at 07:45: what was true at 07:45 still is."""
    an_item()
    on_shelf(50)
    for number, kind in enumerate(("issue", "receipt")):
        late = {"id": f"late-{number:04}", "kind": kind, "item": "bottles", "quantity": 1}
        answer = sync(cast.lead, [late | {"happened_at": "2027-06-07T05:44:00+08:00"}])
        assert answer.json["results"][0]["status"] == "done"
        supplies = cast.lead.get(f"/api/v1/stations/{HERE}").json["supplies"]
        assert [(row["state"], row["last_true_at"][:16]) for row in supplies] == [("enough", "2027-06-07T07:45")]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_any_kind_of_content_is_answered(cast: Cast, sync: Send, kind: str) -> None:
    an_item()
    on_shelf(50, station=THERE)
    for content in (b"", b"[]", b"a=b", b"--x--", b'[{"id":"\\ud800","kind":"issue"}]', b'[{"id":1e999}]', b"[NaN]"):
        answer = sync(cast.lead, content, content_type=kind)
        assert answer.status_code in {200, 400}, (kind, content)
        assert answer.json.get("detail") or answer.json["results"] is not None
