"""The stations within one's scope: the list, and opening, pausing, closing, verifying from it."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from stations.kernel import clock
from stations.kernel.cells import read_whole
from stations.kernel.forms import CellField, CellForm, choice_reader, text_reader
from stations.kernel.text import Text, _
from stations.places.queries.rows import StationRow
from stations.places.queries.stations import count_stations, search_stations
from stations.places.rules import Status, standing
from stations.seasons.queries import get_calendar
from stations.web.admin.lines import get_mine
from stations.web.admin.station_page import draw_station
from stations.web.guard import actor, needs
from stations.web.operating import make_line, operate_station
from stations.web.paging import make_page

door = Blueprint("admin_stations", __name__, url_prefix="/admin/stations")


class SearchForm(CellForm):
    """The search of the list."""

    q = CellField(_("Name, code or host"), text_reader(80))
    state = CellField(_("State"), choice_reader({status.value: status for status in Status}, {}))
    page = CellField(_("Page"), read_whole)


@door.get("/")
@needs("places.read")
def page() -> Response:
    """The list."""
    form = SearchForm(request.args)
    refusal = None if form.validate() else next(iter(form.problems.values()))
    asked = {"q": form.q.value or "", "state": form.state.value or ""}
    me = actor()
    found = _Found(me.paths("places.read"), asked["q"], asked["state"])
    listed = make_page(found.total, found.load, asked)
    lines = [make_line(row, me) for row in listed.rows]
    drawn = render_template("admin/stations.html", page=listed, lines=lines, asked=asked, refusal=refusal)
    return make_response(drawn, 400 if refusal else 200)


class _Found:
    """What a search finds. How a station stands is not in the database, so by status all of the scope are read."""

    def __init__(self, paths: Sequence[str], text: str, status: str) -> None:
        self._paths, self._text = paths, text
        self._chosen = self._choose(status) if status else None
        self.total = count_stations(paths, text) if self._chosen is None else len(self._chosen)

    def _choose(self, status: str) -> list[StationRow]:
        now, zone = clock.now(), get_calendar().zone
        rows = search_stations(self._paths, self._text, None)
        return [row for row in rows if standing(row.hours, row.said, now, zone).status == status]

    def load(self, limit: int, offset: int) -> list[StationRow]:
        """One page."""
        if self._chosen is not None:
            return self._chosen[offset : offset + limit]
        return search_stations(self._paths, self._text, limit, offset)


@door.post("/<code>/operate")
@needs("places.operate")
def operate(code: str) -> Response:
    """Open, pause, close or verify it now."""
    me = actor()
    station = get_mine(code, me)

    def redraw(reason: str, error: Text) -> str:
        return draw_station(station, me, operate_reason=reason, operate_error=error)

    return operate_station(code, _back(code), redraw)


def _back(code: str) -> str:
    """To the list where the button was pressed in it, with its search, else to the station."""
    if request.args.get("from") != "list":
        return url_for(".edit", code=code)
    kept: dict[str, Any] = {name: request.args[name] for name in ("q", "state", "page") if request.args.get(name)}
    return url_for(".page", **kept, _anchor=f"station-{code}")
