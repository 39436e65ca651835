"""Answers as GeoJSON and as the compact rows of the map."""

from collections.abc import Iterable
from typing import Any

import msgspec
from markupsafe import Markup

from stations.kernel.geo.box import Box
from stations.kernel.geo.datum import Datum, Point, convert
from stations.places.queries.rows import Anchor, NearestAnswer, StationRow
from stations.places.rules import Standing, Status

STATES = tuple(Status)  # the place of a state in a row of `pin_rows`
MOST_ROWS = 2_000
WHOLE = 10_000  # up to here the map gets every pin at once


def selection(answer: NearestAnswer, anchor: Anchor, urls: dict[str, str], datum: Datum) -> Markup:
    """The page's own answer as a JSON data block, so that list and map show the same stations."""
    features = [
        _feature(
            found.station.lat, found.station.lon, datum, kind="station", name=found.station.name,
            code=found.station.code, number=number, state=found.standing.status.value,
            url=urls.get(found.station.code, ""),
        )
        for number, found in enumerate(answer.found, 1)
    ]  # fmt: skip
    if anchor.site is not None:
        site = anchor.site
        features.append(_feature(site.lat, site.lon, datum, kind="site", name=site.name))
        features += [_feature(g.lat, g.lon, datum, kind="gate", name=g.name) for g in site.gates]
    elif anchor.kind != "centre":
        features += [_feature(lat, lon, datum, kind="site", name=anchor.name) for lat, lon in anchor.starts]
    text = msgspec.json.encode({"type": "FeatureCollection", "features": features}).decode()
    # "<" is the only character by which a JSON text could end the element that holds it.
    safe = text.replace("<", "\\u003c")
    return Markup('<script type="application/json" id="map-selection">{}</script>').format(Markup(safe))  # noqa: S704


def _feature(lat: float, lon: float, datum: Datum, **properties: Any) -> dict[str, Any]:
    there = convert(Point(lat, lon), Datum.WGS84, datum)
    geometry = {"type": "Point", "coordinates": [round(there.lon, 6), round(there.lat, 6)]}
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def pin_rows(stations: Iterable[tuple[StationRow, Standing]], datum: Datum) -> list[tuple[str, str, float, float, int]]:
    """[code, name, lon, lat, place of the state in STATES] a station."""
    rows = []
    for row, standing in stations:
        there = convert(Point(row.lat, row.lon), Datum.WGS84, datum)
        rows.append((row.code, row.name, round(there.lon, 5), round(there.lat, 5), STATES.index(standing.status)))
    return rows


def pins(rows: list[tuple[str, str, float, float, int]], bbox: Box | None, zoom: int) -> bytes:
    """What the map's pin layer reads: every row while they are few; else, with a box, the rows
    in it, and where those are more than MOST_ROWS, counts by cell of 64 pixels at `zoom`."""
    if len(rows) <= WHOLE:
        return msgspec.json.encode({"total": len(rows), "rows": rows, "cells": []})
    if bbox is None:
        return msgspec.json.encode({"total": len(rows), "rows": [], "cells": []})
    inside = [row for row in rows if bbox.holds(row[3], row[2])]
    if len(inside) <= MOST_ROWS:
        return msgspec.json.encode({"total": len(rows), "rows": inside, "cells": []})
    return msgspec.json.encode({"total": len(rows), "rows": [], "cells": _cells(inside, zoom)[:MOST_ROWS]})


def _cells(rows: list[tuple[str, str, float, float, int]], zoom: int) -> list[tuple[float, float, int]]:
    """(mean lon, mean lat, count) by cell, the fullest first."""
    width = 90 / 2**zoom
    heaps: dict[tuple[int, int], list[float]] = {}
    for _code, _name, lon, lat, _state in rows:
        heap = heaps.setdefault((int(lon // width), int(lat // width)), [0.0, 0.0, 0.0])
        heap[0] += lon
        heap[1] += lat
        heap[2] += 1
    counted = [(round(x / n, 5), round(y / n, 5), int(n)) for x, y, n in heaps.values()]
    return sorted(counted, key=lambda cell: -cell[2])
