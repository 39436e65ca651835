"""Two people press the same button at the same moment, on both databases: one wins, the other reads why not."""

from typing import Any

import pytest
from cast import Cast
from conftest import on_both
from factories.shelves import a_loan, a_morning, a_transfer
from factories.stock import HERE, THERE, balances, issue, limits, on_shelf
from flask import Flask
from sqlalchemy import select
from stock.visitors import Asked, for_a_while, side_by_side, visit

from stations.accounts.models import Person
from stations.accounts.queries import get_actor
from stations.kernel.db import db, transaction
from stations.stock.queries.alerts import list_alerts
from stations.stock.queries.ledger import list_differences
from stations.stock.queries.loans import list_loans
from stations.stock.queries.transfers import list_transfers
from stations.workflows import importing
from stations.workflows.sheet_kinds import KINDS

ROW = {"station": HERE, "item": "fan", "lot": "", "expiry_date": "", "quantity": "7"}


def pressed(lender: int, address: str, **fields: Any) -> Asked:
    """A press of one of the people, with ids of its own."""
    own = f"{address.replace('/', '-')}-{lender}"[-60:]
    return address, {"request_id": f"{own}-r", "id": own} | fields


@on_both
@pytest.mark.timeout(120)
def test_of_two_who_press_at_once_one_wins(app: Flask, database: str, cast: Cast) -> None:
    a_morning()
    on_shelf(5, "umbrella", THERE)
    a_transfer(actor=actor("lead"), water=10)
    issue(3, "water", THERE, request_id="the-order-of-3")
    limits(20, 60, 100, "water", HERE)
    a_loan("0001", station=THERE)
    (alert,), (loan,) = list_alerts([""]), list_loans([""])
    with transaction():
        runs = [importing.keep_rows(KINDS["stock"], [(2, ROW)], "a.csv", actor("city")) for _run in range(2)]
    db.session.rollback()
    line = {"line": f"{THERE}|{HERE}|water|40", "horizon": "2027-06-07T09:00:00+08:00"}

    def presses(who: int) -> list[Asked]:
        step = "/admin/stock/transfers/1/"
        return [
            pressed(who, f"{step}approved"),
            pressed(who, f"{step}picked"),
            pressed(who, f"{step}sent"),
            pressed(who, f"{step}received", **{"quantity-1": "8", "reason-1": "x"}),
            pressed(who, f"/desk/{(HERE, THERE)[who]}/entry", kind="loan", item="umbrella", tag="0412"),
            pressed(who, f"/admin/stock/alerts/{alert.id}/acknowledge"),
            pressed(who, "/admin/stock/replenishment", **line),
            pressed(who, "/admin/stock/ledger/the-order-of-3/take-back", reason="x"),
            pressed(who, f"/admin/stock/loans/{loan.id}/lost", reason="x"),
            pressed(who, f"/admin/imports/{runs[0]}/apply"),
        ]

    told = visit(side_by_side, database, [("city", presses(who)) for who in range(2)])
    for number, (first, second) in enumerate(zip(*told, strict=True)):
        statuses = sorted((first[0], second[0]))
        assert statuses[0] == 303, (number, first, second)
        assert statuses[1] in {404, 409}, (number, first, second)
        assert "silent" not in (first[1], second[1]), number
    db.session.rollback()
    assert sum(transfer.state == "approved" for transfer in list_transfers([""], live=False)) == 1
    assert balances("lent") in ({(HERE, "umbrella", ""): 1}, {(THERE, "umbrella", ""): 1})
    assert balances()[HERE, "fan", ""] == 7
    twice = visit(
        side_by_side, database, [("city", [pressed(who, f"/admin/imports/{runs[1]}/apply")]) for who in (0, 1)]
    )
    assert sorted(status for ((status, _word),) in twice) == [303, 409]
    assert balances()[HERE, "fan", ""] == 7
    assert list_differences() == []


@on_both
@pytest.mark.timeout(120)
def test_many_hands_in_every_order_stop_nobody(app: Flask, database: str) -> None:
    a_morning()
    for station in (HERE, THERE):
        for item in ("water", "fan", "umbrella"):
            on_shelf(900, item, station)
    for _number in range(6):
        a_transfer(water=3, fan=3)
        a_transfer(source=HERE, to=THERE, fan=2, water=2)
    db.session.rollback()

    def batch(*entries: dict[str, Any]) -> list[Asked]:
        return [(f"/desk/{station}/entries", [entry]) for entry in entries for station in (HERE, THERE)]

    lending = batch(*({"kind": kind, "item": "umbrella", "tag": "0001"} for kind in ("loan", "return")))
    moving: list[Asked] = [
        (f"/admin/stock/transfers/{number}/{state}", {})
        for number in range(1, 13)
        for state in ("picked", "approved", "picked", "sent", "received")
    ]
    counting = batch(*({"kind": "count", "item": item, "quantity": 900} for item in ("fan", "water")))
    limiting: list[Asked] = [
        (
            f"/admin/stock/stations/{station}/{item}/limits",
            {"min_level": "5", "reorder_level": "2000", "max_level": "9999"},
        )
        for item in ("fan", "water")
        for station in (THERE, HERE)
    ]
    asked = [moving + counting, counting + limiting, lending + limiting + moving[::-1], lending[::-1] + moving]
    told = visit(for_a_while, database, [("city", each) for each in asked])
    assert all(sum(each.values()) > len(asked) for each in told)
    assert {status for each in told for status, _word in each} <= {200, 303, 400, 404, 409}, told
    db.session.rollback()
    assert list_differences() == []


def actor(username: str) -> Any:
    return get_actor(db.session.execute(select(Person.id).where(Person.username == username)).scalar_one())
