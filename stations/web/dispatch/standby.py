"""Where idle vehicles had better stand by: the cover now and after, the moves with their reasons, accepted by hand."""

from typing import Any

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for

from stations.accounts.rules import Actor
from stations.fleet.actions.posting import post_all
from stations.fleet.queries.vehicles import NO_VEHICLE
from stations.kernel.errors import Invalid, Refused
from stations.kernel.forms import CellField, CellForm, HiddenField, read_request_id
from stations.kernel.text import Text, _
from stations.web.dispatch.board import TRAVEL_SOURCES, may, minutes
from stations.web.guard import actor, needs
from stations.web.writing import go, read_path_code, write_once
from stations.workflows.dispatching import look
from stations.workflows.standing_by import COVER_MINUTES, propose_posts

door = Blueprint("dispatch_standby", __name__, url_prefix="/dispatch/standby")

FEWEST_MINUTES, MOST_MINUTES = 5, 20
MOST_MOVES = 500
UNCOVERED_SHOWN = 200


def read_minutes(typed: str) -> int:
    """Whole minutes within which a gate is to be reached."""
    if typed.isascii() and typed.isdigit() and FEWEST_MINUTES <= int(typed[:3]) <= MOST_MINUTES:
        return int(typed)
    message = _("Choose %(least)s to %(most)s minutes.", least=FEWEST_MINUTES, most=MOST_MINUTES)
    raise Invalid("cover.minutes", message, field="minutes")


class CoverForm(CellForm):
    """Within how many minutes."""

    minutes = CellField(_("Minutes to every gate"), read_minutes)


class AcceptForm(CoverForm):
    """Which moves are accepted; the ticked boxes aside."""

    request_id = HiddenField(_("Request id"), read_request_id, is_required=True)


@door.get("")
@needs("fleet.read")
def page() -> Response:
    """The cover and the proposal."""
    form = CoverForm(request.args)
    refusal = None if form.validate() else next(iter(form.problems.values()))
    return _draw(form, refusal, 400 if refusal else 200)


@door.post("")
@needs("fleet.dispatch")
def accept() -> Response:
    """Send the ticked vehicles, or all that are proposed."""
    form = AcceptForm(request.form)
    try:
        form.require()
        moves = _read_moves(request.form.getlist("move"))
        reason = str(_("cover of the gates"))

        def do(me: Actor) -> dict[str, Any]:
            return post_all(moves, reason, me)

        done = write_once(form.request_id.value, "vehicle.post_all", do, None)
    except Refused as refused:
        return _draw(form, refused.message, refused.status)
    said = _("%(sent)s vehicles are told where to stand by.", sent=len(done["sent"]))
    flash(str(said), "success")
    if done["left"]:
        flash(str(_("Left as they are, for something has changed: %(left)s.", left=", ".join(done["left"]))), "caution")
    return go(url_for(".page", minutes=form.minutes.value))


def _draw(form: CoverForm, refusal: Text | None, status: int) -> Response:
    me = actor()
    within = form.minutes.value or COVER_MINUTES
    board = look(me.paths("fleet.read"))
    plan = propose_posts(board, within)
    drawn = render_template(
        "dispatch/standby.html", plan=plan, within=within, typed=form.minutes.data or str(within), refusal=refusal,
        vehicles={vehicle.code: vehicle for vehicle in board.vehicles}, may_dispatch=may(me), minutes=minutes,
        limits=(FEWEST_MINUTES, MOST_MINUTES), shown=UNCOVERED_SHOWN, travel_sources=TRAVEL_SOURCES,
    )  # fmt: skip
    answer = make_response(drawn, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _read_moves(ticked: list[str]) -> list[tuple[str, int]]:
    """Pairs of "vehicle gate"."""
    if not ticked:
        raise Invalid("moves.none", _("Tick the vehicles that should move."), field="move")
    moves: dict[str, int] = {}
    for pair in ticked[:MOST_MOVES]:
        code, _space, gate = pair.partition(" ")
        if not (gate.isascii() and gate.isdigit() and len(gate) <= 9):
            raise Invalid("moves.form", _("This form is incomplete. Please reload the page."), field="move")
        moves[read_path_code(code, NO_VEHICLE)] = int(gate)
    return list(moves.items())
