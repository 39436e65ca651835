"""The map: its drawing, its ground and its pins, each under an address that caches may keep."""

from functools import cache
from typing import Any, cast

from flask import Blueprint, Response, abort, current_app, request, url_for

from stations.config import ROOT, Config
from stations.feeds import geojson
from stations.kernel import clock
from stations.kernel.errors import Invalid
from stations.kernel.geo.datum import Datum, Point, convert
from stations.kernel.text import _
from stations.maps import drawing
from stations.maps.base import read_base
from stations.maps.layers import BaseLayer, Basemap, MapLayer, Picker, PinLayer, PinState, SelectionLayer
from stations.places.rules import Status
from stations.web import assets
from stations.web.assets import FOR_EVER, asset, vendor
from stations.web.caching import cached
from stations.web.language import TAGS, is_elder, language
from stations.web.public.asking import this_atlas

door = Blueprint("map", __name__, url_prefix="/map")

PINS_FRESH_SECONDS = 15
STATES = {
    Status.OPEN: PinState("open", _("Open"), "✓", "ok"),
    Status.UNVERIFIED: PinState("unverified", _("Not verified"), "?", "unknown"),
    Status.PAUSED: PinState("paused", _("Paused for now"), "‖", "caution"),
    Status.CLOSED: PinState("closed", _("Closed"), "✕", "unknown"),
}
PIN_STATES = [STATES[status] for status in geojson.STATES]
KINDS = ("home", "picker")

_drawings: dict[tuple[str, str, bool, str], drawing.Drawing] = {}


def this_datum() -> Datum:
    """The datum of the configured tiles; everything drawn over them must be in it."""
    config = _config()
    return Datum(config.tile_datum) if config.tile_url else Datum.WGS84


def draw(kind: str) -> drawing.Drawing:
    """The drawing of that kind in the reader's language: made once, kept."""
    key = (kind, language(), is_elder(), assets.build())  # links keep the language and the view
    if key not in _drawings:
        _drawings[key] = _draw(kind)
    return _drawings[key]


def _config() -> Config:
    return cast(Config, current_app.config["SETTINGS"])


def _draw(kind: str) -> drawing.Drawing:
    config = _config()
    basemap = None
    if config.tile_url:
        basemap = Basemap(
            config.tile_url, config.tile_attribution, cast(Any, config.tile_datum), config.map_approval_no
        )
    base = url_for("map.ground", locale=language(), build=assets.build())
    layers: list[MapLayer] = [BaseLayer(base)]
    if kind == "picker":
        layers.append(Picker(asset("js/map-picker.js")))
    else:
        link = url_for("station.page", code="CODE").replace("CODE", "{code}")
        layers.append(PinLayer(url_for("map.pins"), states=PIN_STATES, link=link))
        layers.append(SelectionLayer(states=PIN_STATES))
    script = url_for("map.script", kind=kind, digest="DIGEST").replace("DIGEST", "{digest}")
    files = drawing.Assets(
        leaflet_js=vendor("leaflet.js"), leaflet_css=vendor("leaflet.css"), start_js=asset("js/map.js"),
        ground_js=asset("js/map-ground.js"), pins_js=asset("js/map-pins.js"), script=script,
    )  # fmt: skip
    return drawing.draw(layers, assets=files, basemap=basemap)


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


def _read_box() -> tuple[geojson.BBox | None, int]:
    typed = request.args.get("bbox")
    try:
        zoom = int(request.args.get("zoom", "11"))
        box = [float(part) for part in typed.split(",")] if typed else None
    except ValueError:
        box, zoom = [], 0
    if (box is not None and (len(box) != 4 or not all(abs(edge) <= 540 for edge in box))) or not 0 <= zoom <= 22:
        raise Invalid("map.box", _("The part of the map that was asked for cannot be read."), field="bbox")
    return (cast(geojson.BBox, tuple(box)) if box else None), zoom


def _kept(response: Response) -> Response:
    response.headers["Cache-Control"] = FOR_EVER
    return response
