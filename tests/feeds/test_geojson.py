"""Answers as GeoJSON and as the rows of the map."""

import json
import re

import msgspec
import pytest
from factories.places import BEIJING, beijing, make_row

from stations.feeds.geojson import MOST_ROWS, STATES, WHOLE, pin_rows, pins, selection
from stations.kernel.geo.box import Box
from stations.kernel.geo.datum import Datum, Point, convert
from stations.places.queries.rows import Anchor, Found, GateRow, NearestAnswer, SiteRow
from stations.places.rules import standing

NOW = beijing("09:00")
STATION = make_row(0, name='</script><script>alert("1")</script>&<!--', code="T-0")
HOW = standing(STATION.hours, STATION.said, NOW, BEIJING)
ANSWER = NearestAnswer((Found(STATION, HOW, 120.0, 3),), NOW, 7, is_more=False)
SITE = SiteRow(
    1, "K", "考点", (), "海淀区", "Haidian", "", "", 39.9, 116.4, None,
    (GateRow(1, "E", "东门", 39.91, 116.41, None),), 1, 1,
)  # fmt: skip


def read(markup: str) -> dict[str, object]:
    found = re.fullmatch(r'<script type="application/json" id="map-selection">(.*)</script>', markup, re.DOTALL)
    assert found
    assert "<" not in found[1]
    content: dict[str, object] = json.loads(found[1])
    return content


def test_selection_holds_what_the_list_shows_and_cannot_end_its_element() -> None:
    anchor = Anchor("site", "K", "考点", "", SITE.starts, SITE)
    content = read(str(selection(ANSWER, anchor, {"T-0": "/s/T-0"}, Datum.WGS84)))
    assert content == {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [116.3, 39.9]},
                "properties": {
                    "kind": "station", "name": STATION.name, "code": "T-0", "number": 1, "state": "unverified",
                    "url": "/s/T-0",
                },
            },
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [116.4, 39.9]},
                "properties": {"kind": "site", "name": "考点"},
            },
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [116.41, 39.91]},
                "properties": {"kind": "gate", "name": "东门"},
            },
        ],
    }  # fmt: skip


@pytest.mark.parametrize(("kind", "count"), [("centre", 1), ("position", 2), ("landmark", 2), ("district", 2)])
def test_selection_shows_where_distances_begin_unless_nothing_was_said(kind: str, count: int) -> None:
    content = read(str(selection(ANSWER, Anchor(kind, "", "", "", ((39.9, 116.4),)), {}, Datum.WGS84)))
    assert len(content["features"]) == count


@pytest.mark.parametrize("datum", list(Datum))
def test_positions_are_in_the_datum_of_the_map(datum: Datum) -> None:
    there = convert(Point(STATION.lat, STATION.lon), Datum.WGS84, datum)
    content = read(str(selection(ANSWER, Anchor("centre", "", "", "", ()), {}, datum)))
    shown = content["features"][0]["geometry"]["coordinates"]
    assert shown == pytest.approx([there.lon, there.lat], abs=1e-6)
    code, name, lon, lat, state = pin_rows([(STATION, HOW)], datum)[0]
    assert (code, name, STATES[state]) == ("T-0", STATION.name, HOW.status)
    assert (lon, lat) == pytest.approx((there.lon, there.lat), abs=1e-5)


def make_rows(count: int) -> list[tuple[str, str, float, float, int]]:
    return [(f"T-{i}", "站", 116 + i % 100 / 100, 39 + i // 100 / 1000, i % 4) for i in range(count)]


def test_all_pins_are_sent_while_they_are_few() -> None:
    rows = make_rows(3)
    content = msgspec.json.decode(pins(rows, Box(0, 0, 1, 1), 11))
    assert content == {"total": 3, "rows": [list(row) for row in rows], "cells": []}


def test_of_very_many_pins_only_those_in_the_box_are_sent() -> None:
    rows = make_rows(WHOLE + 1)
    assert msgspec.json.decode(pins(rows, None, 11)) == {"total": len(rows), "rows": [], "cells": []}
    box = Box(116.0, 39.0, 116.1, 39.05)
    content = msgspec.json.decode(pins(rows, box, 11))
    inside = [list(row) for row in rows if 116 <= row[2] <= 116.1 and 39 <= row[3] <= 39.05]
    assert 0 < len(inside) <= MOST_ROWS
    assert content == {"total": len(rows), "rows": inside, "cells": []}


def test_a_crowded_box_is_sent_as_counts() -> None:
    rows = make_rows(WHOLE + 1)
    content = msgspec.json.decode(pins(rows, Box(-180, -90, 180, 90), 9))
    counts = [count for _lon, _lat, count in content["cells"]]
    assert (content["total"], content["rows"]) == (len(rows), [])
    assert sum(counts) == len(rows)
    assert counts == sorted(counts, reverse=True)
    assert 1 < len(counts) < 100
    assert all(116 <= lon <= 117 and 39 <= lat <= 39.2 for lon, lat, _count in content["cells"])
