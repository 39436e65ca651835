"""The ledger, the balances and what runs short as sheets, within one's scope."""

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request, stream_with_context, url_for

from stations.kernel import clock
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.progress import counted
from stations.kernel.sheets import Value, walk_csv, write_xlsx
from stations.kernel.text import Text, _
from stations.seasons.queries import get_calendar
from stations.seasons.rules import hours_left
from stations.stock.queries.items import list_items
from stations.stock.queries.ledger_lines import LineFilter, count_lines, walk_lines
from stations.stock.queries.levels import list_levels
from stations.stock.queries.shelves import list_lots
from stations.stock.rules.ledger import KIND_NAMES
from stations.stock.rules.shelf import SHELF_NAMES, SHORT, shelf_state
from stations.web.admin.stock_ledger import LedgerForm, read_filter
from stations.web.admin.stock_words import PLACE_NAMES
from stations.web.downloads import WRITERS, XLSX
from stations.web.guard import actor, needs
from stations.web.working import LONG_ROWS, show_work

door = Blueprint("admin_stock_exports", __name__, url_prefix="/admin/stock/export")

MOST_ROWS = {"csv": 200_000, "xlsx": 40_000}  # a workbook of more keeps its reader waiting too long
Rows = Iterable[Sequence[Value]]


class Sheet(NamedTuple):
    """One kind of export."""

    headings: tuple[Text, ...]
    rows: Callable[[ZoneInfo], Rows]


def _ledger(zone: ZoneInfo) -> Rows:
    wanted = _asked_lines()
    kinds = {kind: str(name) for kind, name in KIND_NAMES.items()}
    places = {kind: str(name) for kind, name in PLACE_NAMES.items()}
    for line in walk_lines(wanted):
        yield (
            line.id, f"{line.at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            f"{line.happened_at.astimezone(zone):%Y-%m-%d %H:%M:%S}", kinds[line.kind], line.station,
            line.station_name, places[line.place_kind], line.item, line.item_name, line.lot, line.quantity, line.unit,
            line.balance, line.actor, line.reason, line.about, line.order_id, line.reversed_by or "",
        )  # fmt: skip


def _asked_lines() -> LineFilter:
    form = LedgerForm(request.args)
    form.require()
    return read_filter(form.values)


def _count_ledger(ending: str) -> int:
    """How many lines; refused where they are too many for that kind of file."""
    total = count_lines(_asked_lines())
    if total > MOST_ROWS[ending]:
        message = _(
            "These are more than %(most)s rows. Please choose a day, a station or an item, or download CSV.",
            most=MOST_ROWS[ending],
        )
        raise Refused("stock.export", message)
    return total


def _balances(zone: ZoneInfo) -> Rows:
    for lot in list_lots(actor().paths("stock.read")):
        yield (
            lot.station, lot.station_name, str(PLACE_NAMES[lot.kind]), lot.item, lot.item_name, lot.lot,
            lot.expiry_date, lot.on_hand, lot.unit, f"{lot.as_of.astimezone(zone):%Y-%m-%d %H:%M}",
        )  # fmt: skip


def _shortages(zone: ZoneInfo) -> Rows:
    now, items = clock.now(), {row.id: row for row in list_items().values()}
    needed = hours_left(get_calendar().sessions, now, zone)
    for row in list_levels(actor().paths("stock.read"), now, zone):
        state = shelf_state(row.on_hand, row.limits, row.outlook.hours, needed, row.as_of, now)
        if state in SHORT:
            item, limits = items[row.item_id], row.limits
            yield (
                row.station, row.station_name, item.code, item.name, str(SHELF_NAMES[state]), row.on_hand, item.unit,
                _rounded(row.outlook.hours), _rounded(row.outlook.soonest), _rounded(row.outlook.latest),
                limits.min_level, limits.reorder_level, limits.max_level, max(limits.max_level - row.on_hand, 0),
                f"{row.as_of.astimezone(zone):%Y-%m-%d %H:%M}",
            )  # fmt: skip


def _rounded(hours: float | None) -> float | None:
    return None if hours is None else round(hours, 1)


_STATION = (_("Station code"), _("Station"))
_ITEM = (_("Item code"), _("Item"))
SHEETS: dict[str, Sheet] = {
    "ledger": Sheet(
        (_("Line"), _("Booked"), _("Happened"), _("Kind"), *_STATION, _("Place"), *_ITEM, _("Lot"), _("Units"),
         _("Unit"), _("Left of the lot"), _("By"), _("Reason"), _("Belongs to"), _("Entry"), _("Taken back by")),
        _ledger,
    ),
    "balances": Sheet(
        (*_STATION, _("Place"), *_ITEM, _("Lot"), _("Expires on"), _("Units"), _("Unit"), _("As of")), _balances
    ),
    "shortages": Sheet(
        (*_STATION, *_ITEM, _("State"), _("On hand"), _("Unit"), _("Hours to empty"), _("at the soonest"),
         _("at the latest"), _("Minimum"), _("Reorder level"), _("Maximum"), _("Missing to the maximum"), _("As of")),
        _shortages,
    ),
}  # fmt: skip


def _get_sheet(what: str) -> tuple[list[str], Rows]:
    sheet = SHEETS[what]
    return [str(name) for name in sheet.headings], sheet.rows(get_calendar().zone)


def _walk_csv(what: str) -> Iterator[bytes]:
    """In parts, so that it arrives from the first second on and a browser counts what has come."""
    return stream_with_context(walk_csv(*_get_sheet(what)))


@door.get("/ledger")
@needs("stock.read")
def prepare() -> Response:
    """The workbook of a long ledger, watched while it is made; the page holds it in the end."""
    total = _count_ledger("xlsx")
    back = f"{url_for('admin_stock_ledger.page')}?{request.query_string.decode()}", _("Ledger")
    return show_work(_("Ledger"), lambda: _draw_workbook(total, back), back=back)


def _draw_workbook(total: int, back: tuple[str, Text]) -> str:
    headings, rows = _get_sheet("ledger")
    content = write_xlsx(headings, counted(_("Rows read:"), rows, total))
    address = f"data:{XLSX};base64,{b64encode(content).decode()}"
    return render_template("admin/_workbook.html", total=total, size=len(content), address=address, back=back)


@door.get("/<what>.<ending>")
@needs("stock.read")
def export(what: str, ending: str) -> Response:
    """One of them as .csv or .xlsx."""
    if what not in SHEETS:
        raise NotFound("sheet.unknown", _("There is no such sheet."))
    if ending not in WRITERS:
        raise Invalid("sheet.ending", _("Only .csv and .xlsx can be downloaded."))
    write: Any
    write, mimetype = WRITERS[ending]
    is_long = what == "ledger" and _count_ledger(ending) >= LONG_ROWS
    content = write(*_get_sheet(what)) if ending != "csv" or not is_long else _walk_csv(what)
    response = Response(content, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{what}.{ending}"'
    return response
