"""A morning again: what happened as a list, and for the slider where everybody was."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request
from markupsafe import Markup

from stations.fleet.actions.looking import note_replay
from stations.fleet.forms import BookingSearchForm
from stations.fleet.rules.days import STEP_NAMES
from stations.fleet.rules.requests import KIND_NAMES, OUTCOME_NAMES
from stations.fleet.rules.slack import WORDS
from stations.fleet.rules.vehicles import today_in
from stations.kernel import clock
from stations.kernel.db import run_in_transaction
from stations.seasons.queries import get_calendar
from stations.web.context import shown_date
from stations.web.dispatch.board import minutes
from stations.web.dispatch.past import say_reason
from stations.web.dispatch.replay_json import write_replay
from stations.web.drawings import draw, this_datum
from stations.web.guard import actor, needs
from stations.workflows.replaying import list_tracks, replay

door = Blueprint("dispatch_replay", __name__, url_prefix="/dispatch")

DAY = timedelta(days=1)


@door.get("/replay")
@needs("fleet.read")
def page() -> Response:
    """One day."""
    search = BookingSearchForm(request.args)
    is_right = search.validate()
    day = (search.day.value if is_right else None) or today()
    refusal = None if is_right else next(iter(search.problems.values()))
    me = actor()
    run_in_transaction(lambda: note_replay(day, me))
    seen = replay(day, me.paths("fleet.read"))
    drawn = render_template(
        "dispatch/replay.html", seen=seen, day=day, days=(day - DAY, day + DAY), refusal=refusal,
        shown_date=shown_date, zone=get_calendar().zone.key, map_part=_map() if seen.happenings else "",
        may_export=me.may("fleet.dispatch"), **words(),
    )  # fmt: skip
    return _private(make_response(drawn, 400 if refusal else 200))


@door.get("/replay.json")
@needs("fleet.read")
def everything() -> Response:
    """The day for the slider."""
    search = BookingSearchForm(request.args)
    search.require()
    me, day = actor(), search.day.value or today()
    paths = me.paths("fleet.read")
    run_in_transaction(lambda: note_replay(day, me))
    seen = replay(day, paths)
    tracks, slots = list_tracks(seen, paths)
    return _private(Response(write_replay(seen, tracks, slots, this_datum()), mimetype="application/json"))


def today() -> date:
    """The day in the season's zone."""
    return today_in(get_calendar().zone, clock.now())


def words() -> dict[str, Any]:
    """The names of kinds, steps, outcomes and bands."""
    return {
        "help_kinds": KIND_NAMES, "steps": STEP_NAMES, "outcomes": OUTCOME_NAMES, "bands": WORDS, "minutes": minutes,
        "say_reason": say_reason,
    }  # fmt: skip


def _map() -> Markup:
    return Markup(draw("replay").html)  # noqa: S704 (our own drawing)


def _private(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer
