"""Several processes at one shelf, on both databases: never below zero, nothing twice, nothing lost."""

import random
from collections import Counter

import pytest
from conftest import on_both
from factories.stock import HERE, an_item, balances, on_shelf
from flask import Flask
from sqlalchemy import func, select
from stock.takers import Entry, run_processes, shuffled
from stock.visitors import Asked, one_after_another, visit

from stations.kernel.db import db
from stations.stock.models import Movement
from stations.stock.queries.ledger import list_differences


def issued() -> int:
    chosen = select(func.count()).select_from(Movement).where(Movement.kind == "issue")
    db.session.rollback()
    return int(db.session.execute(chosen).scalar_one())


@on_both
@pytest.mark.timeout(300)
def test_eight_processes_take_a_hundred_units_and_not_one_more(app: Flask, database: str) -> None:
    an_item()
    on_shelf(60, lot="a")
    on_shelf(40, lot="b")
    db.session.rollback()
    parts: list[list[Entry]] = [[(f"take-{p}-{n:04}", "bottles", -1) for n in range(200)] for p in range(8)]
    told = run_processes(database, HERE, parts)
    assert told == Counter({"done": 100, "stock.insufficient": 1500})
    assert issued() == 100
    assert balances() == {}
    assert list_differences() == []


@on_both
@pytest.mark.timeout(300)
def test_eight_phones_take_a_hundred_units_over_http_and_nothing_fails(app: Flask, database: str) -> None:
    an_item()
    on_shelf(60, lot="a")
    on_shelf(40, lot="b")
    db.session.rollback()
    phones: list[tuple[str, list[Asked]]] = [
        ("city", [(f"/desk/{HERE}/entries", [{"id": f"take-{p}-{n:04}", "kind": "issue", "item": "bottles",
                                              "quantity": 1}]) for n in range(200)])
        for p in range(8)
    ]  # fmt: skip
    told: Counter[tuple[int, str]] = sum(visit(one_after_another, database, phones), Counter())
    assert told == Counter({(200, "done"): 100, (200, "stock.insufficient"): 1500})
    assert issued() == 100
    assert balances() == {}
    assert list_differences() == []


@on_both
@pytest.mark.timeout(300)
def test_a_thousand_movements_shuffled_and_repeated_end_like_the_serial_run(app: Flask, database: str) -> None:
    items = [an_item(f"item-{n}") for n in range(5)]
    for item in items:
        on_shelf(5000, item)
    db.session.rollback()
    draw = random.Random(7)
    entries: list[Entry] = [(f"entry-{n:05}", draw.choice(items), draw.choice((-3, -2, -1, 24))) for n in range(1000)]
    told = run_processes(database, HERE, shuffled(entries, 0.3, clients=5, seed=7))
    serial: Counter[str] = Counter({item: 5000 for item in items})
    for _request_id, item, units in entries:
        serial[item] += units
    assert told == Counter({"done": 1000, "replay": 300})
    db.session.rollback()
    assert balances() == {(HERE, item, ""): units for item, units in serial.items()}
    assert list_differences() == []
