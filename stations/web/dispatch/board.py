"""The board: the queue, the request that is looked at, the map's vehicles; and the parts that a change redraws."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from markupsafe import Markup

from stations.accounts.rules import Actor
from stations.fleet.optimizer.rows import Choice
from stations.fleet.queries.board import BoardVehicle
from stations.fleet.queries.requests import HelpRow, list_closed_requests
from stations.fleet.queries.rides import RideRow
from stations.fleet.rules import requests as asked
from stations.fleet.rules import rides
from stations.fleet.rules import slack as slacks
from stations.fleet.rules.vehicles import KINDS
from stations.kernel import clock
from stations.kernel.masking import mask_phone
from stations.kernel.text import Text, _
from stations.web.dispatch.counting import count
from stations.web.dispatch.past import Past, list_past, name_people
from stations.web.drawings import draw
from stations.web.guard import actor, needs
from stations.workflows.alternatives import Way, list_ways
from stations.workflows.dispatching import Board, QueueLine, choose_vehicle, look
from stations.workflows.under_way import find_aboard

door = Blueprint("dispatch", __name__, url_prefix="/dispatch")

TRAVEL_SOURCES = {"built-in": _("built-in reckoning"), "osrm": _("route server")}
# What a dispatcher presses for a crew that says so on the phone.
STEP_VERBS = {
    "accepted": _("They accept"), "en_route": _("They set out"), "picked_up": _("They picked up"),
    "dropped_off": _("They dropped off"), "refused": _("They cannot (say why)"), "cancelled": _("Take back"),
    "handed_over": _("Hand over (say why)"), "closed": _("Close"),
}  # fmt: skip
CLOSED_SHOWN = timedelta(hours=12)


@dataclass(frozen=True)
class Chosen:
    """The request that is looked at: its line, who could go, what was done; `say` names who offered its rides."""

    line: QueueLine
    choice: Choice | None
    vehicles: dict[str, BoardVehicle]
    past: list[Past]
    say: Callable[[str], Text | str]
    may_dispatch: bool
    ways: tuple[Way, ...]

    @property
    def row(self) -> HelpRow:
        """The request."""
        return self.line.request


@door.get("")
@needs("fleet.read")
def page() -> Response:
    """The whole board."""
    me = actor()
    board = look(me.paths("fleet.read"))
    return _answer("dispatch/board.html", board, me, map_part=_map())


@door.get("/parts")
@needs("fleet.read")
def parts() -> Response:
    """What a change redraws: the queue and the request that is looked at."""
    me = actor()
    return _answer("dispatch/_parts.html", look(me.paths("fleet.read")), me)


@door.get("/closed")
@needs("fleet.read")
def closed() -> str:
    """What is over, the newest first."""
    rows = list_closed_requests(actor().paths("fleet.read"), clock.now() - CLOSED_SHOWN, 200)
    return render_template("dispatch/closed.html", rows=rows, **words())


def draw_with(status: int, **said: Any) -> Response:
    """The board again, after something was refused."""
    me = actor()
    board = look(me.paths("fleet.read"))
    answer = _answer("dispatch/board.html", board, me, map_part=_map(), **said)
    answer.status_code = status
    return answer


def _map() -> Markup:
    return Markup(draw("dispatch").html)  # noqa: S704 (our own drawing)


def _answer(template: str, board: Board, me: Actor, **more: Any) -> Response:
    chosen = find_chosen(board, me, more.pop("chosen_id", None) or request.args.get("request", type=int))
    answer = make_response(
        render_template(
            template, board=board, chosen=chosen, counts=count(board.vehicles, board.at), may_dispatch=may(me),
            error=more.pop("error", ""), typed=more.pop("typed", {}), **more, **words(),
        )
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer


def find_chosen(board: Board, me: Actor, request_id: int | None) -> Chosen | None:
    """The request of the address, else the first of the queue."""
    line = board.find_line(request_id) if request_id else next(iter(board.lines), None)
    if line is None:
        return None
    row = line.request
    return Chosen(
        line, choose_vehicle(row, board) if line.is_waiting and row.point else None,
        {vehicle.code: vehicle for vehicle in board.vehicles}, list_past(row.id),
        name_people(ride.offered_by for ride in row.rides),
        me.may("fleet.dispatch", row.path), list_ways(row, board) if _is_late(line) else (),
    )  # fmt: skip


def _is_late(line: QueueLine) -> bool:
    """Whether something else should be thought of: no vehicle will be in time, or the one that they sit in."""
    is_undecided = line.is_waiting or find_aboard(line.request) is not None
    return is_undecided and line.slack.seconds is not None and line.slack.seconds < 0


def may(me: Actor) -> bool:
    """Whether the reader may send vehicles somewhere."""
    return me.may("fleet.dispatch")


def words() -> dict[str, Any]:
    """The names of kinds, states, bands and reasons."""
    return {
        "help_kinds": asked.KIND_NAMES, "outcomes": asked.OUTCOME_NAMES, "ride_states": rides.STATE_NAMES,
        "travel_sources": TRAVEL_SOURCES, "step_verbs": STEP_VERBS,
        "bands": slacks.WORDS, "vehicle_kinds": KINDS, "mask": mask_phone, "minutes": minutes, "next_steps": next_steps,
    }  # fmt: skip


def minutes(seconds: float) -> int:
    """Whole minutes, rounded down: never promise time that is not there."""
    return int(seconds // 60)


def next_steps(ride: RideRow) -> list[str]:
    """The steps that a dispatcher may take for a crew that says so on the phone, in their order."""
    order = [state.value for state in rides.RideState]
    return sorted((state.value for state in rides.NEXT[ride.state]), key=order.index)
