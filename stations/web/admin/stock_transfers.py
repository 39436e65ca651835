"""Transfers: the live ones and those that are over, a new one, and each with its next steps."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from stations.accounts.rules import Actor
from stations.kernel import audit
from stations.kernel.errors import NotFound, Refused
from stations.kernel.forms import form_data
from stations.kernel.text import Text, _
from stations.seasons.queries import get_calendar
from stations.stock.actions.transfers import change_transfer, may_change, request_transfer
from stations.stock.queries.items import list_items
from stations.stock.queries.ledger_lines import list_lines_about
from stations.stock.queries.matrix import list_heads
from stations.stock.queries.transfers import TransferRow, get_transfer, list_transfers
from stations.stock.rules.ledger import KIND_NAMES, PlaceKind
from stations.stock.rules.transfers import NEXT, STATE_NAMES, TransferState
from stations.web.admin.stock_transfer_forms import (
    MoveForm,
    ReceivedLine,
    TransferForm,
    TypedLine,
    read_lines,
    read_received,
    received_lines,
    transfer_order,
    typed_lines,
)
from stations.web.admin.stock_words import PLACE_NAMES, in_words, shown_units
from stations.web.context import new_request_id
from stations.web.guard import actor, needs
from stations.web.paging import make_page
from stations.web.writing import go, mark, write_once

door = Blueprint("admin_stock_transfers", __name__, url_prefix="/admin/stock/transfers")

NO_TRANSFER: Text = _("There is no such transfer.")
DONE: dict[TransferState, Text] = {
    TransferState.APPROVED: _("Approved."),
    TransferState.REFUSED: _("Refused."),
    TransferState.PICKED: _("Picked: the units are held for this transfer."),
    TransferState.SENT: _("Sent: the units are in transit."),
    TransferState.RECEIVED: _("Received: the units are on the shelf."),
    TransferState.CANCELLED: _("Cancelled: what was held is back on the shelf."),
}


@door.get("/")
@needs("stock.read")
def page() -> str:
    """Those under way, then those that are over."""
    me = actor()
    paths = me.paths("stock.read")
    over = [row for row in list_transfers(paths, live=False) if not row.is_live]
    listed = make_page(len(over), lambda limit, offset: over[offset : offset + limit], {})
    return render_template(
        "admin/stock_transfers.html", live=list_transfers(paths), page=listed, in_words=in_words,
        may_ask=me.may("stock.write"),
    )  # fmt: skip


@door.get("/new")
@needs("stock.write")
def new() -> str:
    """An empty order, or one that another page began."""
    asked = request.args
    values = {name: asked.get(name, "")[:40] for name in ("source", "to")} | {"request_id": new_request_id()}
    lines = typed_lines(asked)
    return _draw_new(TransferForm(form_data(values)), lines)


def _draw_new(form: TransferForm, lines: list[TypedLine]) -> str:
    by_district: dict[str, dict[str, str]] = {}
    for head in list_heads().values():
        by_district.setdefault(in_words(head.district, head.district_en), {})[head.code] = head.name
    items = {row.code: in_words(row.name, row.name_en) for row in list_items().values()}
    return render_template("admin/stock_transfer_new.html", form=form, lines=lines, stations=by_district, items=items)


@door.post("/new")
@needs("stock.write")
def create() -> Response:
    """Ask for it; or only for more lines."""
    form = TransferForm(request.form)
    if request.form.get("more"):
        return make_response(_draw_new(form, typed_lines(request.form, extra=4)))
    lines = typed_lines(request.form)
    try:
        form.require()
        order = transfer_order(form, read_lines(lines))

        def do(me: Actor) -> dict[str, Any]:
            return request_transfer(order, me)

        made = write_once(order.request_id, "transfer.request", do, _("The transfer is requested."))
    except Refused as refused:
        if not form.errors:
            _blame(form, refused)
        return make_response(_draw_new(form, lines), refused.status)
    return go(url_for(".show", transfer_id=made["id"]))


def _blame(form: TransferForm, refused: Refused) -> None:
    names = {"to_station": "to", "from_station": "source", "station": "source"}
    refused.field = names.get(refused.field or "", refused.field)
    mark(form, refused)


@door.get("/<id:transfer_id>")
@needs("stock.read")
def show(transfer_id: int) -> str:
    """One transfer with its steps and its lines in the ledger."""
    return _draw(_get_mine(transfer_id))


def _get_mine(transfer_id: int) -> TransferRow:
    """The transfer, if one of its ends may be read; one between others is as if it were not there."""
    transfer, me = get_transfer(transfer_id), actor()
    if not (me.may("stock.read", transfer.from_path) or me.may("stock.read", transfer.to_path)):
        raise NotFound("transfer.unknown", NO_TRANSFER)
    return transfer


def _draw(
    transfer: TransferRow, form: MoveForm | None = None, wanted: str = "", came: dict[str, ReceivedLine] | None = None
) -> str:
    me = actor()
    moves = [state for state in TransferState if state in NEXT[transfer.state] and may_change(transfer, state, me)]
    # A line says what else is on that shelf: each end's are for who may read it, the road's for both.
    lines = [
        line
        for line in list_lines_about(transfer.about)
        if line.place_kind == PlaceKind.IN_TRANSIT or me.may("stock.read", line.path)
    ]
    return render_template(
        "admin/stock_transfer.html", transfer=transfer, moves=[move.value for move in moves], wanted=wanted,
        form=form or MoveForm(form_data({})), came=came or received_lines(transfer),
        events=audit.list_events(transfer.about), lines=lines, state_names=STATE_NAMES,
        kind_names=KIND_NAMES, place_names=PLACE_NAMES, in_words=in_words, shown_units=shown_units,
        differences=[line for line in transfer.lines if line.received is not None and line.received != line.quantity],
    )  # fmt: skip


@door.post("/<id:transfer_id>/<wanted>")
@needs("stock.write")
def change(transfer_id: int, wanted: str) -> Response:
    """Take the next step."""
    transfer, form = _get_mine(transfer_id), MoveForm(request.form)
    if wanted not in set(TransferState):
        raise NotFound("transfer.unknown", NO_TRANSFER)
    state = TransferState(wanted)
    is_receipt = state is TransferState.RECEIVED
    came = received_lines(transfer, request.form) if is_receipt and transfer.is_live else None
    try:
        form.require()
        _change(transfer, state, form, came)
    except Refused as refused:
        if refused.status == 403:
            raise
        if not form.errors:
            mark(form, refused)
        return make_response(_draw(_get_mine(transfer_id), form, wanted, came), refused.status)
    return go(url_for(".show", transfer_id=transfer_id))


def _change(transfer: TransferRow, wanted: TransferState, form: MoveForm, came: dict[str, ReceivedLine] | None) -> None:
    received = read_received(transfer, came) if came else None
    value = form.values

    def do(me: Actor) -> dict[str, Any]:
        return change_transfer(
            transfer.id, wanted, value["request_id"], me, get_calendar().zone, received=received,
            vehicle=value["vehicle"] or "", reason=value["reason"] or "",
        )  # fmt: skip

    is_put_back = transfer.state is TransferState.PICKED and wanted is TransferState.APPROVED
    done = _("Put back: the units are on the shelf again.") if is_put_back else DONE.get(wanted)
    write_once(value["request_id"], f"transfer.{wanted.value} {transfer.id}", do, done)
