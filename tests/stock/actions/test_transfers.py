"""From one shelf to another by way of a hold and the road: the total never changes unless somebody says why."""

from datetime import date, timedelta

import pytest
from conftest import on_both
from factories.stock import HERE, THERE, an_item, balances, new_id, on_shelf, refuses
from flask import Flask
from sqlalchemy import func, select

from stations.accounts.rules import PROGRAM, Actor, Scope
from stations.kernel import clock
from stations.kernel.db import db, transaction
from stations.kernel.errors import Forbidden
from stations.seasons.queries import get_calendar
from stations.stock.actions.transfers import change_transfer, release_overdue, request_transfer
from stations.stock.models import StockLevel
from stations.stock.queries.ledger import list_differences
from stations.stock.queries.transfers import get_transfer, list_transfers
from stations.stock.rules.transfers import Received, TransferOrder, TransferState

HAIDIAN = "YS-BJ/YS-BJ-110108/"
LEAD_HERE = Actor("lead", "Lead", (Scope("station_lead", f"{HAIDIAN}GH-HD-01/"),))
LEAD_THERE = Actor("lead2", "Lead", (Scope("station_lead", f"{HAIDIAN}GH-HD-02/"),))
ORGANIZER = Actor("haidian", "Haidian", (Scope("organizer", HAIDIAN),))
STRANGER = Actor("company", "Company", (Scope("organizer", "YS-BJ/YS-QY/"),))
pytestmark = pytest.mark.usefixtures("app")


def ask(actor: Actor = LEAD_THERE, **quantities: int) -> int:
    with transaction():
        order = TransferOrder(new_id(), HERE, THERE, quantities or {"bottles": 5})
        return int(request_transfer(order, actor)["id"])


def bring(transfer_id: int, wanted: str, actor: Actor = PROGRAM, **fields: object) -> None:
    with transaction():
        change_transfer(transfer_id, TransferState(wanted), new_id(), actor, get_calendar().zone, **fields)  # type: ignore[arg-type]


def state(transfer_id: int) -> str:
    return get_transfer(transfer_id).state.value


def total() -> int:
    return int(db.session.execute(select(func.sum(StockLevel.on_hand))).scalar_one())


@on_both
def test_transfer_goes_step_by_step_and_units_are_in_one_place(app: Flask) -> None:
    an_item()
    on_shelf(3, lot="soon", expires=date(2027, 6, 20))
    on_shelf(9, lot="late", expires=date(2027, 7, 20))
    number = ask()
    assert state(number) == "requested"
    bring(number, "approved", ORGANIZER)
    bring(number, "picked", LEAD_HERE)
    assert balances() == {(HERE, "bottles", "late"): 7}
    assert balances("held") == {(HERE, "bottles", "soon"): 3, (HERE, "bottles", "late"): 2}
    bring(number, "sent", LEAD_HERE, vehicle="京A·12345")
    assert balances("held") == {}
    assert balances("in_transit") == {(HERE, "bottles", "soon"): 3, (HERE, "bottles", "late"): 2}
    bring(number, "received", LEAD_THERE)
    assert balances("in_transit") == {}
    assert balances() == {
        (HERE, "bottles", "late"): 7, (THERE, "bottles", "soon"): 3, (THERE, "bottles", "late"): 2
    }  # fmt: skip
    assert total() == 12
    done = get_transfer(number)
    assert (done.vehicle, done.lines[0].received, done.is_live) == ("京A·12345", 5, False)
    assert list_transfers([HAIDIAN]) == []
    assert [row.id for row in list_transfers([HAIDIAN], live=False)] == [number]
    assert list_differences() == []


@on_both
def test_what_did_not_arrive_is_written_off_with_its_reason(app: Flask) -> None:
    an_item()
    on_shelf(10)
    number = ask(ORGANIZER)
    assert state(number) == "approved"  # who may approve at the source need not ask
    bring(number, "picked")
    bring(number, "sent")
    with refuses("5 were sent and 4 came. Please say why."):
        bring(number, "received", received={"bottles": Received(4)})
    assert state(number) == "sent"
    bring(number, "received", received={"bottles": Received(4, "One burst")})
    assert balances() == {(HERE, "bottles", ""): 5, (THERE, "bottles", ""): 4}
    assert balances("in_transit") == {}
    with refuses("already"):
        bring(number, "received")
    assert list_differences() == []


def test_more_than_was_sent_is_booked_as_found() -> None:
    an_item()
    on_shelf(10)
    number = ask(ORGANIZER)
    for step in ("picked", "sent"):
        bring(number, step)
    bring(number, "received", received={"bottles": Received(6, "Miscounted")})
    assert balances() == {(HERE, "bottles", ""): 5, (THERE, "bottles", ""): 6}
    assert list_differences() == []


def test_cancelling_and_an_overdue_hold_put_the_units_back() -> None:
    an_item()
    on_shelf(10)
    number = ask(ORGANIZER)
    bring(number, "picked")
    bring(number, "cancelled", LEAD_THERE)
    assert (balances(), balances("held")) == ({(HERE, "bottles", ""): 10}, {})

    number = ask(ORGANIZER)
    bring(number, "picked")
    with transaction():
        assert release_overdue(get_calendar().zone) == 0
    clock.show(clock.now() + timedelta(minutes=61), clock.real_now())
    with transaction():
        assert release_overdue(get_calendar().zone) == 1
    assert state(number) == "approved"
    assert (balances(), balances("held")) == ({(HERE, "bottles", ""): 10}, {})


def test_picking_more_than_there_is_holds_nothing() -> None:
    an_item()
    an_item("fans", unit="把", case_unit="", units_per_case=1)
    on_shelf(10)
    on_shelf(1, "fans")
    number = ask(ORGANIZER, bottles=5, fans=2)
    with refuses("Only 1 left, not 2"):
        bring(number, "picked")
    assert state(number) == "approved"
    assert balances("held") == {}


def test_each_step_asks_for_its_permission() -> None:
    an_item()
    on_shelf(10)
    number = ask()
    for wanted, actor in (("approved", LEAD_HERE), ("approved", LEAD_THERE), ("approved", STRANGER)):
        with pytest.raises(Forbidden):
            bring(number, wanted, actor)
    bring(number, "approved", ORGANIZER)
    with pytest.raises(Forbidden):
        bring(number, "picked", LEAD_THERE)
    bring(number, "picked", LEAD_HERE)
    bring(number, "sent", LEAD_HERE)
    with pytest.raises(Forbidden):
        bring(number, "received", LEAD_HERE)
    with pytest.raises(Forbidden):
        ask(STRANGER)
    assert list_transfers(["YS-BJ/YS-QY/"]) == []


def test_a_transfer_that_makes_no_sense_is_refused() -> None:
    an_item()
    with refuses("goes to another station"), transaction():
        request_transfer(TransferOrder(new_id(), HERE, HERE, {"bottles": 1}), PROGRAM)
    with refuses("what is to go"), transaction():
        request_transfer(TransferOrder(new_id(), HERE, THERE, {}), PROGRAM)
    with refuses("from 1 to"), transaction():
        request_transfer(TransferOrder(new_id(), HERE, THERE, {"bottles": -1}), PROGRAM)
    with refuses("There is no item gold"), transaction():
        request_transfer(TransferOrder(new_id(), HERE, THERE, {"gold": 1}), PROGRAM)
    with refuses("There is no such transfer"):
        bring(4711, "approved")
    assert list_transfers([""]) == []
