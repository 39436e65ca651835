"""The desk without JavaScript: every form books once, and keeps what was typed when it is refused."""

import re
from collections.abc import Callable

from cast import Cast
from factories.stock import HERE, THERE, an_item, balances, on_shelf
from werkzeug.test import TestResponse

Send = Callable[..., TestResponse]
ADD = f"/desk/{HERE}/entry"


def test_form_books_once_and_says_what_happened(cast: Cast, send: Send) -> None:
    an_item()
    on_shelf(100)
    lead = cast.lead
    fields = {"kind": "issue", "item": "bottles", "quantity": "1箱+2瓶", "id": "the-same-form"}
    answer = send(lead, ADD, **fields)
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"/desk/{HERE}#item-bottles")
    assert "1箱2瓶" in lead.get(f"/desk/{HERE}").text
    assert send(lead, ADD, **fields).status_code == 303
    assert balances() == {(HERE, "bottles", ""): 74}


def test_refused_form_is_drawn_again_with_what_was_typed(cast: Cast, send: Send) -> None:
    an_item()
    on_shelf(10)
    answer = send(cast.lead, ADD, kind="write_off", item="bottles", quantity="三千瓶", reason="<b>破损</b>")
    assert answer.status_code == 409
    form = next(f for f in re.findall(r"<form.*?</form>", answer.text, re.S) if 'value="write_off"' in f)
    assert 'value="三千瓶"' in form
    assert "&lt;b&gt;破损&lt;/b&gt;" in form
    assert "field__error" in form
    assert "10" in form
    assert balances() == {(HERE, "bottles", ""): 10}


def test_form_of_something_unknown_is_refused_in_words(cast: Cast, send: Send) -> None:
    lead = cast.lead
    for fields in ({}, {"kind": "issue"}, {"kind": "issue", "item": "x", "quantity": "1"}, {"kind": "reversal"}):
        answer = send(lead, ADD, **fields)
        assert answer.status_code == 400, fields
        assert 'role="alert"' in answer.text
    assert send(lead, ADD, kind="reversal", order_id="nobody").status_code == 404


def test_entry_is_taken_back_once(cast: Cast, send: Send) -> None:
    an_item()
    on_shelf(10)
    lead = cast.lead
    send(lead, ADD, kind="issue", item="bottles", quantity="4", id="the-mistake")
    assert "the-mistake" in lead.get(f"/desk/{HERE}").text
    assert send(lead, ADD, kind="reversal", order_id="the-mistake").status_code == 303
    assert "the-mistake" not in lead.get(f"/desk/{HERE}").text
    assert send(lead, ADD, kind="reversal", order_id="the-mistake").status_code == 409
    assert balances() == {(HERE, "bottles", ""): 10}


def test_entry_of_another_scope_is_not_taken_back(cast: Cast, send: Send) -> None:
    an_item()
    on_shelf(10, station=THERE)
    send(cast.haidian, f"/desk/{THERE}/entry", kind="issue", item="bottles", quantity="4", id="their-entry")
    assert send(cast.lead, ADD, kind="reversal", order_id="their-entry").status_code == 404
    assert send(cast.lead, f"/desk/{THERE}/entry", kind="issue", item="bottles", quantity="1").status_code == 404
    assert balances() == {(THERE, "bottles", ""): 6}
