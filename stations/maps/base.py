"""The ground under the pins where there is no tile server: districts, metro lines and stops in one small file."""

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

Language = Literal["zh", "en"]
Point = tuple[float, float]
Shift = Callable[[float, float], Point]

STEPS_A_DEGREE = 10_000


def _unmoved(lon: float, lat: float) -> Point:
    return lon, lat


def _grid(lon: float, lat: float, shift: Shift) -> tuple[int, int]:
    moved_lon, moved_lat = shift(lon, lat)
    return round(moved_lon * STEPS_A_DEGREE), round(moved_lat * STEPS_A_DEGREE)


def _steps(places: Iterable[tuple[int, int]]) -> list[int]:
    """First place, then steps from place to place, flat: [x, y, dx, dy, ...]."""
    flat: list[int] = []
    last_x = last_y = 0
    for x, y in places:
        flat += [x - last_x, y - last_y]
        last_x, last_y = x, y
    return flat


def _path(points: Iterable[Iterable[float]], shift: Shift) -> list[int]:
    """Steps along a path; neighbours that fall on one place are one."""
    places = (_grid(lon, lat, shift) for lon, lat, *_height in points)
    return _steps(place for place, _again in groupby(places))


def _district(feature: Mapping[str, Any], language: Language, shift: Shift) -> dict[str, Any]:
    about = feature["properties"]
    return {
        "name": (language == "en" and about["name_en"]) or about["name"],
        "label": _grid(about["label_lon"], about["label_lat"], shift),
        "rings": [_path(part[0], shift) for part in feature["geometry"]["coordinates"]],
    }


def _line(feature: Mapping[str, Any], shift: Shift) -> dict[str, Any]:
    return {
        "colour": feature["properties"]["color"],
        "paths": [_path(path, shift) for path in feature["geometry"]["coordinates"]],
    }


def _stops(rows: Sequence[Mapping[str, str]], language: Language, shift: Shift) -> dict[str, Any]:
    return {
        "names": [(language == "en" and row["name_en"]) or row["name"] for row in rows],
        "steps": _steps(_grid(float(row["lon"]), float(row["lat"]), shift) for row in rows),
    }


def build_base(
    districts: Mapping[str, Any],
    lines: Mapping[str, Any],
    stops: Sequence[Mapping[str, str]],
    *,
    language: Language,
    shift: Shift = _unmoved,
) -> bytes:
    """JSON bytes of the base, the same for the same input.

    `districts` and `lines` are GeoJSON collections of MultiPolygon and MultiLineString, `stops` are rows with name,
    name_en, lon, lat; all WGS-84. `shift(lon, lat)` moves a point into the datum of the map's tiles.
    Out: {districts: [{name, label: [x, y], rings: [path]}], lines: [{colour, paths: [path]}], stops: {names, steps}};
    x and y in 1/10,000 degree; a path and the steps of the stops are [x, y, dx, dy, ...]; a place without an English
    name keeps its Chinese one.
    """
    base = {
        "districts": [_district(feature, language, shift) for feature in districts["features"]],
        "lines": [_line(feature, shift) for feature in lines["features"]],
        "stops": _stops(stops, language, shift),
    }
    return json.dumps(base, ensure_ascii=False, separators=(",", ":")).encode()


def read_base(folder: Path, *, language: Language, shift: Shift = _unmoved) -> bytes:
    """`build_base` of the three Beijing files in `folder` (data/); OSError where one is missing."""
    districts = json.loads((folder / "beijing_districts.geojson").read_text(encoding="utf-8"))
    lines = json.loads((folder / "beijing_metro_lines.geojson").read_text(encoding="utf-8"))
    with (folder / "beijing_metro_stations.csv").open(encoding="utf-8", newline="") as stops:
        rows = list(csv.DictReader(stops))
    return build_base(districts, lines, rows, language=language, shift=shift)
