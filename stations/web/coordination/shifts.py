"""Shifts one by one: added, changed, cancelled; people placed, taken off and asked."""

from typing import Any

from flask import Blueprint, Response, make_response, request, url_for

from stations.accounts.rules import Actor
from stations.kernel.errors import Forbidden, NotFound, Refused
from stations.kernel.forms import CellForm
from stations.kernel.text import Text, _
from stations.shifts.actions.dropping import drop
from stations.shifts.actions.placing import PlaceOrder, Unplaced, place
from stations.shifts.actions.rescuing import offer_places
from stations.shifts.actions.shifts import add_shift, cancel_shift, change_shift
from stations.shifts.forms import PlaceForm, PressForm, ShiftForm
from stations.shifts.queries.assignments import get_assignment
from stations.shifts.rules.states import Source
from stations.web.coordination.presses import press
from stations.web.coordination.shift_page import draw_new, draw_shift, get_mine
from stations.web.guard import actor, needs
from stations.web.writing import Deed, go, mark, write_once

door = Blueprint("coordination_shifts", __name__, url_prefix="/coordination/shifts")


@door.get("/new")
@needs("shifts.write")
def new() -> str:
    """An empty form."""
    return draw_new({name: request.args.get(name, "") for name in ("station", "day")})


@door.post("/new")
@needs("shifts.write")
def create() -> Response:
    """Add it."""
    form = ShiftForm(request.form)
    try:
        form.require()
        order = form.order()
        done, action = _("The shift is added."), f"shift.add {order.station}"
        made = write_once(form.request_id.value, action, lambda by: add_shift(order, by), done)
    except Refused as refused:
        if not form.errors:
            mark(form, refused)
        return make_response(draw_new({}, form), refused.status)
    return go(url_for(".page", shift_id=made["id"]))


@door.get("/<id:shift_id>")
@needs("shifts.read")
def page(shift_id: int) -> str:
    """The shift as it stands."""
    me = actor()
    return draw_shift(get_mine(shift_id, me), me)


@door.post("/<id:shift_id>")
@needs("shifts.write")
def save(shift_id: int) -> Response:
    """Give it another time, post or needs."""
    me = actor()
    row, form = get_mine(shift_id, me), ShiftForm(request.form)
    try:
        form.require()
        order = form.order(row.exam_session_id)
        done = _("Saved.")
        write_once(form.request_id.value, f"shift.change {row.id}", lambda by: change_shift(row.id, order, by), done)
    except Refused as refused:
        if not form.errors:
            mark(form, refused)
        return make_response(draw_shift(row, me, form=form), refused.status)
    return go(url_for(".page", shift_id=row.id))


@door.post("/<id:shift_id>/cancel")
@needs("shifts.write")
def cancel(shift_id: int) -> Response:
    """Call it off."""
    form = PressForm(request.form)

    def do(by: Actor) -> dict[str, Any]:
        return cancel_shift(shift_id, by, form.reason.value or "")

    return _deed(shift_id, form, f"shift.cancel {shift_id}", do, _("The shift is cancelled; its people are free."))


@door.post("/<id:shift_id>/people")
@needs("shifts.lead")
def put(shift_id: int) -> Response:
    """Give somebody a place, against objections where a reason is given that may override them."""
    me = actor()
    row, form = get_mine(shift_id, me), PlaceForm(request.form)
    try:
        form.require()
        if form.need_id.value not in {need.id for need in row.needs}:
            raise NotFound("need.unknown", _("There is no such place."))
        order = PlaceOrder(form.need_id.value, form.volunteer_id.value, form.reason.value or "")
        press(lambda by: place(form.request_id.value, order, _source(by, row.path), by), _("Placed."))
    except Unplaced as refused:
        return make_response(draw_shift(row, me, unplaced=refused), refused.status)
    except Refused as refused:
        return _refuse(shift_id, refused)
    return go(url_for(".page", shift_id=row.id))


def _source(by: Actor, path: str) -> Source:
    return Source.ADMIN if by.may("shifts.write", path) else Source.LEADER


@door.post("/<id:shift_id>/people/<id:assignment_id>/off")
@needs("shifts.lead")
def take_off(shift_id: int, assignment_id: int) -> Response:
    """Take somebody off it; the next on the waiting list is asked."""
    form = PressForm(request.form)
    row = get_mine(shift_id, actor())

    def do(by: Actor) -> dict[str, Any]:
        if get_assignment(assignment_id).shift_id != row.id:
            raise NotFound("assignment.unknown", _("There is no such assignment."))
        return drop(assignment_id, by, form.reason.value or "")

    return _deed(shift_id, form, f"shift.drop {assignment_id}", do, _("Taken off. Whoever waits is asked now."))


@door.post("/<id:shift_id>/offer/<id:need_id>")
@needs("shifts.lead")
def offer(shift_id: int, need_id: int) -> Response:
    """Offer the free places to whoever waits."""
    form = PressForm(request.form)

    def do(by: Actor) -> dict[str, Any]:
        return offer_places(shift_id, need_id, by)

    return _deed(shift_id, form, f"shift.offer {need_id}", do, _("The place is offered to the next in rank."))


def _deed(shift_id: int, form: CellForm, action: str, do: Deed, done: Text) -> Response:
    row = get_mine(shift_id, actor())
    try:
        form.require()
        write_once(form["request_id"].value, action, do, done)
    except Refused as refused:
        return _refuse(row.id, refused)
    return go(url_for(".page", shift_id=row.id))


def _refuse(shift_id: int, refused: Refused) -> Response:
    """The page again with the reason; what may not be seen or done at all is said as such."""
    if isinstance(refused, (Forbidden, NotFound)):
        raise refused
    me = actor()
    return make_response(draw_shift(get_mine(shift_id, me), me, error=refused.message), refused.status)
