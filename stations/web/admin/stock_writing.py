"""What the organizer's stock pages share: orders that are booked once, and stations that one may look into."""

from collections.abc import Callable

from flask import flash

from stations.accounts.rules import Actor
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Invalid, NotFound
from stations.kernel.text import Text, _
from stations.stock.actions.booking import Moved
from stations.stock.queries.items import ItemRow, find_item
from stations.stock.queries.matrix import StationHead, find_head
from stations.stock.rules.items import read_units
from stations.web.admin.lines import NO_STATION
from stations.web.guard import actor
from stations.web.writing import read_path_code

NO_ITEM: Text = _("There is no such item.")
AGAIN: Text = _("This was saved already; nothing was written twice.")


def book_once(do: Callable[[Actor], Moved], done: Text) -> None:
    """Book an order in one transaction and say `done`; the ledger itself knows an order that comes twice."""
    me = actor()
    moved = run_in_transaction(lambda: do(me))
    flash(str(AGAIN if moved.is_replay else done), "plain" if moved.is_replay else "success")


def get_head(code: str) -> StationHead:
    """The station, if its stock may be read; one of others is as if it were not there."""
    head = find_head(read_path_code(code, NO_STATION))
    if head is None or not actor().may("stock.read", head.path):
        raise NotFound("station.unknown", NO_STATION)
    return head


def get_path_item(code: str) -> ItemRow:
    """The item that an address names."""
    item = find_item(read_path_code(code, NO_ITEM))
    if item is None:
        raise NotFound("stock.item", NO_ITEM)
    return item


def read_quantity(typed: str | None, item: ItemRow) -> int:
    """Units from what was typed, in the item's own words. Raises Invalid."""
    if not (typed or "").strip():
        raise Invalid("stock.quantity", _("Please fill this in."), field="quantity")
    return read_units(str(typed), item.unit, item.case_unit, item.units_per_case)
