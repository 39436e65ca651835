"""Who is here: expected, present and missing at each post of a station, and the presses that a phone has queued."""

from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Blueprint, Response, make_response, render_template
from flask_wtf.csrf import generate_csrf
from werkzeug.datastructures import MultiDict

from stations.accounts.rules import Actor
from stations.kernel import clock, replay
from stations.kernel.cells import read_instant
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import NotFound, Refused
from stations.kernel.forms import CellField, CellForm, HiddenField, choice_reader, read_request_id
from stations.kernel.masking import mask_phone
from stations.kernel.text import Text, _
from stations.places.queries.rows import StationRow
from stations.places.queries.stations import find_station
from stations.shifts.actions.acting import may_lead
from stations.shifts.actions.attendance import check_in, check_out
from stations.shifts.queries.assignments import get_assignment
from stations.shifts.queries.attendance import list_posts
from stations.shifts.rules.attendance import AFTER_END, HOW_NAMES, PRESENCE_NAMES, Press
from stations.shifts.rules.skills import post_of
from stations.web.attending import AHEAD, read_number
from stations.web.check_in_links import local_today, make_check_in_link
from stations.web.codes import draw_code
from stations.web.context import shown_time
from stations.web.errors import TITLES, problem
from stations.web.guard import actor, needs
from stations.web.outboxes import read_entries, settle
from stations.web.volunteer_links import make_station_calendar_link
from stations.web.writing import read_path_code

door = Blueprint("desk_here", __name__, url_prefix="/desk")

NO_STATION: Text = _("There is no such station.")
PRESSES = {Press.IN.value: _("Check in"), Press.OUT.value: _("Check out")}
NOTHING_SHOWN: Mapping[int, str] = {}


class PressForm(CellForm):
    """One press: who, which way, when."""

    request_id = HiddenField(_("Form"), read_request_id, is_required=True)
    press = HiddenField(_("Check in or out"), choice_reader(PRESSES, {}), is_required=True)
    assignment = CellField(_("Who"), read_number, is_required=True)
    happened_at = HiddenField(_("Time"), read_instant)


@door.get("/<code>/here")
@needs("shifts.attend")
def page(code: str) -> Response:
    """The posts of a station with their people."""
    me = actor()
    return draw_here(get_my_station(code, me), me)


@door.get("/<code>/here/now")
@needs("shifts.attend")
def now(code: str) -> Response:
    """The same as it stands, for a page that is open."""
    me = actor()
    return _send(get_my_station(code, me), me, [])


@door.post("/<code>/here/entries")
@needs("shifts.attend")
def sync(code: str) -> Response:
    """What a phone has queued, each with its own time."""
    me = actor()
    station = get_my_station(code, me)

    def press_one(fields: "MultiDict[str, str]") -> bool:
        fields["request_id"] = fields.get("id", "")
        return press_once(PressForm(fields), station, me).is_replay

    try:
        results = settle(read_entries(), press_one)
    except Refused as refused:
        return problem(refused.status, refused.code, TITLES[refused.status], refused.message, None)
    return _send(station, me, results)


def press_once(form: PressForm, station: StationRow, me: Actor) -> replay.Answer:
    """Check somebody of this station in or out, once."""
    form.require()
    number, at = form.assignment.value, form.happened_at.value or clock.now()
    press = check_in if form.press.value == Press.IN else check_out
    check_station(number, station)

    def do() -> dict[str, Any]:
        return press(number, me, at)

    claimed = form.request_id.value
    return run_in_transaction(lambda: replay.once(claimed, f"attendance.{form.press.value} {number}", me.username, do))


def check_station(number: int, station: StationRow) -> None:
    """Refuse somebody who belongs to another station."""
    row = get_assignment(number)
    if row.station != station.code:
        message = _("This is the wrong station: the shift is at %(station)s.", station=row.station_name)
        raise Refused("attendance.elsewhere", message)


def get_my_station(code: str, me: Actor) -> StationRow:
    """The station, if one may say who is there."""
    station = find_station(read_path_code(code, NO_STATION))
    if station is None or not me.may("shifts.attend", station.path):
        raise NotFound("station.unknown", NO_STATION)
    return station


def draw_here(
    station: StationRow, me: Actor, *, status: int = 200, error: Text | None = None,
    phones: Mapping[int, str] = NOTHING_SHOWN,
) -> Response:  # fmt: skip
    """The page; `phones` are the whole numbers that are shown this once, by assignment."""
    today = local_today(clock.now())
    link = make_check_in_link(station.code, today)
    page = render_template(
        "desk/here.html",
        error=error,
        link=link,
        code_day=today,
        drawing=draw_code(link),
        calendar_url=make_station_calendar_link(station.code),
        **_list(station, me, phones),
    )
    response = make_response(page, status)
    response.headers["Desk-Person"] = str(me.person_id)
    if phones:
        response.headers["Cache-Control"] = "no-store"
    return response


def _list(station: StationRow, me: Actor, phones: Mapping[int, str]) -> dict[str, Any]:
    at = clock.now()

    def may_cover(row: Any) -> bool:
        return may_lead(me, row.path, row.volunteer_path)

    return {
        "station": station, "at": at, "phones": phones, "may_cover": may_cover, "mask": mask_phone,
        "posts": list_posts(station.code, at - AFTER_END, at + AHEAD), "post_of": post_of,
        "presence_names": PRESENCE_NAMES, "how_names": HOW_NAMES,
    }  # fmt: skip


def _send(station: StationRow, me: Actor, results: list[dict[str, Any]]) -> Response:
    at = clock.now()
    content = {
        "results": results,
        "person": me.username,
        "token": generate_csrf(),
        "now": at.isoformat(),
        "as_of": shown_time(at),
        "position": 0,
        "html": render_template("desk/_here.html", **_list(station, me, NOTHING_SHOWN)),
    }
    response = Response(msgspec.json.encode(content), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
