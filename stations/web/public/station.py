"""A station's own page: open or not, how to get there, when, what it offers."""

from datetime import date
from typing import NamedTuple

from flask import Blueprint, Response, make_response, render_template, url_for
from markupsafe import Markup

from stations.feeds.finding import list_supplies
from stations.feeds.geojson import selection
from stations.kernel import clock
from stations.kernel.errors import NotFound
from stations.kernel.geo.datum import Point
from stations.kernel.geo.distance import geodesic_metres, walk_minutes
from stations.kernel.text import _
from stations.places.queries.anchoring import centre_anchor
from stations.places.queries.atlas import Atlas
from stations.places.queries.rows import Found, NearestAnswer, StationRow
from stations.places.rules import standing
from stations.places.rules.hours import write_spans
from stations.places.rules.links import list_links
from stations.seasons.queries import get_calendar
from stations.stock.queries.public import PublicStock
from stations.web.asking import this_atlas, this_minute, this_stock
from stations.web.caching import cached
from stations.web.context import shown_date
from stations.web.drawings import draw, this_datum

door = Blueprint("station", __name__)

FRESH_SECONDS = 15
GATE_METRES = 1500
MOST_GATES = 4


class GateNearby(NamedTuple):
    """A gate within reach of a station."""

    metres: float
    name: str
    site_name: str
    site_url: str
    walk_minutes: int


class Day(NamedTuple):
    """The hours of one exam day; no spans is closed."""

    label: str
    spans: str
    is_today: bool


@door.get("/s/<code>")
def page(code: str) -> Response:
    """The station of that code."""
    atlas = this_atlas()
    station = atlas.find_station(code)
    if station is None:
        raise NotFound("station.unknown", _("There is no such station, or it has closed for good."))
    stock = this_stock()
    return cached(this_minute(atlas, stock), FRESH_SECONDS, lambda: make_response(_render(atlas, station, stock)))


def _render(atlas: Atlas, station: StationRow, stock: PublicStock) -> str:
    now, calendar = clock.now(), get_calendar()
    how = standing(station.hours, station.said, now, calendar.zone)
    here = NearestAnswer((Found(station, how, 0.0, 0),), now, atlas.revision, is_more=False)
    point = Point(station.lat, station.lon)
    return render_template(
        "public/station.html",
        station=station,
        standing=how,
        tel=station.phone,
        links=list_links(point, station.name),
        gates_nearby=list_gates_nearby(atlas, point),
        supplies=list_supplies(stock, station.code),
        days=_days(station, now.astimezone(calendar.zone).date(), calendar.days),
        map_part=Markup(draw("home").html),  # noqa: S704 (our own drawing)
        selection_json=selection(here, centre_anchor(*calendar.centre), {}, this_datum()),
    )


def list_gates_nearby(atlas: Atlas, point: Point) -> list[GateNearby]:
    """The gates within 1.5 km, nearest first."""
    near = []
    for site in atlas.sites.values():
        if abs(site.lat - point.lat) > 0.03 or abs(site.lon - point.lon) > 0.04:
            continue
        for gate in site.gates:
            metres = geodesic_metres(gate.lat, gate.lon, point.lat, point.lon)
            if metres <= GATE_METRES:
                url = url_for("site.page", code=site.code)
                near.append(GateNearby(metres, gate.name, site.name, url, walk_minutes(metres)))
    return sorted(near)[:MOST_GATES]


def _days(station: StationRow, today: date, exam_days: tuple[date, ...]) -> list[Day]:
    return [Day(shown_date(day), write_spans(station.hours.on(day)), day == today) for day in exam_days or (today,)]
