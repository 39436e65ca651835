"""The map: its drawing, its ground and its pins, each under an address that caches may keep."""

from functools import cache

from flask import Blueprint, Response, abort, request

from stations.config import ROOT
from stations.feeds import geojson
from stations.kernel import clock
from stations.kernel.errors import Invalid
from stations.kernel.geo.box import Box, read_box
from stations.kernel.geo.datum import Datum, Point, convert
from stations.kernel.text import _
from stations.maps.base import read_base
from stations.web.asking import this_atlas
from stations.web.assets import FOR_EVER
from stations.web.caching import cached
from stations.web.drawings import KINDS, draw, this_datum
from stations.web.language import TAGS

door = Blueprint("map", __name__, url_prefix="/map")

PINS_FRESH_SECONDS = 15
DEEPEST_ZOOM = 22


@door.get("/<kind>-<digest>.js")
def script(kind: str, digest: str) -> Response:
    """The script of a drawing; one that is no longer made is gone."""
    if kind not in KINDS:
        abort(404)
    drawn = draw(kind)
    if drawn.digest != digest:
        abort(404)
    return _kept(Response(drawn.script, mimetype="text/javascript"))


@door.get("/ground-<locale>-<build>.json")
def ground(locale: str, build: str) -> Response:  # noqa: ARG001
    """Districts, metro lines and stops."""
    datum = request.args.get("datum", "wgs84")
    if datum not in set(Datum) or locale not in TAGS:
        abort(404)
    return _kept(Response(_ground(locale, Datum(datum)), mimetype="application/json"))


@cache
def _ground(locale: str, datum: Datum) -> bytes:
    def shift(lon: float, lat: float) -> tuple[float, float]:
        there = convert(Point(lat, lon), Datum.WGS84, datum)
        return there.lon, there.lat

    return read_base(ROOT / "data", language="en" if locale == "en" else "zh", shift=shift)


@door.get("/pins.json")
def pins() -> Response:
    """Every station, or those in a box where they are very many."""
    atlas, now = this_atlas(), clock.now()
    bbox, zoom = _read_box()
    datum = this_datum()
    parts = (atlas.revision, now.replace(second=0, microsecond=0), datum)

    def make() -> Response:
        rows = geojson.pin_rows(atlas.list_standings(now), datum)
        return Response(geojson.pins(rows, bbox, zoom), mimetype="application/json")

    return cached(parts, PINS_FRESH_SECONDS, make)


def _read_box() -> tuple[Box | None, int]:
    typed, zoom = request.args.get("bbox"), request.args.get("zoom", "11")
    if not (zoom.isascii() and zoom.isdigit() and int(zoom[:3]) <= DEEPEST_ZOOM):
        raise Invalid("map.zoom", _("The zoom of a map is a whole number up to 22."), field="zoom")
    return read_box(typed) if typed else None, int(zoom)


def _kept(response: Response) -> Response:
    response.headers["Cache-Control"] = FOR_EVER
    return response
