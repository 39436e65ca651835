"""What every station has, and when it runs out, in two SELECTs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from conftest import on_both
from factories.stock import HERE, THERE, an_item, issue, new_id, on_shelf
from flask import Flask
from sqlalchemy import event

from stations.accounts.rules import PROGRAM
from stations.kernel import clock
from stations.kernel.db import db, transaction
from stations.places.queries.atlas import get_atlas
from stations.seasons.queries import get_calendar
from stations.stock.actions.ledger import reverse
from stations.stock.queries.items import list_items
from stations.stock.queries.levels import LevelRow, list_levels


@contextmanager
def selects() -> Iterator[list[str]]:
    """The statements that were sent meanwhile."""
    sent: list[str] = []

    def note(*args: Any) -> None:
        sent.append(args[2])

    event.listen(db.engine, "before_cursor_execute", note)
    yield sent
    event.remove(db.engine, "before_cursor_execute", note)


def levels(station: str | None = None, hours: int = 0) -> list[LevelRow]:
    now = clock.now()
    return list_levels([""], now, get_calendar().zone, station, now + timedelta(hours=hours))


def test_the_forecast_takes_one_select_however_many_shelves(app: Flask) -> None:
    an_item()
    on_shelf(100)
    get_atlas(get_calendar().zone)
    counts = []
    for _step in range(2):
        with selects() as sent:
            levels()
        counts.append(len([said for said in sent if said.startswith("SELECT") and "revision" not in said]))
        an_item("fans")
        on_shelf(10, "fans")
        on_shelf(10, station=THERE)
        issue(3)
    assert counts == [2, 2]


@on_both
def test_what_went_out_lets_the_shelf_run_out(app: Flask) -> None:
    an_item()
    on_shelf(100)
    an_item("fans")
    on_shelf(30, "fans")
    now = clock.now()
    for minutes in range(2, 40, 2):
        issue(2, happened_at=now - timedelta(minutes=minutes))
    rows = {row.item_id: row for row in levels(HERE, hours=3)}
    items = list_items()
    bottles, fans = rows[items["bottles"].id], rows[items["fans"].id]
    assert (bottles.on_hand, fans.on_hand) == (62, 30)
    assert bottles.outlook.hours is not None
    assert 0.5 < bottles.outlook.hours < 5
    assert bottles.outlook.per_hour < bottles.outlook.needed
    assert fans.outlook.hours is None
    zone = get_calendar().zone
    assert list_levels([""], now, zone, HERE) == [row for row in list_levels([""], now, zone) if row.station == HERE]


@on_both
def test_what_was_taken_back_did_not_go_out(app: Flask) -> None:
    an_item()
    on_shelf(100)
    issue(50, request_id="a-mistake-1")
    assert levels()[0].outlook.per_hour > 0
    with transaction():
        reverse(new_id(), "a-mistake-1", "", PROGRAM, get_calendar().zone)
    (row,) = levels()
    assert (row.on_hand, row.outlook.per_hour, row.outlook.hours) == (100, 0, None)
