"""Transfers from the desk: signed for with what really came, once."""

from collections.abc import Callable

from cast import Cast
from factories.stock import HERE, THERE, an_item, balances, new_id, on_shelf
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from stations.accounts.rules import PROGRAM
from stations.kernel.db import db, transaction
from stations.stock.actions.transfers import request_transfer
from stations.stock.queries.ledger import list_differences
from stations.stock.rules.transfers import TransferOrder

Send = Callable[..., TestResponse]


def a_transfer(quantity: int = 48, source: str = THERE, target: str = HERE) -> int:
    """Approved, not yet picked."""
    an_item()
    on_shelf(100, station=source)
    with transaction():
        return int(request_transfer(TransferOrder(new_id(), source, target, {"bottles": quantity}), PROGRAM)["id"])


def step(send: Send, client: FlaskClient, number: int, state: str, station: str = HERE, **fields: str) -> TestResponse:
    return send(client, f"/desk/{station}/transfers/{number}", state=state, **fields)


def test_transfer_is_picked_sent_and_signed_for_with_a_difference(cast: Cast, send: Send) -> None:
    number = a_transfer()
    lead, there = cast.lead, cast.haidian
    assert step(send, lead, number, "picked").status_code == 403  # the other end's
    assert step(send, there, number, "picked", THERE).status_code == 303
    assert step(send, there, number, "sent", THERE, vehicle="京A·12345").status_code == 303
    assert "京A·12345" in lead.get(f"/desk/{HERE}").text
    refused = step(send, lead, number, "received", **{"received-bottles": "1箱+20瓶"})
    assert refused.status_code == 400
    assert 'value="1箱+20瓶"' in refused.text
    fields = {"received-bottles": "1箱+20瓶", "reason-bottles": "破损", "request_id": "the-same-signature"}
    assert step(send, lead, number, "received", **fields).status_code == 303
    assert step(send, lead, number, "received", **fields).status_code == 303  # sent again
    assert step(send, lead, number, "received").status_code == 409
    assert balances() == {(THERE, "bottles", ""): 52, (HERE, "bottles", ""): 44}
    assert balances("in_transit") == {}
    assert list_differences() == []


def test_picked_units_are_put_back(cast: Cast, send: Send) -> None:
    number = a_transfer(source=HERE, target=THERE)
    lead = cast.lead
    assert step(send, lead, number, "picked").status_code == 303
    assert balances("held") == {(HERE, "bottles", ""): 48}
    assert step(send, lead, number, "approved").status_code == 303
    db.session.rollback()
    assert balances() == {(HERE, "bottles", ""): 100}


def test_bad_step_changes_nothing(cast: Cast, send: Send) -> None:
    number = a_transfer(source=HERE, target=THERE)
    lead = cast.lead
    for state in ("", "gone", "refused", "received"):
        assert step(send, lead, number, state).status_code in {400, 403, 409}, state
    assert step(send, lead, 99, "picked").status_code == 404
    assert step(send, lead, number, "picked", "MD-001").status_code == 404
    assert balances() == {(HERE, "bottles", ""): 100}
