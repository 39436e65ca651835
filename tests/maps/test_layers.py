import pytest

from stations.kernel.text import _
from stations.maps.layers import (
    BaseLayer,
    Basemap,
    Ground,
    MapLayer,
    Picker,
    PinLayer,
    PinState,
    SelectionLayer,
    Tiles,
)

STATES = [PinState("open", _("Open"), "✓", "ok"), PinState("closed", _("Closed"), "✕", "danger")]
TOLD = [
    {"code": "open", "word": "Open", "glyph": "✓", "tone": "ok"},
    {"code": "closed", "word": "Closed", "glyph": "✕", "tone": "danger"},
]


@pytest.mark.parametrize(
    ("layer", "kind", "name", "options"),
    [
        (BaseLayer("/b.json"), "base", "layer_base", {"url": "/b.json", "overTiles": False}),
        (
            PinLayer("/p.json", states=STATES, link="/s/{code}", name="vehicles"),
            "pins",
            "layer_vehicles",
            {"url": "/p.json", "link": "/s/{code}", "states": TOLD},
        ),
        (
            SelectionLayer(states=STATES),
            "selection",
            "layer_selection",
            {"element": "map-selection", "states": TOLD},
        ),
        (
            Picker("/picker.js"),
            "picker",
            "layer_picker",
            {"label": "Position: drag it, or move it with the arrow keys"},
        ),
    ],
)
def test_layer_tells_the_browser_what_to_draw(
    layer: MapLayer, kind: str, name: str, options: dict[str, object]
) -> None:
    assert (layer.kind, layer.get_name(), layer.options()) == (kind, name, options)


@pytest.mark.parametrize(
    ("url", "datum", "address"),
    [
        ("/p.json", "wgs84", "/p.json"),
        ("/p.json", "gcj02", "/p.json?datum=gcj02"),
        ("/p.json?season=7", "bd09", "/p.json?season=7&datum=bd09"),
        ("", "gcj02", ""),
    ],
)
def test_layer_asks_for_its_points_in_the_datum_it_stands_on(url: str, datum: str, address: str) -> None:
    layer = MapLayer("pins", url)
    layer.ground = Ground(datum=datum)

    assert layer.address == address


def test_tiles_show_their_attribution_as_text_and_not_as_markup() -> None:
    assert Tiles(Basemap("/t/{z}/{x}/{y}", "A & <b>B</b>")).options() == {
        "attribution": "A &amp; &lt;b&gt;B&lt;/b&gt;",
        "maxZoom": 18,
    }
