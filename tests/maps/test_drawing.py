import re
import time
from collections.abc import Iterator

import html5lib
import pytest

from stations.kernel import text
from stations.kernel.text import _
from stations.maps.drawing import Assets, Drawing, View, draw
from stations.maps.layers import BaseLayer, Basemap, Picker, PinLayer, PinState, SelectionLayer

ASSETS = Assets(
    "/assets/leaflet.js", "/assets/leaflet.css", "/a/map.js", "/a/ground.js", "/a/pins.js", "/map/{digest}.js"
)
STATES = [PinState("open", _("Open"), "✓", "ok"), PinState("paused", _("Paused"), "‖", "caution")]
CHINESE = {"Open": "营业中", "Map": "地图", "Zoom in": "放大", "Map approval no. %(number)s": "审图号：%(number)s"}
SHIFTED = Basemap("https://tiles.example/{z}/{x}/{y}.png", "示例图商", "gcj02", "GS(2024)1234号")


@pytest.fixture
def in_chinese() -> Iterator[None]:
    before = text._translate
    text.install(lambda message: CHINESE.get(message, message))
    yield
    text.install(before)


def drawing(basemap: Basemap | None = None) -> Drawing:
    layers = [
        BaseLayer("/base.json"),
        PinLayer("/pins.json", states=STATES, link="/s/{code}"),
        SelectionLayer(states=STATES),
    ]
    return draw(layers, assets=ASSETS, basemap=basemap)


def attributes(html: str) -> dict[str, str]:
    tree = html5lib.parseFragment(html, namespaceHTMLElements=False)
    return dict(tree.find("div").attrib)


def test_draw_gives_the_same_bytes_for_the_same_layers() -> None:
    first, second = drawing(), drawing()

    assert first == second
    assert f'data-drawing="/map/{first.digest}.js"' in first.html
    assert drawing(SHIFTED).digest != first.digest


def test_draw_writes_a_page_part_without_inline_script_or_style() -> None:
    html = drawing().html
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parseFragment(html)

    assert [(node.tag, node.get("src")) for node in tree] == [("div", None), ("script", "/a/map.js")]
    assert not "".join(tree.itertext()).strip()
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|user-scalable", html)


def test_draw_loads_nothing_from_another_host() -> None:
    drawn = drawing()

    assert not re.search(r"https?:|//\w", drawn.html + drawn.script)
    assert attributes(drawn.html)["data-scripts"] == "/assets/leaflet.js /a/ground.js /a/pins.js"
    assert attributes(drawn.html)["data-style"] == "/assets/leaflet.css"
    assert attributes(drawn.html)["data-fetch"] == "/base.json /pins.json"


def test_draw_stays_small_and_quick_with_tiles_too() -> None:
    drawing(SHIFTED)
    took = []
    for _round in range(7):
        began = time.process_time()
        drawn = drawing(SHIFTED)
        took.append(time.process_time() - began)

    assert len((drawn.html + drawn.script).encode()) <= 5_000
    assert min(took) <= 0.015


def test_draw_speaks_the_language_of_the_reader(in_chinese: None) -> None:
    chinese = drawing(SHIFTED)

    assert attributes(chinese.html)["aria-label"] == "地图"
    told = chinese.script.encode().decode("unicode_escape")
    assert all(words in told for words in ('"营业中"', '"放大"', "审图号：GS(2024)1234号"))


def test_draw_calls_folium_layers_from_bottom_to_top_on_one_map() -> None:
    script = drawing(SHIFTED).script

    assert 'var map = L.map("map", pinMap.options({' in script
    assert re.findall(r"^([\w.]+)\(.*\)\.addTo\(map\);$", script, re.MULTILINE) == [
        "L.tileLayer",
        "pinMap.base",
        "pinMap.pins",
        "pinMap.selection",
    ]
    assert "eval" not in script


def test_draw_asks_for_the_datum_of_the_tiles_and_credits_both() -> None:
    drawn = drawing(SHIFTED)

    assert attributes(drawn.html)["data-fetch"] == "/base.json?datum=gcj02 /pins.json?datum=gcj02"
    told = drawn.script.encode().decode("unicode_escape")
    assert "© OpenStreetMap contributors" in told
    assert "示例图商" in told
    assert "Map approval no. GS(2024)1234号" in told
    assert '"overTiles": true' in told


def test_draw_never_puts_a_picker_on_shifted_tiles() -> None:
    def scripts(basemap: Basemap) -> str:
        return draw([Picker("/a/picker.js")], assets=ASSETS, basemap=basemap).script

    assert "tileLayer" not in scripts(SHIFTED)
    assert "tileLayer" in scripts(Basemap(SHIFTED.url, "示例图商"))


def test_draw_with_a_picker_loads_its_script_last_and_opens_where_it_is_told() -> None:
    drawn = draw([Picker("/a/picker.js")], assets=ASSETS, view=View(30.6, 104.1, 12))

    assert attributes(drawn.html)["data-scripts"].split()[-1] == "/a/picker.js"
    assert "center: [30.6, 104.1]" in drawn.script
    assert '"zoom": 12' in drawn.script


def test_draw_escapes_what_it_is_given() -> None:
    assets = Assets("/l.js", "/l.css", '/m.js"><b>', "/g.js", "/p.js", "/map/{digest}.js")

    assert "<b>" not in draw([], assets=assets).html
