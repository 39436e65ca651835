"""A thousand entries of a phone: each by itself, in runs that cost little."""

import random
from typing import Any

import pytest
from conftest import on_both
from factories.stock import HERE, an_item, balances, limits, on_shelf
from flask import Flask
from sqlalchemy import event

from stations.accounts.rules import PROGRAM
from stations.kernel.db import db, transaction
from stations.kernel.errors import Invalid
from stations.seasons.queries import get_calendar
from stations.stock.queries.alerts import list_alerts
from stations.stock.queries.ledger import list_differences
from stations.workflows.desk_entries import Outcome, book_entries


def book(entries: list[Any]) -> list[Outcome]:
    with transaction():
        return book_entries(entries, HERE, PROGRAM, get_calendar().zone)


def issue(number: int, quantity: object = 1) -> dict[str, object]:
    return {"id": f"entry-{number:04}", "kind": "issue", "item": "bottles", "quantity": quantity}


@on_both
def test_refused_entries_among_many_change_nothing_for_the_others(app: Flask) -> None:
    an_item()
    on_shelf(100)
    limits(5, 60, 200)
    entries = [issue(number, 500 if number % 7 == 3 else 1) for number in range(120)]
    outcomes = book(entries)
    assert [outcome.id for outcome in outcomes] == [entry["id"] for entry in entries]
    booked = [n for n, outcome in enumerate(outcomes) if outcome.moved is not None]
    assert booked == [n for n in range(120) if n % 7 != 3][:100]
    assert [outcomes[n].moved.lines[0][2] for n in booked] == list(range(99, -1, -1))  # type: ignore[union-attr]
    assert balances() == {}
    assert [alert.level for alert in list_alerts([""])] == [3]
    again = book(entries)
    assert [outcome.moved and outcome.moved.lines for outcome in again] == [
        outcome.moved and outcome.moved.lines for outcome in outcomes
    ]
    assert list_differences() == []


@on_both
def test_shuffled_and_doubled_entries_of_five_phones_come_to_the_serial_result(app: Flask) -> None:
    an_item()
    on_shelf(1000)
    entries = [issue(number, number % 3 + 1) for number in range(200)]
    sent = entries + random.Random(7).sample(entries, 60)
    random.Random(8).shuffle(sent)
    outcomes = [outcome for phone in range(5) for outcome in book(sent[phone::5])]
    assert all(outcome.refused is None for outcome in outcomes)
    assert sum(outcome.moved.is_replay for outcome in outcomes if outcome.moved) == 60
    assert balances() == {(HERE, "bottles", ""): 1000 - sum(number % 3 + 1 for number in range(200))}
    assert list_differences() == []


def test_entry_costs_three_statements(app: Flask) -> None:
    an_item()
    on_shelf(1000)
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    book([issue(number) for number in range(200)])
    event.remove(db.engine, "before_cursor_execute", note)
    assert len(asked) <= 3 * 200 + 20


def test_too_many_entries_are_refused_together(app: Flask) -> None:
    with pytest.raises(Invalid):
        book([issue(number) for number in range(1001)])
