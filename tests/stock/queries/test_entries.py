"""The latest entries of a station, and what it issued."""

from datetime import timedelta

import pytest
from factories.stock import HERE, THERE, an_item, issue, new_id, on_shelf

from stations.accounts.rules import PROGRAM
from stations.kernel import clock
from stations.kernel.db import transaction
from stations.seasons.queries import get_calendar
from stations.stock.actions.ledger import REVERSIBLE, reverse
from stations.stock.queries.entries import list_entries, sum_issued
from stations.stock.queries.items import get_item

pytestmark = pytest.mark.usefixtures("app")


def test_entries_are_listed_newest_first_and_say_what_was_taken_back() -> None:
    an_item()
    on_shelf(10, lot="A")
    on_shelf(10, lot="B")
    on_shelf(10, station=THERE)
    issue(15, request_id="over-two-lots")
    issue(2, request_id="a-mistake")
    with transaction():
        reverse(new_id(), "a-mistake", "", PROGRAM, get_calendar().zone)
    since = clock.now() - timedelta(hours=1)
    rows = list_entries(HERE, REVERSIBLE, since, 3)
    assert [(row.order_id, row.quantity, row.is_reversed) for row in rows[:2]] == [
        ("a-mistake", -2, True), ("over-two-lots", -15, False)
    ]  # fmt: skip
    assert len(rows) == 3
    assert sum_issued(HERE, since) == {get_item("bottles").id: 15}
    assert sum_issued(HERE, clock.now() + timedelta(seconds=1)) == {}
    assert list_entries(HERE, REVERSIBLE, clock.now() + timedelta(seconds=1), 3) == []
