"""What comes to a station from another one, and what goes."""

from typing import Any

from flask import Blueprint, Response, request, url_for

from stations.accounts.rules import Actor
from stations.kernel.errors import NotFound, Refused
from stations.kernel.forms import CellField, CellForm, HiddenField, choice_reader, read_request_id, text_reader
from stations.kernel.text import Text, _
from stations.seasons.queries import get_calendar
from stations.stock.actions.transfers import change_transfer
from stations.stock.queries.transfers import TransferRow, get_transfer
from stations.stock.rules.items import read_units
from stations.stock.rules.transfers import Received, TransferState
from stations.web.desk.pages import answer
from stations.web.desk.picture import Draft, get_mine, make_desk
from stations.web.guard import actor, needs
from stations.web.writing import go, write_once

door = Blueprint("desk_transfers", __name__, url_prefix="/desk")

DONE: dict[str, Text] = {
    TransferState.APPROVED: _("The units are back on the shelf."),
    TransferState.PICKED: _("The units are set aside. Please send them within the hour."),
    TransferState.SENT: _("The units are on their way."),
    TransferState.RECEIVED: _("Signed for, thank you."),
}


class StepForm(CellForm):
    """The next step of a transfer; the quantities that came are read line by line."""

    state = CellField(_("State"), choice_reader(DONE, {}), is_required=True)
    vehicle = CellField(_("Vehicle"), text_reader(40))
    request_id = HiddenField(_("Request id"), read_request_id, is_required=True)


@door.post("/<code>/transfers/<id:transfer_id>")
@needs("stock.write")
def step(code: str, transfer_id: int) -> Response:
    """Pick, put back, send, or sign for a transfer."""
    me = actor()
    row = get_mine(code, me)
    form = StepForm(request.form)
    try:
        form.require()
        wanted = TransferState(form.state.value)

        def do(by: Actor) -> dict[str, Any]:
            transfer = get_transfer(transfer_id)
            if code not in (transfer.from_station, transfer.to_station):
                raise NotFound("transfer.unknown", _("There is no such transfer."))
            received = _read_received(transfer) if wanted is TransferState.RECEIVED else None
            return change_transfer(
                transfer_id, wanted, form.request_id.value, by, get_calendar().zone, received=received,
                vehicle=form.vehicle.value or "",
            )  # fmt: skip

        write_once(form.request_id.value, f"desk.transfer {transfer_id} {wanted.value}", do, DONE[wanted])
    except Refused as refused:
        draft = Draft("transfer", str(transfer_id), request.form.to_dict(), refused.message)
        return answer(make_desk(row, me, draft), me, refused)
    return go(url_for("desk.station", code=code, _anchor="transfers"))


def _read_received(transfer: TransferRow) -> dict[str, Received]:
    """What came of each item; an empty field is all that was sent."""
    received = {}
    for line in transfer.lines:
        typed = request.form.get(f"received-{line.item}", "").strip()
        reason = text_reader(200)(request.form.get(f"reason-{line.item}", ""))
        units = read_units(typed, line.unit, line.case_unit, line.units_per_case) if typed else line.quantity
        received[line.item] = Received(units, reason)
    return received
