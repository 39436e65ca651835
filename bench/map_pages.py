"""The pages that bench/map.py compares: ours, and Folium's own two with their files from this machine."""

import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import folium
import msgspec
from branca.element import Element
from folium.plugins import FastMarkerCluster

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from stations.kernel.text import _  # noqa: E402
from stations.maps.drawing import Assets, draw  # noqa: E402
from stations.maps.layers import BaseLayer, PinLayer, PinState, SelectionLayer  # noqa: E402

STATES = [PinState("open", _("Open"), "✓", "ok"), PinState("closed", _("Closed"), "✕", "danger")]
ASSETS = Assets(
    "/leaflet/leaflet.js",
    "/leaflet/leaflet.css",
    "/static/js/map.js",
    "/static/js/map-ground.js",
    "/static/js/map-pins.js",
    "/drawing/{digest}.js",
)
STYLES = ("tokens.css", "base.css", "components/map.css")
HEADING = "<h1>伴考驿站</h1>"
PEER_FILES = (
    "leaflet@1.9.3",
    "jquery@3.7.1",
    "bootstrap@5.2.2",
    "leaflet.awesome-markers@2.0.5",
    "@fortawesome/fontawesome-free@6.2.0",
    "leaflet.markercluster@1.1.0",
)
Pin = tuple[str, str, float, float, int]
Parts = dict[str, bytes]
Build = Callable[[list[Pin], "Figures"], Parts]


@dataclass
class Figures:
    """What was measured of one page at one size; milliseconds by how often the CPU was slowed."""

    render: list[float] = field(default_factory=list)
    paint: dict[int, list[float]] = field(default_factory=lambda: {1: [], 4: []})
    ready: dict[int, list[float]] = field(default_factory=lambda: {1: [], 4: []})
    page_bytes: int = 0
    zipped_bytes: int = 0
    wire_bytes: int = 0
    shell_bytes: int = 0
    shell: list[float] = field(default_factory=list)
    nodes: int = 0
    foreign: int = 0


def make_pins(count: int) -> list[Pin]:
    """Pins strewn over Beijing, the same for the same count."""
    dice = random.Random(count)
    return [
        (
            f"N{i:05}",
            f"演示工会伴考点·{i:05}",
            round(dice.gauss(116.4, 0.15), 5),
            round(dice.gauss(39.93, 0.1), 5),
            i % 2,
        )
        for i in range(count)
    ]


def lean_page(pins: list[Pin], figures: Figures) -> Parts:
    """Our page: a shell that does not know how many pins there are, and the rows it asks for."""
    began = time.thread_time()
    layers = [
        BaseLayer("/base.json"),
        PinLayer("/pins.json", states=STATES, link="/s/{code}"),
        SelectionLayer(states=STATES),
    ]
    drawn = draw(layers, assets=ASSETS)
    figures.shell.append((time.thread_time() - began) * 1000)
    figures.shell_bytes = len((drawn.html + drawn.script).encode())
    links = "".join(f'<link rel="stylesheet" href="/static/css/{name}">' for name in STYLES)
    html = f'<!doctype html><html lang="zh"><meta charset="utf-8"><title>Map</title>{links}{HEADING}{drawn.html}</html>'
    rows = msgspec.json.encode({"total": len(pins), "rows": pins})
    return {"/": html.encode(), f"/drawing/{drawn.digest}.js": drawn.script.encode(), "/pins.json": rows}


def _stock_map() -> folium.Map:
    chart = folium.Map(location=[39.93, 116.39], zoom_start=11, tiles=None, maxZoom=18)
    chart.get_root().html.add_child(Element(HEADING))
    return chart


def marker_page(pins: list[Pin], _figures: Figures) -> Parts:
    """Folium as its manual shows it: a Marker with a Popup for every pin."""
    chart = _stock_map()
    for code, name, lon, lat, _state in pins:
        folium.Marker([lat, lon], popup=f'<a href="/s/{code}">{name}</a>').add_to(chart)
    return {"/": chart.get_root().render().encode()}


def cluster_page(pins: list[Pin], _figures: Figures) -> Parts:
    """Folium's quickest layer for many pins."""
    chart = _stock_map()
    FastMarkerCluster([[lat, lon, code, name] for code, name, lon, lat, _state in pins]).add_to(chart)
    return {"/": chart.get_root().render().encode()}


def point_peers_here() -> None:
    """Folium's own files from this server; its two sheets that npm lacks are left out."""
    folium.Map.default_js = [
        ("leaflet", "/npm/leaflet/dist/leaflet.js"),
        ("jquery", "/npm/jquery/dist/jquery.min.js"),
        ("bootstrap", "/npm/bootstrap/dist/js/bootstrap.bundle.min.js"),
        ("awesome_markers", "/npm/leaflet.awesome-markers/dist/leaflet.awesome-markers.js"),
    ]
    folium.Map.default_css = [
        ("leaflet_css", "/npm/leaflet/dist/leaflet.css"),
        ("bootstrap_css", "/npm/bootstrap/dist/css/bootstrap.min.css"),
        ("awesome_markers_font_css", "/npm/@fortawesome/fontawesome-free/css/all.min.css"),
        ("awesome_markers_css", "/npm/leaflet.awesome-markers/dist/leaflet.awesome-markers.css"),
    ]
    cluster = "/npm/leaflet.markercluster/dist"
    FastMarkerCluster.default_js = [("markerclusterjs", f"{cluster}/leaflet.markercluster.js")]
    FastMarkerCluster.default_css = [
        ("markerclustercss", f"{cluster}/MarkerCluster.css"),
        ("markerclusterdefaultcss", f"{cluster}/MarkerCluster.Default.css"),
    ]


def fetch_peers(folder: Path) -> bool:
    """Puts the peers' files into `folder`; False where there is no npm or it cannot reach them."""
    npm = shutil.which("npm")
    if npm is None:
        return False
    order = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", "--prefix", str(folder)]
    try:
        subprocess.run([*order, *PEER_FILES], check=True, timeout=90, capture_output=True)
    except (subprocess.SubprocessError, OSError):
        return False
    return True


NAMES: dict[Build, str] = {
    lean_page: "ours",
    marker_page: "Folium Marker+Popup",
    cluster_page: "Folium FastMarkerCluster",
}
