"""Talks that somebody of the staff had at a station, counted from the desk as counsellors count theirs."""

from typing import Any

import msgspec
from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.datastructures import MultiDict

from stations.accounts.rules import Actor
from stations.feedback.actions import count_talk, take_back_talk
from stations.feedback.queries import list_own
from stations.feedback.rules import TOPIC_NAMES, WHO_NAMES, TalkOrder
from stations.kernel import clock, replay
from stations.kernel.cells import read_instant
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import NotFound, Refused
from stations.kernel.forms import CellForm, HiddenField, choice_reader, read_request_id
from stations.kernel.text import Text, _
from stations.places.queries.rows import StationRow
from stations.places.queries.stations import find_station
from stations.seasons.queries import get_calendar
from stations.web.context import shown_time
from stations.web.errors import TITLES, problem
from stations.web.guard import actor, needs
from stations.web.outboxes import read_entries, settle
from stations.web.writing import go, read_path_code
from stations.workflows.counselling import list_hotlines

door = Blueprint("desk_counsel", __name__, url_prefix="/desk")

NO_STATION: Text = _("There is no such station.")
PERMISSION = "talks.write"


class TalkForm(CellForm):
    """One press: a talk with whom of what, or the last one back; and when."""

    request_id = HiddenField(_("Form"), read_request_id, is_required=True)
    kind = HiddenField(_("Button"), choice_reader({"talk": "", "untalk": ""}, {}), is_required=True)
    who = HiddenField(_("Who"), choice_reader(WHO_NAMES, {}))
    topic = HiddenField(_("Topic"), choice_reader(TOPIC_NAMES, {}))
    happened_at = HiddenField(_("Time"), read_instant)


@door.get("/<code>/counsel")
@needs(PERMISSION)
def page(code: str) -> Response:
    """One's own count of today at this station, whom to call and where to send people."""
    me = actor()
    return _draw(_get_mine(code, me), me)


@door.post("/<code>/counsel")
@needs(PERMISSION)
def press(code: str) -> Response:
    """One press, from a plain form."""
    me = actor()
    station = _get_mine(code, me)
    try:
        _press_once(TalkForm(request.form), station, me)
    except Refused as refused:
        return _draw(station, me, refused)
    return go(url_for(".page", code=code))


@door.get("/<code>/counsel/now")
@needs(PERMISSION)
def now(code: str) -> Response:
    """The same as it stands, for a page that is open."""
    me = actor()
    return _send(_get_mine(code, me), me, [])


@door.post("/<code>/counsel/entries")
@needs(PERMISSION)
def sync(code: str) -> Response:
    """What a phone has queued, each with its own time."""
    me = actor()
    station = _get_mine(code, me)

    def press_one(fields: "MultiDict[str, str]") -> bool:
        fields["request_id"] = fields.get("id", "")
        return _press_once(TalkForm(fields), station, me).is_replay

    try:
        results = settle(read_entries(), press_one)
    except Refused as refused:
        return problem(refused.status, refused.code, TITLES[refused.status], refused.message, None)
    return _send(station, me, results)


def _press_once(form: TalkForm, station: StationRow, me: Actor) -> replay.Answer:
    form.require()
    at, kind = form.happened_at.value or clock.now(), form.kind.value
    order = TalkOrder(station.code, form.who.value or "", form.topic.value or "", at)

    def do() -> dict[str, Any]:
        return count_talk(order, me.username) if kind == "talk" else take_back_talk(station.code, at, me.username)

    action = f"desk.{kind} {station.code}"
    return run_in_transaction(lambda: replay.once(form.request_id.value, action, me.username, do))


def _get_mine(code: str, me: Actor) -> StationRow:
    station = find_station(read_path_code(code, NO_STATION))
    if station is None or not me.may(PERMISSION, station.path):
        raise NotFound("station.unknown", NO_STATION)
    return station


def _gather(station: StationRow, me: Actor) -> dict[str, Any]:
    today = clock.now().astimezone(get_calendar().zone).date()
    own = list_own(me.username, station.id, today)
    return {"station": station, "own": own, "who_names": WHO_NAMES, "topic_names": TOPIC_NAMES}


def _draw(station: StationRow, me: Actor, refused: Refused | None = None) -> Response:
    drawn = render_template(
        "desk/counsel.html", error=refused and refused.message, hotlines=list_hotlines(),
        may_operate=me.may("places.operate", station.path), **_gather(station, me),
    )  # fmt: skip
    response = make_response(drawn, refused.status if refused else 200)
    response.headers["Desk-Person"] = str(me.person_id)
    return response


def _send(station: StationRow, me: Actor, results: list[dict[str, Any]]) -> Response:
    at = clock.now()
    content = {
        "results": results, "person": me.username, "token": generate_csrf(), "now": at.isoformat(),
        "as_of": shown_time(at), "position": 0, "html": render_template("desk/_counsel.html", **_gather(station, me)),
    }  # fmt: skip
    response = Response(msgspec.json.encode(content), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
