"""The board of what is lent."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cast import Cast
from conftest import on_both
from factories.shelves import a_loan, a_morning
from factories.stock import HERE, THERE, balances, on_shelf
from flask import Flask
from listening import listen

from stations.kernel import clock
from stations.kernel.db import db
from stations.stock.queries.ledger import list_differences
from stations.stock.queries.loans import list_loans

Send = Callable[..., Any]
Look = Callable[[], tuple[Any, ...]]
BOARD = "/admin/stock/loans/"
pytestmark = pytest.mark.usefixtures("app")


def tags(page: str) -> list[str]:
    return re.findall(r">#(\d{4})<", page)


def test_board_shows_the_overdue_first(cast: Cast) -> None:
    a_morning()
    client = cast.haidian
    assert "Nothing is lent." in client.get(f"{BOARD}?lang=en").text
    a_loan("0001")
    clock.show(clock.now() + timedelta(hours=6), clock.real_now())
    a_loan("0002")
    on_shelf(1, "umbrella", THERE)
    a_loan("0003", station=THERE)
    page = client.get(f"{BOARD}?lang=en").text
    assert tags(page) == ["0001", "0002", "0003"]
    assert page.count("loan--late") == 1
    assert "1 overdue" in page
    assert tags(cast.lead.get(BOARD).text) == ["0001", "0002"]
    assert tags(cast.company.get(BOARD).text) == []
    assert "<form" not in cast.observer.get(BOARD).text


def test_board_asks_as_often_for_one_as_for_three(cast: Cast) -> None:
    a_morning()
    client, counts = cast.lead, []
    for new in (("0001",), ("0002", "0003")):
        for tag in new:
            a_loan(tag)
        client.get(BOARD)
        with listen() as said:
            client.get(BOARD)
        counts.append(len(said))
    assert counts[0] == counts[1] <= 4


@on_both
def test_lost_thing_is_written_off_once(app: Flask, cast: Cast, send: Send) -> None:
    a_morning()
    a_loan("0412")
    (loan,) = list_loans([""])
    address = f"{BOARD}{loan.id}/lost"
    refused = send(cast.lead, f"{address}?lang=en", {"reason": ""})
    assert refused.status_code == 400
    assert "Please fill this in." in refused.text
    long = send(cast.lead, f"{address}?lang=en", {"reason": "字" * 201})
    assert long.status_code == 400
    assert "字" * 201 in long.text
    fields = {"reason": "没有归还", "request_id": "lost-0412-1"}
    assert [send(cast.lead, address, fields).status_code for _time in range(2)] == [303, 303]
    db.session.rollback()
    assert list_loans([""]) == []
    assert balances("lent") == {}
    assert balances()[HERE, "umbrella", ""] == 2
    late = send(cast.haidian, f"{address}?lang=en", {"reason": "again"})
    assert late.status_code == 404
    assert "Nothing with tag 0412 is out." in late.text
    assert list_differences() == []


def test_loans_of_others_are_not_there(cast: Cast, send: Send, written: Look) -> None:
    a_morning()
    a_loan("0412")
    (loan,) = list_loans([""])
    before = written()
    assert send(cast.company, f"{BOARD}{loan.id}/lost", {"reason": "x"}).status_code == 404
    assert send(cast.observer, f"{BOARD}{loan.id}/lost", {"reason": "x"}).status_code == 403
    assert send(cast.lead, f"{BOARD}4711/lost", {"reason": "x"}).status_code == 404
    assert written() == before
    assert len(list_loans([""])) == 1
