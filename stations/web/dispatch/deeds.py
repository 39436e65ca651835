"""What a dispatcher presses: send a vehicle, take a crew's step, say where they are, close, show a phone."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Blueprint, Response, request, url_for

from stations.accounts.rules import Actor
from stations.fleet.actions.requests import find_typed_point, locate, reveal_phone
from stations.fleet.actions.rides import OfferOrder, close_request, take_step
from stations.fleet.queries.requests import UNKNOWN
from stations.fleet.rules.requests import OUTCOME_NAMES, Outcome
from stations.fleet.rules.rides import RideState
from stations.fleet.rules.slack import Advice
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.forms import CellField, CellForm, HiddenField, choice_reader, read_request_id, text_reader
from stations.kernel.geo.datum import read_point
from stations.kernel.text import Text, _
from stations.places.queries.atlas import get_atlas
from stations.seasons.queries import get_calendar
from stations.web.dispatch.board import draw_with
from stations.web.guard import actor, needs
from stations.web.writing import go, write_once
from stations.workflows.alternatives import GONE, find_way, offer_way
from stations.workflows.dispatching import look, promise, promise_all, send
from stations.workflows.dispatching import offer_all as send_all

door = Blueprint("dispatch_deeds", __name__, url_prefix="/dispatch")

T = TypeVar("T")

UNKNOWN_STEP: Text = _("There is no such step.")


class PressForm(CellForm):
    """A press with, where it needs one, a reason."""

    request_id = HiddenField(_("Request id"), read_request_id, is_required=True)
    reason = CellField(_("Reason"), text_reader(200))


class OfferForm(PressForm):
    """Which vehicle is sent."""

    vehicle = CellField(_("Vehicle"), text_reader(40), is_required=True)


class CloseForm(PressForm):
    """How it ended."""

    outcome = CellField(_("How it ended"), choice_reader(OUTCOME_NAMES, {}), is_required=True)


class PlaceForm(PressForm):
    """Where they are: words that are a place, or a position."""

    place = CellField(_("Where they are"), text_reader(120))
    lat = CellField(_("Latitude"), text_reader(20))
    lon = CellField(_("Longitude"), text_reader(20))


@door.post("/requests/<id:help_id>/offer")
@needs("fleet.dispatch")
def offer(help_id: int) -> Response:
    """Send a vehicle."""
    form = OfferForm(request.form)
    form.validate()
    promised = _prepare(lambda: promise(help_id, form.vehicle.value or "", actor().paths("fleet.dispatch")))

    def do(me: Actor) -> dict[str, Any]:
        return send(promised(), me)

    done = _("%(vehicle)s is asked to go.", vehicle=form.vehicle.data or "")
    return _press(form, f"ride.offer {help_id} {(form.vehicle.data or '')[:30]}", do, done, help_id)


@door.post("/requests/<id:help_id>/ways/<advice>")
@needs("fleet.dispatch")
def go_another_way(help_id: int, advice: str) -> Response:
    """Offer the rides of another way: a meeting half-way, a relay."""

    if advice not in set(Advice):
        raise NotFound("way.gone", GONE)

    def look_again() -> tuple[OfferOrder, ...]:
        board = look(actor().paths("fleet.dispatch"))
        line = board.find_line(help_id)
        if line is None:
            raise NotFound("request.unknown", UNKNOWN)
        return find_way(line.request, board, advice).orders

    orders = _prepare(look_again)

    def do(me: Actor) -> dict[str, Any]:
        return offer_way(orders(), me)

    done = _("The vehicles are asked to go.")
    return _press(PressForm(request.form), f"ride.way {help_id} {advice}", do, done, help_id)


@door.post("/offers")
@needs("fleet.dispatch")
def offer_all() -> Response:
    """Send every proposed vehicle at once; what somebody else has taken meanwhile is left."""
    promised = _prepare(lambda: promise_all(actor().paths("fleet.dispatch")))

    def do(me: Actor) -> dict[str, Any]:
        return send_all(promised(), me)

    return _press(PressForm(request.form), "ride.offer_all", do, _("The proposed vehicles are asked to go."), None)


@door.post("/rides/<id:ride_id>/<wanted>")
@needs("fleet.dispatch")
def step(ride_id: int, wanted: str) -> Response:
    """Take a step for a crew that said so on the phone, or take an offer back."""
    if wanted not in set(RideState):
        raise NotFound("ride.step", UNKNOWN_STEP)
    form = PressForm(request.form)

    def do(me: Actor) -> dict[str, Any]:
        return take_step(ride_id, RideState(wanted), me, reason=form.reason.value or "")

    return _press(form, f"ride.{wanted} {ride_id}", do, _("Noted."), request.form.get("help_id", type=int))


@door.post("/requests/<id:help_id>/close")
@needs("fleet.dispatch")
def close(help_id: int) -> Response:
    """End a request."""
    form = CloseForm(request.form)

    def do(me: Actor) -> dict[str, Any]:
        return close_request(help_id, Outcome(form.outcome.value), me, form.reason.value or "")

    return _press(form, f"help.close {help_id}", do, _("The request is closed."), None)


@door.post("/requests/<id:help_id>/place")
@needs("fleet.dispatch")
def place(help_id: int) -> Response:
    """Say where they are."""
    form = PlaceForm(request.form)

    def do(me: Actor) -> dict[str, Any]:
        return locate(help_id, _read_place(form), form.place.value or "", me)

    return _press(form, f"help.locate {help_id}", do, _("The place is set."), help_id)


@door.post("/requests/<id:help_id>/phone")
@needs("fleet.dispatch")
def phone(help_id: int) -> Response:
    """Show the asker's phone once, with the reason that is kept."""
    form = PressForm(request.form)
    try:
        form.require()
        shown = run_in_transaction(lambda: reveal_phone(help_id, form.reason.value or "", actor()))
    except Refused as refused:
        return draw_with(refused.status, chosen_id=help_id, error=refused.message, typed=request.form)
    return draw_with(200, chosen_id=help_id, phone_shown=shown)


def _prepare(read: Callable[[], T]) -> Callable[[], T]:
    """Read it now, before anything is locked. A refusal waits until the deed is really done: a press that is sent
    again is answered as it was."""
    try:
        found = read()
    except Refused as refused:
        problem = refused

        def refuse() -> T:
            raise problem

        return refuse
    return lambda: found


def _read_place(form: PlaceForm) -> tuple[float, float]:
    if form.lat.value and form.lon.value:
        try:
            found = read_point(float(form.lat.value), float(form.lon.value))
        except ValueError:
            raise Invalid("point.form", _("Latitude and longitude must be ordinary numbers."), field="lat") from None
        return found.lat, found.lon
    point = find_typed_point(get_atlas(get_calendar().zone), form.place.value or "")
    if point is None:
        message = _("That is no place we know for certain. Choose a metro exit, a station or an exam site.")
        raise Invalid("place.unsure", message, field="place")
    return point


def _press(
    form: PressForm, action: str, do: Callable[[Actor], dict[str, Any]], done: Text, chosen_id: int | None,
) -> Response:  # fmt: skip
    try:
        form.require()
        write_once(form.request_id.value, action, do, done)
    except Refused as refused:
        if refused.status == 403:
            raise
        return draw_with(refused.status, chosen_id=chosen_id, error=refused.message, typed=request.form)
    return go(url_for("dispatch.page", request=chosen_id))
