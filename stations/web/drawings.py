"""The drawings of the map that pages show: made once per kind, language and version, then kept."""

from typing import Any, cast

from flask import current_app, url_for

from stations.config import Config
from stations.feeds import geojson
from stations.kernel.geo.datum import Datum
from stations.kernel.text import _
from stations.maps import drawing
from stations.maps.layers import BaseLayer, Basemap, FleetLayer, MapLayer, Picker, PinLayer, PinState, SelectionLayer
from stations.places.rules import Status
from stations.web import assets
from stations.web.assets import asset, vendor
from stations.web.language import is_elder, language

STATES = {
    Status.OPEN: PinState("open", _("Open"), "✓", "ok"),
    Status.UNVERIFIED: PinState("unverified", _("Not verified"), "?", "unknown"),
    Status.PAUSED: PinState("paused", _("Paused for now"), "‖", "caution"),
    Status.CLOSED: PinState("closed", _("Closed"), "✕", "unknown"),
}
VEHICLE_STATES = [
    PinState("standby", _("Standing by"), "●", "ok"),
    PinState("riding", _("On a ride"), "▶", "caution"),
    PinState("stale", _("Position is old"), "?", "unknown"),
    PinState("posted", _("As posted, no position"), "○", "ok"),
    PinState("off", _("Off duty"), "✕", "unknown"),
    PinState("alarm", _("Alarm"), "!", "danger"),
]
FLEET_WORDS = {
    "ago": _("position {age} old"),
    "seconds": _("{n} s"),
    "minutes": _("{n} min"),
    "gates": _("Cover of the gates"),
    "vehicles": _("Vehicles"),
    "requests": _("Requests"),
    "reached": _("a vehicle is there in {n} min"),
    "unreached": _("no vehicle within reach"),
}
PIN_STATES = [STATES[status] for status in geojson.STATES]
KINDS = ("home", "picker", "dispatch", "replay")

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
    elif kind in ("dispatch", "replay"):
        told_by = url_for("dispatch_map.vehicles") if kind == "dispatch" else ""
        layers.append(FleetLayer(told_by, asset("js/map-fleet.js"), states=VEHICLE_STATES, words=FLEET_WORDS))
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
