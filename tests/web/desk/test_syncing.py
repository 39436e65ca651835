"""A phone's outbox: in order, each entry once, one that is refused stops nobody; nothing is ever half booked."""

from collections.abc import Callable
from typing import Any

import pytest
from cast import Cast
from conftest import on_both
from factories.stock import HERE, THERE, an_item, balances, on_shelf
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from stations.kernel.db import db
from stations.stock.models import Movement
from stations.stock.queries.ledger import list_differences

Send = Callable[..., TestResponse]


def entry(number: int, quantity: Any = 1, kind: str = "issue", **fields: Any) -> dict[str, Any]:
    """One entry as a phone writes it."""
    return {"id": f"entry-{number:04}", "kind": kind, "item": "bottles", "quantity": quantity} | fields


def ledger() -> list[tuple[str, str, int]]:
    """(order, kind, units) of what the lead has booked."""
    db.session.rollback()
    fields = (Movement.order_id, Movement.kind, Movement.quantity)
    lines = db.session.execute(select(*fields).where(Movement.actor == "lead").order_by(Movement.id))
    return [tuple(line) for line in lines]


def statuses(answer: TestResponse) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [result["status"] for result in answer.json["results"]]


@on_both
def test_outbox_is_booked_in_order_and_once(cast: Cast, sync: Send) -> None:
    an_item()
    on_shelf(100)
    lead = cast.lead
    entries = [
        entry(1, "1箱"), entry(2, 5000), entry(3, "３瓶"), entry(4, "两瓶", kind="write_off", reason="破损"),
        entry(5, "2箱+6瓶", kind="receipt", lot="L1", expiry_date="2027年6月30日"), entry(6, "3箱"),
    ]  # fmt: skip
    first = sync(lead, entries)
    assert statuses(first) == ["done", "refused", "done", "done", "done", "done"]
    assert "100" not in first.json["results"][1]["message"]
    assert "76" in first.json["results"][1]["message"]
    booked = ledger()
    assert [order for order, _kind, _units in booked] == [
        "entry-0001", "entry-0003", "entry-0004", "entry-0005", "entry-0006", "entry-0006"
    ]  # fmt: skip
    assert first.json["tiles"]["bottles"]["on_hand"] == 100 - 24 - 3 - 2 + 54 - 72
    again = sync(lead, entries)
    assert statuses(again) == ["replay", "refused", "replay", "replay", "replay", "replay"]
    assert [result["lines"] for result in again.json["results"]] == [r["lines"] for r in first.json["results"]]
    assert ledger() == booked
    assert list_differences() == []


def test_every_kind_of_entry_is_understood(cast: Cast, sync: Send) -> None:
    an_item()
    an_item("umbrella", unit="把", case_unit="", units_per_case=1, is_lent=True)
    on_shelf(50)
    on_shelf(2, "umbrella")
    lead = cast.lead
    answer = sync(lead, [
        entry(1, 5), entry(2, kind="reversal", item=None, quantity=None, order_id="entry-0001"),
        entry(3, kind="loan", item="umbrella", quantity=None, tag="0412"),
        entry(4, kind="return", item="umbrella", quantity=None, tag="０４１２"),
        entry(5, kind="reversal", item=None, quantity=None, order_id="entry-0001"),
    ])  # fmt: skip
    assert statuses(answer) == ["done", "done", "done", "done", "refused"]
    assert balances() == {(HERE, "bottles", ""): 50, (HERE, "umbrella", ""): 2}


def test_count_knows_what_the_same_phone_had_queued_before_it(cast: Cast, sync: Send) -> None:
    """Counted 40 after handing out 8 of 50 without a network: two are missing, not ten."""
    an_item()
    on_shelf(50)
    lead = cast.lead
    position = lead.get(f"/desk/{HERE}/now").json["position"]
    sync(cast.haidian, [entry(90, 3)])  # somebody else, later on top
    answer = sync(lead, [
        entry(1, 5), entry(2, 3), entry(3, 40, kind="count", position=position, seen="entry-0001 entry-0002")
    ])  # fmt: skip
    assert statuses(answer) == ["done", "done", "done"]
    assert answer.json["results"][2]["lines"][0]["quantity"] == -2
    assert balances() == {(HERE, "bottles", ""): 37}


def test_id_stands_for_one_content(cast: Cast, sync: Send) -> None:
    an_item()
    on_shelf(50)
    lead = cast.lead
    assert statuses(sync(lead, [entry(1, 5), entry(1, 5), entry(1, 6)])) == ["done", "replay", "refused"]
    assert statuses(sync(lead, [entry(1, 5, kind="receipt")])) == ["refused"]
    assert statuses(sync(cast.haidian, [entry(1, 5)])) == ["refused"]
    assert balances() == {(HERE, "bottles", ""): 45}


@pytest.mark.parametrize(
    "fields",
    [
        {"quantity": 10**9}, {"quantity": -3}, {"quantity": 0}, {"quantity": "1.5"}, {"quantity": 0.5},
        {"quantity": "三点五"}, {"quantity": "一些"}, {"quantity": ""}, {"quantity": None}, {"quantity": True},
        {"quantity": [1]}, {"quantity": {"a": 1}}, {"quantity": "9" * 400}, {"quantity": "1e3e3"},
        {"item": "nothing"}, {"item": "\u0000"}, {"item": None}, {"item": "../x"}, {"kind": "gift"}, {"kind": None},
        {"id": "short"}, {"id": None}, {"id": 7}, {"id": "x" * 65}, {"id": "' OR 1=1 --"},
        {"kind": "count", "position": 10**30}, {"kind": "count", "position": "x"}, {"kind": "count", "seen": "a b"},
        {"kind": "receipt", "expiry_date": "2027-02-30"}, {"kind": "receipt", "expiry_date": "2020-01-01"},
        {"kind": "receipt", "lot": "x" * 41}, {"kind": "write_off"}, {"kind": "loan", "tag": "1234"},
        {"kind": "return", "tag": "12"}, {"kind": "reversal"}, {"kind": "reversal", "order_id": "nobody-knows"},
        {"happened_at": "yesterday"}, {"happened_at": "2027-06-07T07:00:00"}, {"happened_at": "2027-06-01T07:00:00Z"},
        {"happened_at": "0001-01-01T00:00:00+14:00"}, {"lot": "L9"}, {"reason": "x" * 201},
    ],
)  # fmt: skip
def test_bad_entry_is_refused_in_words_and_stops_nobody(cast: Cast, sync: Send, fields: dict[str, Any]) -> None:
    an_item()
    on_shelf(50)
    answer = sync(cast.lead, [entry(1, 2), entry(2, 3) | fields, entry(3, 4)])
    assert statuses(answer) == ["done", "refused", "done"]
    assert len(answer.json["results"][1]["message"]) > 5
    assert balances() == {(HERE, "bottles", ""): 44}


def test_time_of_the_phone_is_kept_and_never_in_the_future(cast: Cast, sync: Send) -> None:
    an_item()
    on_shelf(50)
    late, early = "9999-12-31T23:59:59-14:00", "2027-06-07T06:30:00+08:00"
    assert statuses(sync(cast.lead, [entry(1, happened_at=late), entry(2, happened_at=early)])) == ["done", "done"]
    db.session.rollback()
    times = db.session.execute(select(Movement.at, Movement.happened_at).where(Movement.actor == "lead")).all()
    assert times[0].happened_at == times[0].at
    assert times[1].happened_at.isoformat() == "2027-06-06T22:30:00+00:00"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"{}", b"null", b"7", b'"x"', b"\xff\xfe", b"[" * 100_000, b"[1, {]"]
)  # fmt: skip
def test_what_is_no_list_is_refused_whole(cast: Cast, sync: Send, body: bytes) -> None:
    answer = sync(cast.lead, body)
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert answer.json["detail"]


def test_list_of_nonsense_is_refused_one_by_one(cast: Cast, sync: Send) -> None:
    answer = sync(cast.lead, [1, None, "x", [], {}, {"id": []}])
    assert statuses(answer) == ["refused"] * 6


def test_too_much_at_once_is_refused_whole(cast: Cast, sync: Send) -> None:
    an_item()
    on_shelf(2000)
    lead = cast.lead
    assert sync(lead, [entry(number) for number in range(1001)]).status_code == 400
    assert sync(lead, b"[" + b" " * (1024 * 1024) + b"]").status_code == 413
    assert ledger() == []


def test_only_who_may_write_here_is_heard(cast: Cast, sync: Send, client: FlaskClient) -> None:
    an_item()
    on_shelf(50)
    on_shelf(50, station=THERE)
    assert sync(cast.lead, [entry(1)], THERE).status_code == 404
    assert sync(cast.company, [entry(1)]).status_code == 404
    assert sync(cast.lead, [entry(1)], "no-such").status_code == 404
    assert sync(cast.observer, [entry(1)]).status_code == 403
    assert cast.lead.post(f"/desk/{HERE}/entries", json=[entry(1)]).status_code == 400  # without its token
    assert client.post(f"/desk/{HERE}/entries", json=[entry(1)]).status_code in {400, 401}
    assert balances() == {(HERE, "bottles", ""): 50, (THERE, "bottles", ""): 50}


def test_answer_redraws_the_desk(cast: Cast, sync: Send) -> None:
    an_item()
    on_shelf(50)
    lead = cast.lead
    answer = sync(lead, [entry(1, 26)]).json
    page = lead.get(f"/desk/{HERE}").text
    assert "1箱" in answer["tiles"]["bottles"]["html"]
    assert answer["person"] == "lead"
    assert set(answer["parts"]) == {"alerts", "loans", "entries", "issued"}
    assert f'data-position="{answer["position"]}"' in page
    assert "entry-0001" in answer["parts"]["entries"]
