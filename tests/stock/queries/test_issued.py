"""What is kept of the ledger in memory is what the ledger says."""

from datetime import datetime, timedelta

import pytest
from cast import Cast
from conftest import on_both
from factories.stock import HERE, THERE, an_item, issue, new_id, on_shelf
from flask import Flask

from stations.accounts.rules import PROGRAM
from stations.kernel import clock
from stations.kernel.db import db, transaction
from stations.seasons.queries import get_calendar
from stations.stock.actions.ledger import reverse
from stations.stock.queries import issued
from stations.stock.queries.issued import list_issued


def summed(now: datetime) -> dict[tuple[int, ...], tuple[int, int]]:
    """(place, hour since the epoch) -> units and squares."""
    sums: dict[tuple[int, ...], tuple[int, int]] = {}
    for place, _item, hour, units, squares in list_issued(now)[0].tolist():
        before = sums.get((place, hour), (0, 0))
        sums[place, hour] = before[0] + units, before[1] + squares
    return {key: value for key, value in sums.items() if value != (0, 0)}


@on_both
def test_what_is_remembered_equals_what_is_read_anew(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issued, "LOOSE_ROWS", 1)
    an_item()
    on_shelf(500)
    on_shelf(500, station=THERE)
    for minutes in range(0, 240, 8):
        clock.show(Cast.now + timedelta(minutes=minutes), clock.real_now())
        issue(minutes % 7 + 1, station=(HERE, THERE)[minutes % 16 // 8], request_id=f"at-minute-{minutes}")
        if minutes % 24 == 0:
            with transaction():
                reverse(new_id(), f"at-minute-{minutes}", "", PROGRAM, get_calendar().zone)
        now = clock.now()
        remembered = summed(now)
        if minutes % 48 == 0:
            issued._memories.pop(db.engine)
            assert remembered == summed(now)
    everything = sum(units for units, _squares in summed(clock.now()).values())
    assert everything == sum(m % 7 + 1 for m in range(0, 240, 8) if m % 24)
    late = sum(units for units, _squares in summed(Cast.now + timedelta(hours=26)).values())
    assert 0 < late < everything
    assert summed(Cast.now + timedelta(hours=48)) == {}
