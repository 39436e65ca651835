"""What can stand on a map: a tile server, the base, pins, the selection, a picker. Each has a name of its own.

A board adds a layer by giving a PinLayer another name and address, or by a MapLayer of its own whose `kind` is a
function that one of the page's scripts has put into window.pinMap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Any, Literal

from branca.element import MacroElement
from folium.template import Template

from stations.kernel.text import Text, _

Datum = Literal["wgs84", "gcj02", "bd09"]
Tone = Literal["ok", "caution", "danger", "unknown"]

MAX_ZOOM = 18


@dataclass(frozen=True)
class Basemap:
    """A tile server: XYZ address with {z}, {x}, {y}; plain-text attribution; number of the approval (审图号)."""

    url: str
    attribution: str
    datum: Datum = "wgs84"
    approval_no: str = ""


@dataclass(frozen=True)
class Ground:
    """What a layer stands on: the datum that its points must be in, and whether tiles lie below it."""

    datum: Datum = "wgs84"
    has_tiles: bool = False


@dataclass(frozen=True)
class PinState:
    """One state a pin can be in: code in the selection, word for people, glyph inside the pin, tone of its colour."""

    code: str
    word: Text
    glyph: str
    tone: Tone


def _told(states: Sequence[PinState]) -> list[dict[str, str]]:
    return [{**asdict(state), "word": str(state.word)} for state in states]


class MapLayer(MacroElement):
    """A layer drawn in the browser: `kind` names the function there, `name` is unlike that of the map's other layers.

    `ground` is set when it is drawn, and `address` is then `url` with the datum of the tiles where that is not wgs84.
    """

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "pinMap.{{ this.kind }}({{ this.options()|tojson }}).addTo({{ this._parent.get_name() }});"
        "{% endmacro %}"
    )
    kind = ""
    script = ""  # a file of its own that only pages with this layer load

    def __init__(self, name: str, url: str = "") -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "layer"
        self._id = name
        self.url = url
        self.ground = Ground()

    @property
    def address(self) -> str:
        if not self.url or self.ground.datum == "wgs84":
            return self.url
        return f"{self.url}{'&' if '?' in self.url else '?'}datum={self.ground.datum}"

    def options(self) -> dict[str, Any]:
        """What the function in the browser is called with."""
        return {"url": self.address}


class Tiles(MapLayer):
    """Tiles of a basemap. Folium's own class searches its catalogue of providers for every address, for 5 ms."""

    _template = Template(
        "{% macro script(this, kwargs) %}"
        "L.tileLayer({{ this.basemap.url|tojson }}, {{ this.options()|tojson }}).addTo({{ this._parent.get_name() }});"
        "{% endmacro %}"
    )

    def __init__(self, basemap: Basemap) -> None:
        super().__init__("tiles")
        self.basemap = basemap

    def options(self) -> dict[str, Any]:
        return {"attribution": escape(self.basemap.attribution), "maxZoom": MAX_ZOOM}


class BaseLayer(MapLayer):
    """Districts, metro lines and stops from the file that `base.build_base` makes; over tiles only the outlines."""

    kind = "base"

    def __init__(self, url: str, *, name: str = "base") -> None:
        super().__init__(name, url)

    def options(self) -> dict[str, Any]:
        return {"url": self.address, "overTiles": self.ground.has_tiles}


class PinLayer(MapLayer):
    """Every pin of one kind, heaped in the browser where dense. `link` is a path that holds `{code}`.

    `url` answers {total, rows: [[code, name, lon, lat, i]], cells: [[lon, lat, count]]}, `i` the place of the
    pin's state in `states`. With rows left empty while total is above 0 the browser asks again for each view with
    bbox=west,south,east,north&zoom=z and expects at most 2,000 rows and cells (64 px, 90 / 2**zoom degrees wide).
    """

    kind = "pins"

    def __init__(self, url: str, *, states: Sequence[PinState], link: str, name: str = "pins") -> None:
        super().__init__(name, url)
        self.states = states
        self.link = link

    def options(self) -> dict[str, Any]:
        return {"url": self.address, "link": self.link, "states": _told(self.states)}


class SelectionLayer(MapLayer):
    """The pins that the page's own list shows too, its exam site and gates.

    Read from the JSON data block with id `element`, a GeoJSON collection of Points with properties kind (station,
    site, gate), name and, where they have one, code, number, state, url, note.
    """

    kind = "selection"

    def __init__(self, *, states: Sequence[PinState], element: str = "map-selection", name: str = "selection") -> None:
        super().__init__(name)
        self.states = states
        self.element = element

    def options(self) -> dict[str, Any]:
        return {"element": self.element, "states": _told(self.states)}


class Picker(MapLayer):
    """One marker to drag, bound to the page's inputs marked data-map-lat and data-map-lon (WGS-84 degrees).

    `script` is the address of static/js/map-picker.js, which only a page with a picker loads.
    """

    kind = "picker"

    def __init__(self, script: str, *, name: str = "picker") -> None:
        super().__init__(name)
        self.script = script

    def options(self) -> dict[str, Any]:
        return {"label": str(_("Position: drag it, or move it with the arrow keys"))}


class FleetLayer(MapLayer):
    """Vehicles with the age of their fix and their heading, help requests, gates and how well they are covered.

    `url` answers {at, vehicles: [[code, lon, lat, heading, state, seconds, note]], requests: [[id, lon, lat, band,
    words]], gates: [[name, lon, lat, minutes]]}; `script` is the address of static/js/map-fleet.js.
    """

    kind = "fleet"

    def __init__(
        self, url: str, script: str, *, states: Sequence[PinState], words: Mapping[str, Text], name: str = "fleet"
    ) -> None:
        super().__init__(name, url)
        self.script = script
        self.states = states
        self.words = words

    def options(self) -> dict[str, Any]:
        return {
            "url": self.address,
            "states": _told(self.states),
            "words": {name: str(word) for name, word in self.words.items()},
        }
