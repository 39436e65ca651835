"""Lent by tag, taken back anywhere, once; nobody's name is kept."""

from datetime import timedelta

import pytest
from conftest import on_both
from factories.stock import HERE, THERE, an_item, balances, new_id, on_shelf, refuses
from flask import Flask

from stations.accounts.rules import PROGRAM
from stations.kernel import clock
from stations.kernel.db import transaction
from stations.seasons.queries import get_calendar
from stations.stock.actions.loans import give_back, give_up, lend
from stations.stock.queries.ledger import list_differences
from stations.stock.queries.loans import list_loans
from stations.stock.rules.loans import LoanOrder

pytestmark = pytest.mark.usefixtures("app")


def umbrella() -> str:
    return an_item("umbrella", unit="把", case_unit="", units_per_case=1, is_lent=True)


def lent(tag: str, station: str = HERE, request_id: str | None = None) -> object:
    with transaction():
        return lend(LoanOrder(request_id or new_id(), station, "umbrella", tag), PROGRAM, get_calendar().zone)


def back(tag: str, station: str = HERE) -> object:
    with transaction():
        return give_back(LoanOrder(new_id(), station, "umbrella", tag), PROGRAM, get_calendar().zone)


@on_both
def test_loan_goes_out_once_and_comes_back_anywhere(app: Flask) -> None:
    umbrella()
    on_shelf(2, "umbrella")
    lent("０４１２")
    with refuses("Tag 0412 is out already"):
        lent("0412")
    (row,) = list_loans([""])
    assert (row.station, row.item, row.tag) == (HERE, "umbrella", "0412")
    ends = get_calendar().sessions[0].ends_at
    assert row.due_at == ends + timedelta(minutes=30)
    assert (balances(), balances("lent")) == ({(HERE, "umbrella", ""): 1}, {(HERE, "umbrella", ""): 1})
    back("0412", THERE)
    with refuses("Nothing with tag 0412 is out"):
        back("0412")
    assert list_loans([""]) == []
    assert (balances(), balances("lent")) == ({(HERE, "umbrella", ""): 1, (THERE, "umbrella", ""): 1}, {})
    lent("0412", THERE)
    assert list_differences() == []


def test_loan_sent_again_lends_one() -> None:
    umbrella()
    on_shelf(2, "umbrella")
    lent("0001", request_id="the-same-loan")
    assert lent("0001", request_id="the-same-loan").is_replay  # type: ignore[attr-defined]
    assert balances("lent") == {(HERE, "umbrella", ""): 1}


def test_what_cannot_be_lent_is_refused() -> None:
    umbrella()
    with refuses("Only 0 left"):
        lent("0001")
    on_shelf(1, "umbrella")
    for tag in ("", "12", "12345", "abcd", "12 4"):
        with refuses("four digits"):
            lent(tag)
    an_item("bottles")
    on_shelf(1)
    with refuses("handed out, not lent"), transaction():
        lend(LoanOrder(new_id(), HERE, "bottles", "0001"), PROGRAM, get_calendar().zone)
    assert list_loans([""]) == []


def test_what_does_not_come_back_is_written_off_and_its_tag_is_free() -> None:
    umbrella()
    on_shelf(2, "umbrella")
    lent("0007")
    (loan,) = list_loans([""])
    with refuses("Please say why"), transaction():
        give_up(new_id(), loan.id, " ", PROGRAM)
    with transaction():
        give_up(new_id(), loan.id, "Not seen again", PROGRAM)
    assert balances("lent") == {}
    lent("0007")
    with refuses("Nothing with tag 0007 is out"), transaction():  # of that loan; the tag is out with another one
        give_up(new_id(), loan.id, "Not seen again", PROGRAM)
    assert len(list_loans([""])) == 1
    assert list_differences() == []


def test_due_without_a_session_today_is_four_hours_later() -> None:
    umbrella()
    on_shelf(1, "umbrella")
    now = clock.now() + timedelta(days=20)
    clock.show(now, clock.real_now())
    lent("0009")
    (row,) = list_loans([""])
    assert timedelta(0) <= row.due_at - now - timedelta(hours=4) < timedelta(minutes=1)
