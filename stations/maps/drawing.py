"""Layers of pins in, a Folium map out, cut into the parts that a page under a strict content policy loads.

Folium writes one page with inline script and style and ten files from four hosts. `draw` keeps its layers and its
JavaScript, and gives them as text: `html` for the page, `script` to be served as a file of its own. Leaflet is
loaded from this origin by static/js/map.js once the map is near the screen. Nothing here depends on how many pins
there are, and the same arguments give the same bytes.

Datum: a basemap names the datum of its tiles (wgs84, gcj02 or bd09; its tiles must be XYZ in web Mercator). When it
is not wgs84 every layer's address carries `datum=`, and whoever serves it, or writes the selection into the page,
answers in that datum. A picker writes what the person sees straight into a form, so it never stands on shifted tiles.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import folium
from branca.element import Figure
from folium.template import Template

from stations.kernel.text import _
from stations.maps.layers import Basemap, Ground, MapLayer, Picker, Tiles

OSM_CREDIT = "© OpenStreetMap contributors"


@dataclass(frozen=True)
class Assets:
    """Addresses on this origin.

    Leaflet's two files; `start_js` static/js/map.js; `ground_js` and `pins_js` its map-ground.js and map-pins.js;
    `script` is where `Drawing.script` is served and holds the text `{digest}`.
    """

    leaflet_js: str
    leaflet_css: str
    start_js: str
    ground_js: str
    pins_js: str
    script: str


@dataclass(frozen=True)
class View:
    """Where the map opens when the page has no selection."""

    lat: float
    lon: float
    zoom: int


BEIJING = View(39.93, 116.39, 11)


@dataclass(frozen=True)
class Drawing:
    """`html` goes into the page; `script` is served at `Assets.script` with this `digest`, unchanging for ever."""

    html: str
    script: str
    digest: str


class LeanMap(folium.Map):
    """A Folium map whose page needs Leaflet and nothing else, with names that do not change from run to run."""

    _template = Template("""
        {% macro html(this, kwargs) %}
        <div id="{{ this.get_name() }}" class="folium-map map" role="region" aria-label="{{ this.label|e }}"
        data-style="{{ this.assets.leaflet_css|e }}" data-scripts="{{ this.scripts|join(' ')|e }}"
        data-drawing="{{ this.assets.script|e }}" data-fetch="{{ this.addresses|join(' ')|e }}"
        data-failed="{{ this.failed|e }}"></div>
        <script type="module" src="{{ this.assets.start_js|e }}"></script>
        {% endmacro %}
        {% macro script(this, kwargs) %}
        var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, pinMap.options({
        center: {{ this.location|tojson }}, ...{{ this.options|tojavascript }} }));
        pinMap.dress({{ this.get_name() }}, {{ {"words": this.words, "credits": this.credits}|tojson }});
        {% endmacro %}
    """)

    def __init__(self, layers: Sequence[MapLayer], *, assets: Assets, view: View, credits: list[str]) -> None:
        super().__init__(location=[view.lat, view.lon], zoom_start=view.zoom, tiles=None)
        self.default_js = []  # map.js loads what `scripts` lists, once the map is near the screen
        self.default_css = []
        self.layers = layers
        self.assets = assets
        self.credits = credits
        self.label = str(_("Map"))
        self.failed = str(_("The map could not be loaded. The list has everything that it would show."))
        self.words = _words()
        for layer in layers:
            layer.add_to(self)

    def get_name(self) -> str:
        return "map"

    @property
    def addresses(self) -> list[str]:
        """What the browser asks for at once, while Leaflet is still on its way."""
        return [layer.address for layer in self.layers if layer.address]

    @property
    def scripts(self) -> list[str]:
        """What the drawing needs in the browser, in order."""
        own = [layer.script for layer in self.layers if layer.script]
        return [self.assets.leaflet_js, self.assets.ground_js, self.assets.pins_js, *own]


def _words() -> dict[str, str]:
    return {
        "zoomIn": str(_("Zoom in")),
        "zoomOut": str(_("Zoom out")),
        "close": str(_("Close")),
        "inList": str(_("Show in the list")),
    }


def _credits(basemap: Basemap | None) -> list[str]:
    """What the map's corner says besides the tiles' own attribution; Leaflet reads it as HTML."""
    if basemap is None or not basemap.approval_no:
        return [OSM_CREDIT]
    return [OSM_CREDIT, escape(str(_("Map approval no. %(number)s", number=basemap.approval_no)))]


def _tight(text: str) -> str:
    return "\n".join(line for line in map(str.strip, text.splitlines()) if line)


def draw(
    layers: Sequence[MapLayer],
    *,
    assets: Assets,
    basemap: Basemap | None = None,
    view: View = BEIJING,
) -> Drawing:
    """The map with `layers` from bottom to top, in the reader's present language.

    Layers are made for one drawing and not used twice. The page needs map.css, and the JSON data block of a
    SelectionLayer where there is one. The caller picks the BaseLayer's address by language.
    """
    if basemap and basemap.datum != "wgs84" and any(isinstance(layer, Picker) for layer in layers):
        basemap = None
    ground = Ground(datum=basemap.datum if basemap else "wgs84", has_tiles=basemap is not None)
    standing = [Tiles(basemap), *layers] if basemap else list(layers)
    for layer in standing:
        layer.ground = ground
    figure = LeanMap(standing, assets=assets, view=view, credits=_credits(basemap)).get_root()
    assert isinstance(figure, Figure)
    figure.render()
    script = f"(() => {{\n{_tight(figure.script.render())}\n}})();\n"
    digest = hashlib.sha256(script.encode()).hexdigest()[:12]
    return Drawing(_tight(figure.html.render()).replace("{digest}", digest), script, digest)
