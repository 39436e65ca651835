"""Find a replacement: the change that fills a free place, and its acceptance with one press."""

from flask import Blueprint, Response, make_response, render_template, request, url_for

from stations.accounts.rules import Actor
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.forms import read_request_id
from stations.kernel.text import _
from stations.shifts.actions.replacing import accept_replacement
from stations.shifts.rules.planning import NeedRow, ShiftRow
from stations.web.addresses import read_id
from stations.web.coordination.presses import press
from stations.web.coordination.shift_page import get_mine
from stations.web.coordination.words import words
from stations.web.guard import actor, needs
from stations.web.writing import go
from stations.workflows.replacing import find_replacement

door = Blueprint("coordination_replacing", __name__, url_prefix="/coordination/shifts")


@door.get("/<id:shift_id>/replace/<id:need_id>")
@needs("shifts.write")
def page(shift_id: int, need_id: int) -> Response:
    """What would change."""
    me = actor()
    return _draw(get_mine(shift_id, me), need_id, me)


@door.post("/<id:shift_id>/replace/<id:need_id>")
@needs("shifts.write")
def accept(shift_id: int, need_id: int) -> Response:
    """Change it so."""
    me = actor()
    row = get_mine(shift_id, me)
    try:
        claimed = read_request_id(request.form.get("request_id", ""))
        placed, back = _read_pairs("placed"), _read_pairs("back")
        press(lambda by: accept_replacement(claimed, row.id, placed, back, by), _("Placed. Please call them."))
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        return _draw(row, need_id, me, refused)
    return go(url_for("coordination_shifts.page", shift_id=row.id))


def _read_pairs(name: str) -> list[tuple[int, int]]:
    try:
        typed = [pair.split("-") for pair in request.form.getlist(name)]
        return [(read_id(need), read_id(volunteer)) for need, volunteer in typed]
    except ValueError:
        raise Invalid("replacement.form", _("Please look for a replacement again.")) from None


def _draw(row: ShiftRow, need_id: int, me: Actor, refused: Refused | None = None) -> Response:
    need = _get_need(row, need_id)
    said = None if refused is None else refused.message
    is_free = need.free > 0 and not row.is_cancelled
    page = render_template(
        "coordination/replace.html", shift=row, need=need, error=said, is_free=is_free,
        found=find_replacement(row, need.id, me) if is_free else None, **words(),
    )  # fmt: skip
    return make_response(page, refused.status if refused else 200)


def _get_need(row: ShiftRow, need_id: int) -> NeedRow:
    found = next((need for need in row.needs if need.id == need_id), None)
    if found is None:
        raise NotFound("need.unknown", _("There is no such place."))
    return found
