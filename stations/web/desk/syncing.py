"""A phone's outbox: all that it has queued goes in, what became of each entry and the desk as it stands come out."""

from typing import Any

import msgspec
from flask import Blueprint, Response, render_template
from flask_wtf.csrf import generate_csrf
from sqlalchemy.exc import OperationalError

from stations.accounts.rules import Actor
from stations.kernel import clock
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Refused
from stations.kernel.text import Text, _
from stations.places.queries.rows import StationRow
from stations.seasons.queries import get_calendar
from stations.stock.rules.limits import STATE_NAMES
from stations.web.context import shown_time
from stations.web.desk.picture import PARTS, draw, get_mine, make_desk
from stations.web.desk.tiles import Tile
from stations.web.errors import TITLES, problem
from stations.web.guard import actor, needs
from stations.web.outboxes import read_entries
from stations.web.units import say_units
from stations.workflows.desk_entries import Outcome, book_entries

door = Blueprint("desk_sync", __name__, url_prefix="/desk")

BUSY: Text = _("The records are busy. What you entered is kept on this phone and is sent again.")


@door.get("/<code>/now")
@needs("stock.write")
def now(code: str) -> Response:
    """The desk as it stands, for a page that is open."""
    me = actor()
    return _send(get_mine(code, me), me, [])


@door.post("/<code>/entries")
@needs("stock.write")
def sync(code: str) -> Response:
    """A JSON list of entries, booked in their order, each by itself."""
    me = actor()
    row = get_mine(code, me)
    try:
        entries = read_entries()
        zone = get_calendar().zone
        outcomes = run_in_transaction(lambda: book_entries(entries, code, me, zone))
    except Refused as refused:
        return problem(refused.status, refused.code, TITLES[refused.status], refused.message, None)
    except OperationalError:  # somebody else holds the lock for too long
        return problem(503, "desk.busy", TITLES[500], BUSY, None)
    return _send(row, me, outcomes)


def _send(row: StationRow, me: Actor, outcomes: list[Outcome]) -> Response:
    desk = make_desk(row, me)
    content = {
        "results": [_result(outcome) for outcome in outcomes],
        "person": me.username,
        "token": generate_csrf(),
        "now": clock.now().isoformat(),
        "as_of": shown_time(clock.now()),
        "position": desk.position,
        "tiles": {tile.item.code: {"on_hand": tile.on_hand, "html": _facts(tile)} for tile in desk.tiles},
        "parts": {name: draw(f"_{name}", desk) for name in PARTS},
    }
    response = Response(msgspec.json.encode(content), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _facts(tile: Tile) -> str:
    return render_template("desk/_facts.html", tile=tile, say_units=say_units, state_names=STATE_NAMES)


def _result(outcome: Outcome) -> dict[str, Any]:
    if outcome.moved is None:
        assert outcome.refused is not None
        return {
            "id": outcome.id, "status": "refused", "code": outcome.refused.code,
            "message": str(outcome.refused.message), "lines": [],
        }  # fmt: skip
    lines = [{"lot": lot, "quantity": units, "balance": balance} for lot, units, balance in outcome.moved.lines]
    return {"id": outcome.id, "status": "replay" if outcome.moved.is_replay else "done", "message": "", "lines": lines}
