"""Stations as GeoJSON (RFC 7946). A feature's properties are the very text that `/api/v1/stations` gives of it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from stations.feeds.stations_json import Code, Reference, Station, StationTexts, write_time
from stations.kernel.text import Text, _
from stations.places.queries.rows import StationRow
from stations.places.rules import Standing

MEDIA_TYPE = "application/geo+json"
FROM_HOSTS: Text = _("What the organizations that run the stations say of them; each is its own host's.")
FROM_NOBODY: Text = _("Invented for a demonstration, near points of © OpenStreetMap contributors and GeoNames.")
DEMO_LICENSE = "ODbL-1.0"


class StationPoint(Struct, frozen=True):
    """Where a station is: longitude and latitude, WGS-84."""

    type: Literal["Point"]
    coordinates: Annotated[list[float], Meta(min_length=2, max_length=2)]


class StationFeature(Struct, frozen=True):
    """A station; `id` is its code."""

    type: Literal["Feature"]
    id: Code
    geometry: StationPoint
    properties: Station


class StationCollection(Struct, frozen=True):
    """Stations by code. `license` is an SPDX name, or null where the hosts named none; `next` is the address of those
    that follow."""

    type: Literal["FeatureCollection"]
    features: list[StationFeature]
    attribution: str
    license: str | None
    as_of: datetime
    next: Reference | None


def write_collection(
    stations: Iterable[tuple[StationRow, Standing]],
    texts: StationTexts,
    now: datetime,
    following: str | None,
    *,
    is_demo: bool,
) -> bytes:
    """A `StationCollection`."""
    features = b",".join(_write_feature(row, texts.open_text(row, standing)) for row, standing in stations)
    said = (str(FROM_NOBODY), DEMO_LICENSE) if is_demo else (str(FROM_HOSTS), None)
    return b'{"type":"FeatureCollection","features":[%b],"attribution":%b,"license":%b,"as_of":%b,"next":%b}' % (
        features, *map(msgspec.json.encode, said), write_time(now, texts.zone), msgspec.json.encode(following),
    )  # fmt: skip


def _write_feature(row: StationRow, open_text: bytes) -> bytes:
    return b'{"type":"Feature","id":%b,"geometry":{"type":"Point","coordinates":%b},"properties":%b}}' % (
        msgspec.json.encode(row.code), msgspec.json.encode((row.lon, row.lat)), open_text,
    )  # fmt: skip
