"""One alert a crossing, acknowledged by name, louder when it gets worse, gone when the shelf is full enough."""

import pytest
from conftest import on_both
from factories.stock import an_item, issue, limits, on_shelf, refuses
from flask import Flask

from stations.accounts.rules import PROGRAM, Actor, Scope
from stations.kernel.db import transaction
from stations.kernel.errors import NotFound
from stations.stock.actions.alerts import acknowledge
from stations.stock.queries.alerts import AlertRow, list_alerts

COMPANY = Actor("company", "Company", (Scope("organizer", "YS-BJ/YS-QY/"),))
pytestmark = pytest.mark.usefixtures("app")


def alert() -> AlertRow | None:
    rows = list_alerts([""])
    assert len(rows) <= 1
    return rows[0] if rows else None


@on_both
def test_alert_rings_once_a_crossing_and_again_when_worse(app: Flask) -> None:
    an_item()
    on_shelf(30)
    limits(5, 20, 60)
    assert alert() is None
    issue(10)
    first = alert()
    assert first is not None
    assert (first.level, first.on_hand, first.acknowledged_by) == (1, 20, None)
    issue(1)
    assert alert() == first
    with transaction():
        acknowledge(first.id, PROGRAM)
    with refuses("took care of this already"), transaction():
        acknowledge(first.id, PROGRAM)
    issue(1)
    seen = alert()
    assert seen is not None
    assert (seen.id, seen.acknowledged_by) == (first.id, "Bankao")
    issue(14)
    worse = alert()
    assert worse is not None
    assert (worse.level, worse.on_hand, worse.acknowledged_by) == (2, 4, None)
    issue(4)
    empty = alert()
    assert empty is not None
    assert empty.level == 3
    on_shelf(22)
    assert alert() is not None  # above the level, but not by enough
    on_shelf(2)
    assert alert() is None
    issue(4)
    again = alert()
    assert again is not None
    assert again.id != first.id


def test_an_item_without_limits_never_rings() -> None:
    an_item()
    on_shelf(1)
    issue(1)
    assert alert() is None


def test_limits_ring_at_once_and_must_rise() -> None:
    an_item()
    on_shelf(3)
    for wrong in ((-1, 2, 3), (3, 2, 5), (1, 6, 5), (0, 0, 10**9)):
        with refuses("must rise in this order"):
            limits(*wrong)
    assert alert() is None
    limits(1, 5, 10)
    assert alert() is not None


def test_only_who_may_write_there_acknowledges() -> None:
    an_item()
    on_shelf(3)
    limits(1, 5, 10)
    row = alert()
    assert row is not None
    with pytest.raises(NotFound), transaction():
        acknowledge(row.id, COMPANY)
    assert list_alerts(["YS-BJ/YS-QY/"]) == []
    with refuses("no such alert"), transaction():
        acknowledge(4711, PROGRAM)
