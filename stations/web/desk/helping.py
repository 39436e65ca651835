"""Help requests at a station: those that are open, and raising one in two taps, with or without a network."""

from typing import Any

import msgspec
from flask import Blueprint, Response, flash, make_response, render_template, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.datastructures import MultiDict

from stations.accounts.rules import Actor
from stations.fleet.queries.requests import list_open_requests
from stations.fleet.rules.requests import KIND_NAMES, STATE_NAMES
from stations.kernel import clock
from stations.kernel.errors import NotFound, Refused
from stations.kernel.geo.distance import geodesic_metres
from stations.kernel.text import _
from stations.places.queries.atlas import Atlas
from stations.places.queries.rows import StationRow
from stations.places.queries.stations import find_station
from stations.web.asking import this_atlas
from stations.web.asking_help import HelpForm, ask_once, open_form, picture
from stations.web.context import shown_time
from stations.web.desk.picture import NO_STATION
from stations.web.errors import TITLES, problem
from stations.web.guard import actor, needs
from stations.web.outboxes import read_entries, settle
from stations.web.writing import go, mark, read_path_code

door = Blueprint("desk_help", __name__, url_prefix="/desk")

NEAR_METRES = 1500


@door.get("/<code>/help")
@needs("places.operate")
def page(code: str) -> Response:
    """The open requests of a station, and the form."""
    me = actor()
    station = _get_mine(code, me)
    return _draw(station, me, _new_form(station))


@door.post("/<code>/help")
@needs("places.operate")
def send(code: str) -> Response:
    """Raise a request, from a plain form."""
    me = actor()
    station = _get_mine(code, me)
    form = HelpForm(request.form)
    try:
        answer = ask_once(form, me.username)
    except Refused as refused:
        mark(form, refused)
        return _draw(station, me, form, refused.status)
    again = _("This was saved already; nothing was written twice.")
    flash(str(again if answer.is_replay else _("The dispatchers have it.")), "plain" if answer.is_replay else "success")
    return go(url_for(".page", code=code))


@door.get("/<code>/help/now")
@needs("places.operate")
def now(code: str) -> Response:
    """The list as it stands, for a page that is open."""
    me = actor()
    return _send(_get_mine(code, me), me, [])


@door.post("/<code>/help/entries")
@needs("places.operate")
def sync(code: str) -> Response:
    """What a phone has queued."""
    me = actor()
    station = _get_mine(code, me)

    def raise_one(fields: "MultiDict[str, str]") -> bool:
        fields["request_id"] = fields.get("id", "")
        return ask_once(HelpForm(fields), me.username).is_replay

    try:
        results = settle(read_entries(), raise_one)
    except Refused as refused:
        return problem(refused.status, refused.code, TITLES[refused.status], refused.message, None)
    return _send(station, me, results)


def _get_mine(code: str, me: Actor) -> StationRow:
    station = find_station(read_path_code(code, NO_STATION))
    if station is None or not me.may("places.operate", station.path):
        raise NotFound("station.unknown", NO_STATION)
    return station


def _new_form(station: StationRow) -> HelpForm:
    """From here, to the exam site next door where there is one."""
    return open_form(MultiDict({"station": station.code, "site": _find_site_code(this_atlas(), station)}))


def _find_site_code(atlas: Atlas, station: StationRow) -> str:
    near = [
        (geodesic_metres(site.lat, site.lon, station.lat, station.lon), code)
        for code, site in atlas.sites.items()
        if abs(site.lat - station.lat) < 0.03 and abs(site.lon - station.lon) < 0.04
    ]
    metres, code = min(near, default=(NEAR_METRES + 1, ""))
    return code if metres <= NEAR_METRES else ""


def _draw(station: StationRow, me: Actor, form: HelpForm, status: int = 200) -> Response:
    page = render_template("desk/help.html", asking=picture(form), kinds=KIND_NAMES, **_list(station))
    response = make_response(page, status)
    response.headers["Desk-Person"] = str(me.person_id)
    return response


def _list(station: StationRow) -> dict[str, Any]:
    rows = list_open_requests([station.path], station.code)
    return {"station": station, "rows": rows, "kind_names": KIND_NAMES, "states": STATE_NAMES}


def _send(station: StationRow, me: Actor, results: list[dict[str, Any]]) -> Response:
    at = clock.now()
    content = {
        "results": results,
        "person": me.username,
        "token": generate_csrf(),
        "now": at.isoformat(),
        "as_of": shown_time(at),
        "position": 0,
        "html": render_template("desk/_help.html", **_list(station)),
    }
    response = Response(msgspec.json.encode(content), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
