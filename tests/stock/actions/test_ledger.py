"""Units move only in the ledger, once, never below zero."""

from datetime import UTC, date, datetime, timedelta

import pytest
from conftest import on_both
from factories.stock import HERE, an_item, balances, issue, limits, new_id, on_shelf, refuses
from flask import Flask
from sqlalchemy import event, select, text
from sqlalchemy.exc import DBAPIError

from stations.accounts.rules import PROGRAM, Actor, Scope
from stations.kernel import clock
from stations.kernel.db import db, transaction
from stations.kernel.errors import Forbidden, NotFound, Refused
from stations.seasons.queries import get_calendar
from stations.stock.actions.ledger import count, receive, reverse
from stations.stock.models import Movement, StockCount, StockLevel
from stations.stock.queries.alerts import list_alerts
from stations.stock.queries.ledger import last_position, list_differences
from stations.stock.rules.ledger import CountOrder, MovementKind, ReceiveOrder

LEAD = Actor("lead", "Lead", (Scope("station_lead", "YS-BJ/YS-BJ-110108/GH-HD-01/"),))
pytestmark = pytest.mark.usefixtures("app")


def ledger() -> list[tuple[str, int, int]]:
    chosen = select(Movement.kind, Movement.quantity, Movement.balance).order_by(Movement.id)
    return [(kind, quantity, balance) for kind, quantity, balance in db.session.execute(chosen)]


def counted(units: int, **fields: object) -> object:
    with transaction():
        order = CountOrder(new_id(), HERE, "bottles", units, **fields)  # type: ignore[arg-type]
        return count(order, PROGRAM, get_calendar().zone)


@on_both
def test_take_moves_the_balance_and_says_so_in_five_statements(app: Flask) -> None:
    an_item()
    on_shelf(30)
    limits(0, 28, 60)
    said: list[str] = []

    def hear(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement.split()[0])

    get_calendar()
    event.listen(db.engine, "before_cursor_execute", hear)
    moved = issue(3)
    event.remove(db.engine, "before_cursor_execute", hear)

    assert len([word for word in said if word != "BEGIN"]) == 5, said  # the alert that it raises included
    assert (moved.quantity, moved.is_replay) == (-3, False)
    assert ledger() == [("receipt", 30, 30), ("issue", -3, 27)]
    assert [(row.item, row.level, row.on_hand) for row in list_alerts([""])] == [("bottles", 1, 27)]
    assert list_differences() == []


@on_both
def test_take_sent_again_answers_the_same_and_writes_nothing(app: Flask) -> None:
    an_item()
    on_shelf(5)
    first = issue(5, request_id="the-same-request")
    again = issue(5, request_id="the-same-request")
    assert again.is_replay
    assert again.lines == first.lines == (("", -5, 0),)
    assert ledger() == [("receipt", 5, 5), ("issue", -5, 0)]


@on_both
def test_take_of_too_many_is_refused_and_changes_nothing(app: Flask) -> None:
    an_item()
    on_shelf(5)
    with refuses("Only 5 left, not 6") as refused:
        issue(6)
    assert refused.value.code == "stock.insufficient"
    assert refused.value.field == "quantity"
    assert balances() == {(HERE, "bottles", ""): 5}
    an_item("never-there")
    with refuses("Only 0 left"):
        issue(1, "never-there")
    with refuses("There is no item nothing"):
        issue(1, "nothing")
    with refuses("There is no such station"):
        issue(1, station="NOWHERE")


@pytest.mark.parametrize("quantity", [0, -1, 10**9])
def test_absurd_quantities_are_refused(quantity: int) -> None:
    an_item()
    on_shelf(5)
    with refuses("from 1 to 1000000"):
        issue(quantity)
    with refuses("from 1 to 1000000"):
        on_shelf(quantity)
    assert balances() == {(HERE, "bottles", ""): 5}


def test_lots_go_first_expired_first_and_an_expired_one_only_by_writing_off() -> None:
    an_item()
    on_shelf(4, lot="late", expires=date(2027, 7, 1))
    on_shelf(2, lot="soon", expires=date(2027, 6, 8))
    on_shelf(1, lot="never")
    assert issue(3).lines == (("soon", -2, 0), ("late", -1, 3))
    with refuses("Please say why"):
        issue(1, lot="never")
    assert issue(1, lot="never", reason="The box is open").lines == (("never", -1, 0),)

    later = datetime(2027, 7, 2, 1, tzinfo=UTC)
    clock.show(later, clock.real_now())
    with refuses("Only 0 left"):
        issue(1)
    with refuses("Please say why"):
        issue(3, kind=MovementKind.WRITE_OFF)
    assert issue(3, kind=MovementKind.WRITE_OFF, reason="Expired").quantity == -3
    with refuses("has expired"):
        on_shelf(1, lot="old", expires=date(2027, 7, 1))
    with refuses("another expiry date"):
        on_shelf(1, lot="late", expires=date(2028, 1, 1))
    assert balances() == {}


@on_both
def test_the_ledger_cannot_be_changed(app: Flask) -> None:
    an_item()
    on_shelf(5)
    for statement in ("UPDATE movement SET quantity = 50", "DELETE FROM movement"):
        with pytest.raises(DBAPIError, match="append-only"):
            db.session.execute(text(statement))
        db.session.rollback()
    if db.engine.dialect.name == "postgresql":
        with pytest.raises(DBAPIError, match="append-only"):
            db.session.execute(text("TRUNCATE movement CASCADE"))
        db.session.rollback()
    assert ledger() == [("receipt", 5, 5)]


@on_both
def test_reversal_takes_an_order_back_once(app: Flask) -> None:
    an_item()
    on_shelf(5)
    issue(3, request_id="a-slip-of-the-thumb")
    zone = get_calendar().zone
    with transaction():
        back = reverse("take-it-back-1", "a-slip-of-the-thumb", "Wrong tile", PROGRAM, zone)
    assert back.lines == (("", 3, 5),)
    with transaction():
        assert reverse("take-it-back-1", "a-slip-of-the-thumb", "Wrong tile", PROGRAM, zone).is_replay
    for wanted, code in (("a-slip-of-the-thumb", "stock.reversed"), ("take-it-back-1", "stock.irreversible")):
        with pytest.raises(Refused) as refused, transaction():
            reverse(new_id(), wanted, "Again", PROGRAM, zone)
        assert refused.value.code == code
    with pytest.raises(NotFound), transaction():
        reverse(new_id(), "no-such-order", "", PROGRAM, zone)
    assert ledger() == [("receipt", 5, 5), ("issue", -3, 2), ("reversal", 3, 5)]


def test_reversal_of_a_receipt_whose_units_are_gone_is_refused() -> None:
    an_item()
    with transaction():
        receive(ReceiveOrder("the-receipt", HERE, "bottles", 5), PROGRAM, get_calendar().zone)
    issue(1)
    with refuses("Only 4 left, not 5"), transaction():
        reverse(new_id(), "the-receipt", "Never came", PROGRAM, get_calendar().zone)
    assert balances() == {(HERE, "bottles", ""): 4}


@on_both
def test_count_books_the_difference_under_what_moved_since(app: Flask) -> None:
    an_item()
    on_shelf(100)
    seen = last_position()
    issue(10)  # while the counter still counts
    moved = counted(97, position=seen)
    assert moved.lines == (("", -3, 87),)  # type: ignore[attr-defined]
    row = db.session.execute(select(StockCount.position, StockCount.expected, StockCount.counted)).one()
    assert tuple(row) == (seen, 100, 97)
    assert counted(87).lines == ()  # type: ignore[attr-defined]
    assert counted(90).lines == (("", 3, 90),)  # type: ignore[attr-defined]
    with refuses("out of step"):
        counted(5, position=10**6)
    with refuses("Only 90 left"):
        counted(0, position=seen)
    assert list_differences() == []


def test_count_of_something_new_puts_it_on_the_shelf() -> None:
    an_item()
    assert counted(7).lines == (("", 7, 7),)  # type: ignore[attr-defined]
    assert balances() == {(HERE, "bottles", ""): 7}


def test_a_lead_writes_only_at_the_own_station() -> None:
    an_item()
    on_shelf(5)
    on_shelf(5, station="GH-HD-02")
    zone = get_calendar().zone
    with transaction():
        receive(ReceiveOrder(new_id(), HERE, "bottles", 1), LEAD, zone)
    with pytest.raises(Forbidden), transaction():
        receive(ReceiveOrder(new_id(), "GH-HD-02", "bottles", 1), LEAD, zone)
    with pytest.raises(Forbidden), transaction():
        count(CountOrder(new_id(), "GH-HD-02", "bottles", 1), LEAD, zone)


def test_an_entry_made_offline_keeps_its_time_but_never_one_to_come() -> None:
    an_item()
    on_shelf(5)
    now = clock.now()
    issue(1, happened_at=now - timedelta(minutes=30))
    issue(1, happened_at=now + timedelta(days=1))
    with refuses("more than a day old"):
        issue(1, happened_at=now - timedelta(hours=25))
    early, late = db.session.execute(
        select(Movement.happened_at).where(Movement.kind == "issue").order_by(Movement.id)
    ).scalars()
    assert early == now - timedelta(minutes=30)
    assert late <= clock.now()


@on_both
def test_verify_finds_a_balance_that_was_tampered_with(app: Flask) -> None:
    an_item()
    on_shelf(5)
    runner = app.test_cli_runner()
    assert "every balance" in runner.invoke(args=["stock", "verify"]).output
    with transaction():
        db.session.execute(StockLevel.__table__.update().values(on_hand=9))  # type: ignore[attr-defined]
    told = runner.invoke(args=["stock", "verify"])
    assert told.exit_code == 1
    assert "GH-HD-01 station bottles -: on hand 9, moved 5" in told.output
