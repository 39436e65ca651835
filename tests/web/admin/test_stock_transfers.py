"""Transfers as organizers and leads make them."""

import re
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from cast import Cast
from conftest import on_both
from factories.shelves import FAR, a_morning, a_transfer
from factories.stock import HERE, THERE, balances
from flask import Flask
from listening import listen

from stations.kernel.db import db
from stations.stock.queries.ledger import list_differences
from stations.stock.queries.transfers import TransferRow, get_transfer, list_transfers

Send = Callable[..., Any]
Look = Callable[[], tuple[Any, ...]]
NEW = "/admin/stock/transfers/new"
pytestmark = pytest.mark.usefixtures("app")


def url(number: int, wanted: str = "") -> str:
    return f"/admin/stock/transfers/{number}" + (f"/{wanted}" if wanted else "")


def stored(number: int) -> TransferRow:
    db.session.rollback()
    return get_transfer(number)


def steps(page: str, number: int) -> list[str]:
    return re.findall(rf'action="/admin/stock/transfers/{number}/(\w+)', page)


def came(number: int, units: str, reason: str = "") -> dict[str, str]:
    line = get_transfer(number).lines[0].item_id
    return {f"quantity-{line}": units, f"reason-{line}": reason}


@on_both
def test_transfer_goes_from_request_to_signature(app: Flask, cast: Cast, send: Send) -> None:
    a_morning()
    lead, organizer = cast.lead, cast.haidian
    fields = {"source": THERE, "to": HERE, "item": ["water", "fan", "", ""], "quantity": ["1箱+6瓶", "４", "", ""]}
    answer = send(lead, NEW, fields | {"reason": "午前补货"})
    assert answer.status_code == 303, answer.text
    number = int(answer.headers["Location"].rsplit("/", 1)[1].partition("?")[0])
    made = stored(number)
    assert {line.item: line.quantity for line in made.lines} == {"water": 30, "fan": 4}
    assert (made.state, made.requested_by, made.reason) == ("requested", "lead", "午前补货")
    assert steps(lead.get(url(number)).text, number) == ["cancelled"]
    assert steps(organizer.get(url(number)).text, number) == ["approved", "refused", "cancelled"]
    for wanted, more in (("approved", {}), ("picked", {}), ("sent", {"vehicle": "京A·12345"})):
        assert send(organizer, url(number, wanted), more).status_code == 303
    assert stored(number).vehicle == "京A·12345"
    page = lead.get(url(number) + "?lang=en").text
    assert steps(page, number) == ["received"]
    assert 'value="1箱6瓶"' in page
    line = {line.item: line.item_id for line in stored(number).lines}
    signed = {f"quantity-{line['water']}": "29", f"reason-{line['water']}": "破损", f"quantity-{line['fan']}": "4把"}
    assert send(lead, url(number, "received"), signed).status_code == 303
    done = stored(number)
    assert done.state == "received"
    assert [(row.item, row.received, row.reason) for row in done.lines] == [("fan", 4, ""), ("water", 29, "破损")]
    page = lead.get(url(number) + "?lang=en").text
    assert "-1</span>" in page
    assert "Water: 1 case + 6 bottles sent, 1 case + 5 bottles came. 破损" in page
    assert steps(page, number) == []
    for word in ("requested", "approved", "picked", "sent", "received", "Transfer in", "Write-off"):
        assert word in page
    assert balances()[HERE, "water", ""] == 29
    assert list_differences() == []


@on_both
def test_second_signature_is_told_and_books_nothing(app: Flask, cast: Cast, send: Send) -> None:
    a_morning()
    number = a_transfer("picked", "sent")
    fields = came(number, "30")
    assert send(cast.lead, url(number, "received"), fields).status_code == 303
    before = balances()
    late = send(cast.haidian, url(number, "received") + "?lang=en", fields)
    assert late.status_code == 409
    assert "This transfer is Received already." in late.text
    db.session.rollback()
    assert balances() == before


@on_both
def test_two_who_sign_at_the_same_moment_sign_once(app: Flask, cast: Cast, send: Send) -> None:
    a_morning()
    number = a_transfer("picked", "sent")
    fields, clients = came(number, "30"), [cast.lead, cast.haidian]
    db.session.rollback()
    for client in clients:
        send(client, url(number, "burnt"))  # their tokens, before they race
    line, answers = Barrier(2), []

    def sign(client: Any) -> None:
        line.wait(20)
        answers.append(send(client, url(number, "received"), fields).status_code)

    signers = [Thread(target=sign, args=(client,)) for client in clients]
    for signer in signers:
        signer.start()
    for signer in signers:
        signer.join(60)
    assert sorted(answers) == [303, 409]
    db.session.rollback()
    assert balances()[HERE, "water", ""] == 30
    assert list_differences() == []


def test_difference_without_reason_is_refused_by_line(cast: Cast, send: Send) -> None:
    a_morning()
    number = a_transfer("picked", "sent")
    for units, says in (("28", "Please say why"), ("", "0 if none"), ("viele", "not a number"), ("10亿", "")):
        answer = send(cast.lead, url(number, "received") + "?lang=en", came(number, units))
        assert answer.status_code == 400, units
        assert f'value="{units}"' in answer.text
        assert says in answer.text
        assert stored(number).state == "sent"
    assert send(cast.lead, url(number, "received"), came(number, "0", "丢失")).status_code == 303
    assert stored(number).lines[0].received == 0
    assert list_differences() == []


WRONG_ORDERS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"source": ""}, "fill this in"),
    ({"to": THERE}, "another station"),
    ({"to": "NOWHERE"}, "no such station"),
    ({"item": [""], "quantity": [""]}, "what is to go"),
    ({"item": ["gold"]}, "no such item"),
    ({"item": [""], "quantity": ["3"]}, "Which item"),
    ({"quantity": [""]}, "How many"),
    ({"quantity": ["0"]}, "How many"),
    ({"quantity": ["-2箱"]}, "below zero"),
    ({"quantity": ["1.5"]}, "whole number"),
    ({"quantity": ["1000000000"]}, "more than"),
    ({"item": ["water", "water"], "quantity": ["1", "2"]}, "two lines"),
    ({"item": ["water"] * 41, "quantity": ["1"] * 41}, "at most 40 lines"),
    ({"vehicle": "x" * 41}, "at most 40"),
)


@pytest.mark.parametrize(("wrong", "says"), WRONG_ORDERS)
def test_refused_order_says_why_and_keeps_its_lines(
    wrong: dict[str, Any], says: str, cast: Cast, send: Send, written: Look
) -> None:
    a_morning()
    before = written()
    fields = {"source": THERE, "to": HERE, "item": ["water"], "quantity": ["30"], "reason": "补货"} | wrong
    answer = send(cast.lead, f"{NEW}?lang=en", fields)
    assert answer.status_code in (400, 404), answer.status_code
    assert says in answer.text
    assert 'value="补货"' in answer.text
    for units in fields["quantity"]:
        assert f'value="{units}"' in answer.text
    assert written() == before
    assert list_transfers([""]) == []


def test_more_lines_keep_what_was_typed_and_write_nothing(cast: Cast, send: Send, written: Look) -> None:
    a_morning()
    before = written()
    fields = {"source": THERE, "to": HERE, "item": ["water", "", "", ""], "quantity": ["30", "", "", ""], "more": "1"}
    page = send(cast.lead, NEW, fields).text
    assert page.count('name="quantity"') == 8
    assert 'value="30"' in page
    assert written() == before


@on_both
def test_sending_an_order_twice_makes_one_transfer(app: Flask, cast: Cast, send: Send) -> None:
    a_morning()
    fields = {"source": THERE, "to": HERE, "item": "water", "quantity": "30", "request_id": "transfer-once"}
    assert [send(cast.lead, NEW, fields).status_code for _time in range(2)] == [303, 303]
    assert len(list_transfers([""])) == 1


def test_overlarge_pick_is_refused_on_its_page(cast: Cast, send: Send) -> None:
    a_morning()
    number = a_transfer(water=150)
    other = a_transfer(water=150)
    assert send(cast.haidian, url(number, "picked")).status_code == 303
    answer = send(cast.haidian, url(other, "picked") + "?lang=en")
    assert answer.status_code == 409
    assert "Only 50 left" in answer.text
    assert send(cast.haidian, url(number, "approved")).status_code == 303  # put back
    assert balances()[THERE, "water", ""] == 200


def test_each_end_sees_its_own_shelf_only(cast: Cast) -> None:
    a_morning()
    number = a_transfer("picked", "sent", "received", source=THERE, to=FAR, water=20)
    ours, theirs = (client.get(url(number)).text for client in (cast.haidian, cast.company))
    assert ">180<" in ours.replace(" ", "")
    assert ">180<" not in theirs.replace(" ", "")
    assert ">100<" in theirs.replace(" ", "")
    assert ">100<" not in ours.replace(" ", "")


def test_transfers_of_others_are_not_there(cast: Cast, send: Send, written: Look) -> None:
    a_morning()
    number = a_transfer()
    before = written()
    assert url(number) not in cast.company.get("/admin/stock/transfers/").text
    assert cast.company.get(url(number)).status_code == 404
    assert send(cast.company, url(number, "cancelled")).status_code == 404
    assert send(cast.observer, url(number, "cancelled")).status_code == 403
    assert send(cast.lead, url(number, "picked")).status_code == 403
    assert send(cast.haidian, url(number, "burnt")).status_code == 404
    assert cast.haidian.get(url(4711)).status_code == 404
    foreign = {"source": THERE, "to": HERE, "item": "water", "quantity": "3"}
    assert send(cast.company, NEW, foreign).status_code == 403
    assert written() == before


def test_list_shows_live_ones_first_and_asks_as_often_for_one_as_for_three(cast: Cast) -> None:
    a_morning()
    client = cast.haidian
    assert "No transfer yet." in client.get("/admin/stock/transfers/?lang=en").text
    over = a_transfer("picked", "sent", "received", water=5)
    counts = []
    for wanted in (1, 2):
        for _time in range(wanted):
            a_transfer(water=5)
        client.get("/admin/stock/transfers/")
        with listen() as said:
            page = client.get("/admin/stock/transfers/").text
        counts.append(len(said))
    assert counts[0] == counts[1] <= 7
    live, ended = page.split('id="over-title"')
    assert live.count('class="desk-list__row"') == 3
    assert url(over) in ended
