"""The ledger: append-only, searched and paged; an entry with all its lines, and taking it back once."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from stations.kernel.cells import read_whole
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.forms import (
    CellField,
    CellForm,
    HiddenField,
    choice_reader,
    form_data,
    read_request_id,
    text_reader,
)
from stations.kernel.text import Text, _
from stations.seasons.forms import read_date
from stations.seasons.queries import get_calendar
from stations.stock.actions.ledger import REVERSIBLE, reverse
from stations.stock.queries.items import list_items
from stations.stock.queries.ledger_lines import LineFilter, LineRow, count_lines, list_lines, list_order_lines
from stations.stock.queries.matrix import list_heads
from stations.stock.rules.ledger import KIND_NAMES
from stations.web.admin.stock_words import PLACE_NAMES, in_words
from stations.web.admin.stock_writing import book_once
from stations.web.context import new_request_id
from stations.web.guard import actor, needs
from stations.web.paging import make_page
from stations.web.working import LONG_ROWS
from stations.web.writing import go, mark

door = Blueprint("admin_stock_ledger", __name__, url_prefix="/admin/stock/ledger")

EARLIEST_YEAR, LATEST_YEAR = 2000, 2100


def read_day(typed: str) -> date:
    """A day of which there may be a ledger. Raises Invalid."""
    day = read_date(typed)
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise Invalid("date.range", _("There is no ledger of %(day)s.", day=day.isoformat()))
    return day


class LedgerForm(CellForm):
    """What of the ledger is asked for."""

    station = CellField(_("Station"), text_reader(40))
    item = CellField(_("Item"), text_reader(40))
    kind = CellField(_("Kind"), choice_reader(KIND_NAMES, {}))
    day = CellField(_("Day"), read_day)
    by = CellField(_("By"), text_reader(80))
    page = CellField(_("Page"), read_whole)


class ReverseForm(CellForm):
    """Why an entry is taken back."""

    reason = CellField(_("Reason"), text_reader(200), is_required=True)
    request_id = HiddenField(_("Request id"), read_request_id, is_required=True)


def read_filter(values: Mapping[str, Any]) -> LineFilter:
    """The lines that a valid form asks for, within the reader's scope."""
    since: datetime | None = None
    day: date | None = values["day"]
    if day is not None:
        since = datetime.combine(day, time(), get_calendar().zone)
    texts = {name: values[name] or "" for name in ("station", "item", "kind")}
    until = since + timedelta(days=1) if since else None
    return LineFilter(actor().paths("stock.read"), **texts, actor=values["by"] or "", since=since, until=until)


@door.get("/")
@needs("stock.read")
def page() -> Response:
    """The newest lines first."""
    form = LedgerForm(request.args)
    refusal = None if form.validate() else next(iter(form.problems.values()))
    wanted = read_filter(form.values)
    asked = {field.name: field.data or "" for field in form if field.name != "page"}
    kept = {name: value for name, value in asked.items() if value and name not in form.problems}
    listed = make_page(count_lines(wanted), lambda limit, offset: list_lines(wanted, limit, offset), kept)
    drawn = render_template(
        "admin/stock_ledger.html", page=listed, asked=asked, kept=kept, refusal=refusal, **_words(),
        LONG_ROWS=LONG_ROWS, stations={head.code: head.name for head in list_heads(wanted.paths).values()},
        items={row.code: in_words(row.name, row.name_en) for row in list_items().values()},
    )  # fmt: skip
    return make_response(drawn, 400 if refusal else 200)


def _words() -> dict[str, Any]:
    return {"kind_names": KIND_NAMES, "place_names": PLACE_NAMES, "in_words": in_words}


@door.get("/<order_id>")
@needs("stock.read")
def order(order_id: str) -> str:
    """One entry with all its lines."""
    return _draw_order(_get_order(order_id), ReverseForm(form_data({"request_id": new_request_id()})))


def _get_order(order_id: str) -> list[LineRow]:
    """Its lines, if the reader may see each of them."""
    lines, me = list_order_lines(order_id) if order_id.isprintable() else [], actor()
    if not lines or not all(me.may("stock.read", line.path) for line in lines):
        raise NotFound("stock.order", _("There is no such entry in the ledger."))
    return lines


def _draw_order(lines: list[LineRow], form: ReverseForm) -> str:
    me = actor()
    may_write = all(me.may("stock.write", line.path) for line in lines)
    is_open = lines[0].kind in REVERSIBLE and not any(line.reversed_by for line in lines)
    return render_template(
        "admin/stock_entry.html",
        lines=lines,
        first=lines[0],
        form=form,
        may_take_back=may_write and is_open,
        **_words(),
    )


DONE: Text = _("Taken back. Both entries stay in the ledger.")


@door.post("/<order_id>/take-back")
@needs("stock.write")
def take_back(order_id: str) -> Response:
    """Take it back, once."""
    lines, form, zone = _get_order(order_id), ReverseForm(request.form), get_calendar().zone
    try:
        form.require()
        book_once(lambda me: reverse(form.request_id.value, order_id, form.reason.value, me, zone), DONE)
    except Refused as refused:
        if refused.status == 403:
            raise
        if not form.errors:
            mark(form, refused)
        return make_response(_draw_order(_get_order(order_id), form), refused.status)
    return go(url_for(".order", order_id=lines[0].order_id))
