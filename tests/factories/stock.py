"""Stock for tests: an item on the shelf of a demonstration station."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import count as counter
from typing import Any

import pytest
from sqlalchemy import select

from stations.accounts.rules import PROGRAM
from stations.kernel.db import db, transaction
from stations.kernel.errors import Refused
from stations.places.models import Station
from stations.seasons.queries import get_calendar
from stations.stock.actions.items import save_item, set_limits
from stations.stock.actions.ledger import receive, take
from stations.stock.models import Lot, StockLevel, StockPlace, SupplyItem
from stations.stock.rules.items import ItemOrder
from stations.stock.rules.ledger import ReceiveOrder, TakeOrder
from stations.stock.rules.limits import Limits

HERE, THERE = "GH-HD-01", "GH-HD-02"
_ids = counter(1)


def new_id() -> str:
    """A request id that no other call gave."""
    return f"request-{next(_ids):06}"


def an_item(code: str = "bottles", **fields: Any) -> str:
    """An item of that code."""
    order = ItemOrder(
        **{"code": code, "name": code, "name_en": code, "category": "drink", "unit": "瓶", "case_unit": "箱",
           "units_per_case": 24} | fields
    )  # fmt: skip
    with transaction():
        save_item(order, PROGRAM)
    return code


def on_shelf(
    quantity: int, item: str = "bottles", station: str = HERE, lot: str = "", expires: date | None = None
) -> None:
    """Put units on a shelf."""
    with transaction():
        receive(ReceiveOrder(new_id(), station, item, quantity, lot, expires), PROGRAM, get_calendar().zone)


def issue(quantity: int, item: str = "bottles", station: str = HERE, **fields: Any) -> Any:
    """Take units from a shelf."""
    request_id = fields.pop("request_id", None) or new_id()
    with transaction():
        return take(TakeOrder(request_id, station, item, quantity, **fields), PROGRAM, get_calendar().zone)


def limits(low: int, reorder: int, most: int, item: str = "bottles", station: str = HERE) -> None:
    """Say when the item is short there."""
    with transaction():
        set_limits(station, item, Limits(low, reorder, most), PROGRAM, get_calendar().zone)


@contextmanager
def refuses(says: str) -> Iterator[pytest.ExceptionInfo[Refused]]:
    """What is inside must be refused with a sentence that says this."""
    with pytest.raises(Refused) as refused:
        yield refused
    said = refused.value.message.message % refused.value.message.values
    assert says in said, said


def balances(kind: str = "station") -> dict[tuple[str, str, str], int]:
    """(station, item, lot) -> units on hand, wherever some are, at the places of that kind."""
    chosen = (
        select(Station.code, SupplyItem.code, Lot.code, StockLevel.on_hand)
        .join(StockPlace, StockPlace.id == StockLevel.place_id)
        .join(Station, Station.id == StockPlace.station_id)
        .join(Lot, Lot.id == StockLevel.lot_id)
        .join(SupplyItem, SupplyItem.id == Lot.item_id)
        .where(StockPlace.kind == kind, StockLevel.on_hand > 0)
    )
    return {(station, item, lot): units for station, item, lot, units in db.session.execute(chosen)}
