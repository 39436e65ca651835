"""A track as GPX 1.1 (https://www.topografix.com/GPX/1/1/): WGS-84 degrees, times in UTC."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from xml.sax.saxutils import escape

BREAK = timedelta(minutes=5)  # after a longer silence the track begins anew: nobody knows the way between
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class TrackPoint(NamedTuple):
    """Where something was."""

    at: datetime
    lat: float
    lon: float


def write_gpx(name: str, points: Iterable[TrackPoint]) -> str:
    """The document; `points` in order of time."""
    title = escape(_ILLEGAL.sub("", name))
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<gpx version="1.1" creator="Bankao" xmlns="http://www.topografix.com/GPX/1/1">',
        f"<trk><name>{title}</name>",
        *_segments(list(points)),
        "</trk>",
        "</gpx>",
    ]
    return "\n".join(lines) + "\n"


def _segments(points: list[TrackPoint]) -> Iterator[str]:
    if not points:
        return
    yield "<trkseg>"
    yield _point(points[0])
    for before, point in pairwise(points):
        if point.at - before.at > BREAK:
            yield "</trkseg>"
            yield "<trkseg>"
        yield _point(point)
    yield "</trkseg>"


def _point(point: TrackPoint) -> str:
    at = point.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return f'<trkpt lat="{point.lat:.6f}" lon="{point.lon:.6f}"><time>{at}</time></trkpt>'
