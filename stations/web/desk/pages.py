"""The desks of a person, one desk, and what is pressed on it without an outbox."""

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from stations.accounts.rules import Actor
from stations.kernel.errors import Refused
from stations.kernel.forms import CellField, CellForm, text_reader
from stations.kernel.text import Text, _
from stations.places.queries.stations import count_stations, search_stations
from stations.stock.actions.alerts import acknowledge
from stations.web.desk.picture import Desk, draw, get_mine, make_desk
from stations.web.guard import actor, needs
from stations.web.operating import make_line, operate_station
from stations.web.writing import go, write_once

door = Blueprint("desk", __name__, url_prefix="/desk")

LISTED = 30


class SearchForm(CellForm):
    """The search of the list."""

    q = CellField(_("Name, code or host"), text_reader(80))


@door.get("")
@needs("stock.write")
def page() -> Response:
    """Whose desk? With only one station, straight to it."""
    me = actor()
    form = SearchForm(request.args)
    text = form.q.value or "" if form.validate() else ""
    paths = me.paths("stock.write")
    rows = search_stations(paths, text, LISTED)
    if len(rows) == 1 and not text:
        return make_response(redirect(url_for(".station", code=rows[0].code)))
    lines = [make_line(row, me) for row in rows]
    return make_response(
        render_template("desk/stations.html", lines=lines, total=count_stations(paths, text), form=form)
    )


@door.get("/<code>")
@needs("stock.write")
def station(code: str) -> Response:
    """The desk of one station."""
    me = actor()
    return answer(make_desk(get_mine(code, me), me), me)


@door.post("/<code>/operate")
@needs("places.operate")
def operate(code: str) -> Response:
    """Open, pause, close or verify the station now."""
    me = actor()
    row = get_mine(code, me)

    def redraw(reason: str, error: Text) -> str:
        return draw("page", make_desk(row, me, reason=reason, error=error))

    return operate_station(code, url_for(".station", code=code), redraw)


@door.post("/<code>/alerts/<id:alert_id>")
@needs("stock.write")
def acknowledge_alert(code: str, alert_id: int) -> Response:
    """Take care of an alert, by name."""
    me = actor()
    get_mine(code, me)

    def do(by: Actor) -> dict[str, Any]:
        return dict(acknowledge(alert_id, by, station=code))

    write_once(request.form.get("request_id"), f"alert.acknowledge {alert_id}", do, _("You take care of it."))
    return go(url_for(".station", code=code))


def answer(desk: Desk, me: Actor, refused: Refused | None = None) -> Response:
    """The page of a desk. The worker in the browser keeps it for this person only."""
    response = make_response(draw("page", desk), refused.status if refused else 200)
    response.headers["Desk-Person"] = str(me.person_id)
    return response
