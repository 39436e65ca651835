"""One station's shelves by item and lot; one shelf with everything that may be done at it."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from stations.kernel import clock
from stations.kernel.errors import NotFound, Refused
from stations.kernel.forms import CellForm, form_data
from stations.kernel.text import _
from stations.seasons.queries import get_calendar
from stations.seasons.rules import hours_left
from stations.stock.queries.items import ItemRow, list_items, list_kits
from stations.stock.queries.ledger import last_position
from stations.stock.queries.ledger_lines import LineFilter, list_lines
from stations.stock.queries.levels import LevelRow, list_levels
from stations.stock.queries.loans import list_loans
from stations.stock.queries.matrix import StationHead
from stations.stock.queries.shelves import LotLine, list_lots
from stations.stock.queries.transfers import list_transfers
from stations.stock.rules.items import ALCOHOL_WARNING, EXAM_ROOM
from stations.stock.rules.ledger import KIND_NAMES, is_expired
from stations.stock.rules.limits import Limits
from stations.stock.rules.shelf import SHELF_NAMES, ShelfState, shelf_state
from stations.web.admin.stock_deeds import DEEDS, LOT_MARK, Deed
from stations.web.admin.stock_words import PLACE_NAMES, in_words, shown_hours, shown_units
from stations.web.admin.stock_writing import get_head, get_path_item
from stations.web.context import new_request_id
from stations.web.guard import actor, needs
from stations.web.writing import go, mark

door = Blueprint("admin_stock_station", __name__, url_prefix="/admin/stock/stations")

RECENT_LINES = 12


@door.get("/<code>")
@needs("stock.read")
def page(code: str) -> str:
    """The shelves of a station."""
    me, head = actor(), get_head(code)
    levels, items = _levels(head), {row.id: row for row in list_items().values()}
    here = {level.item_id for level in levels}
    lots: dict[str, list[LotLine]] = {}
    for lot in list_lots([head.path], station=head.code):
        lots.setdefault(lot.item, []).append(lot)
    return render_template(
        "admin/stock_station.html", head=head, lines=[(items[row.item_id], row, _state(row)) for row in levels],
        elsewhere=[row for item_id, row in items.items() if item_id not in here], lots=lots,
        loans=list_loans([head.path], station=head.code), transfers=list_transfers([head.path], station=head.code),
        may_write=me.may("stock.write", head.path), may_lose=lambda loan: me.may("stock.write", loan.path), **_words(),
    )  # fmt: skip


def _levels(head: StationHead) -> list[LevelRow]:
    return list_levels([head.path], clock.now(), get_calendar().zone, head.code)


def _state(level: LevelRow) -> ShelfState:
    now, calendar = clock.now(), get_calendar()
    needed = hours_left(calendar.sessions, now, calendar.zone)
    return shelf_state(level.on_hand, level.limits, level.outlook.hours, needed, level.as_of, now)


def _words() -> dict[str, Any]:
    today = clock.now().astimezone(get_calendar().zone).date()
    return {
        "in_words": in_words, "shown_hours": shown_hours, "shown_units": shown_units, "shelf_names": SHELF_NAMES,
        "place_names": PLACE_NAMES, "alcohol_warning": ALCOHOL_WARNING, "exam_room": EXAM_ROOM,
        "is_expired": is_expired, "today": today, "kind_names": KIND_NAMES,
    }  # fmt: skip


@door.get("/<code>/<item>")
@needs("stock.read")
def shelf(code: str, item: str) -> str:
    """One item at one station."""
    return _draw_shelf(get_head(code), get_path_item(item))


def _draw_shelf(head: StationHead, item: ItemRow, typed: CellForm | None = None, typed_deed: str = "") -> str:
    me = actor()
    level = next((row for row in _levels(head) if row.item_id == item.id), None)
    lots = list_lots([head.path], station=head.code, item=item.code)
    parts = list_kits().get(item.code, {})
    deeds = [deed for deed in DEEDS.values() if parts or not deed.is_for_kits]
    position = str(last_position())
    forms = [
        (deed, typed if typed is not None and deed.name == typed_deed else _blank(deed, position, level))
        for deed in deeds
    ]
    wanted = LineFilter([head.path], station=head.code, item=item.code)
    return render_template(
        "admin/stock_shelf.html", head=head, item=item, level=level, state=_state(level) if level else None, lots=lots,
        parts=[(list_items()[part], units) for part, units in parts.items()], forms=forms, typed_deed=typed_deed,
        lot_mark=LOT_MARK, here=[lot for lot in lots if lot.kind == "station"], recent=list_lines(wanted, RECENT_LINES),
        may_write=me.may("stock.write", head.path), **_words(),
    )  # fmt: skip


def _blank(deed: Deed, position: str, level: LevelRow | None) -> CellForm:
    limits = level.limits if level else Limits()
    values = {"request_id": new_request_id(), "position": position}
    if deed.name == "limits":
        values |= {name: str(getattr(limits, name)) for name in ("min_level", "reorder_level", "max_level")}
    return deed.form(form_data(values))


@door.post("/<code>/<item>/<deed>")
@needs("stock.write")
def act(code: str, item: str, deed: str) -> Response:
    """Do it."""
    if deed not in DEEDS:
        raise NotFound("deed.unknown", _("There is nothing like that to do here."))
    head, of = get_head(code), get_path_item(item)
    actor().require("stock.write", head.path)
    form = DEEDS[deed].form(request.form)
    try:
        form.require()
        DEEDS[deed].do(form, head.code, of)
    except Refused as refused:
        if not form.errors:
            mark(form, refused)
        return make_response(_draw_shelf(head, of, form, deed), refused.status)
    return go(url_for(".shelf", code=head.code, item=of.code))
