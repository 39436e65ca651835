"""Adding a station, changing one, taking one off the list."""

from dataclasses import replace
from typing import Any

from flask import Response, make_response, request, url_for

from stations.accounts.rules import Actor
from stations.kernel.errors import Invalid, Refused
from stations.kernel.text import Text, _
from stations.places.actions.stations import archive_station, save_station
from stations.places.actions.writing import NOTHING_YET
from stations.places.forms import StationForm
from stations.places.rules.orders import StationOrder
from stations.web.admin.conflict import show_conflict
from stations.web.admin.lines import get_mine
from stations.web.admin.station_page import draw_station
from stations.web.admin.stations import door
from stations.web.guard import actor, needs
from stations.web.writing import go, mark, write_once

__all__ = ["door"]

SAVED: Text = _("Saved.")


@door.get("/new")
@needs("places.write")
def new() -> str:
    """An empty form."""
    return draw_station(None, actor())


@door.post("/new")
@needs("places.write")
def create() -> Response:
    """Add it."""
    form = StationForm(request.form)
    try:
        form.require()
        order = replace(form.order(), version=NOTHING_YET)
        _save(form, order)
    except Refused as refused:
        if not form.errors:
            mark(form, refused)
        return make_response(draw_station(None, actor(), form), refused.status)
    return go(url_for(".edit", code=order.code))


@door.get("/<code>")
@needs("places.read")
def edit(code: str) -> str:
    """The station as it stands."""
    me = actor()
    return draw_station(get_mine(code, me), me)


@door.post("/<code>")
@needs("places.write")
def save(code: str) -> Response:
    """Change it."""
    me = actor()
    station = get_mine(code, me)
    form = StationForm(request.form)
    try:
        form.require()
        order = form.order()
        if order.code != station.code:
            raise Invalid("code.fixed", _("The code of a place never changes."), field="code")
        if not order.version:
            raise Invalid("version.missing", _("This form is incomplete. Please reload the page."))
        _save(form, order)
    except Refused as refused:
        if refused.code == "place.changed":
            station = get_mine(code, me)
            show_conflict(form, station)
        elif not form.errors:
            mark(form, refused)
        return make_response(draw_station(station, me, form), refused.status)
    return go(url_for(".edit", code=code))


def _save(form: StationForm, order: StationOrder) -> dict[str, Any]:
    return write_once(form.request_id.value, f"station.save {order.code}", lambda by: save_station(order, by), SAVED)


@door.post("/<code>/archive")
@needs("places.write")
def archive(code: str) -> Response:
    """Take it off every list."""
    station = get_mine(code, actor(), archived=True)

    def do(by: Actor) -> dict[str, Any]:
        archive_station(station.code, by)
        return {"code": station.code}

    done = _("%(name)s was taken off the list.", name=station.name)
    write_once(request.form.get("request_id"), f"station.archive {station.code}", do, done)
    return go(url_for(".page"))
