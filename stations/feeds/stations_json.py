"""Stations as JSON. The structs are what is encoded and what `/openapi.json` describes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct

from stations.places.queries.rows import NearestAnswer, StationRow
from stations.places.rules import ACCESS, SERVICES, STATION_KINDS, Standing, Status
from stations.stock.queries.items import ItemRow
from stations.stock.queries.public import PublicLevel
from stations.stock.rules.items import EXAM_ROOM
from stations.stock.rules.limits import PublicState

Code = Annotated[str, Meta(min_length=1, max_length=40)]
Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]
Reference = Annotated[str, Meta(extra_json_schema={"format": "uri-reference"})]
Kind = Annotated[str, Meta(extra_json_schema={"enum": list(STATION_KINDS)})]
Service = Annotated[str, Meta(extra_json_schema={"enum": list(SERVICES)})]
ExamRoom = Annotated[str, Meta(extra_json_schema={"enum": list(EXAM_ROOM)})]
Access = Annotated[str, Meta(extra_json_schema={"enum": list(ACCESS)})]


class Station(Struct, frozen=True):
    """A support station as it stands. Positions are WGS-84; times carry the season's offset."""

    code: Code
    name: str
    kind: Kind
    host: str
    district: str
    address: str
    lat: Latitude
    lon: Longitude
    is_open: bool
    status: Status
    closes_at: datetime | None
    opens_at: datetime | None
    reason: str
    services: tuple[Service, ...]
    access: tuple[Access, ...]
    phone: str
    verified_at: datetime | None
    url: Reference


class NearStation(Station, frozen=True):
    """A station of an answer about distances: straight-line metres, and an estimate of the walk."""

    metres: Annotated[float, Meta(ge=0)]
    walk_minutes_estimate: Annotated[int, Meta(ge=0)]


class NearestStations(Struct, frozen=True):
    """The nearest stations, nearest first. `is_more` says that a greater limit would give more."""

    stations: list[NearStation]
    as_of: datetime
    is_more: bool


class StationPage(Struct, frozen=True):
    """Stations by code; `next` is the address of those that follow."""

    stations: list[Station]
    as_of: datetime
    next: Reference | None


class Supply(Struct, frozen=True):
    """Something that a station hands out or lends: whether it has any, as of when that was last true."""

    item: Code
    name: str
    name_en: str
    state: PublicState
    last_true_at: datetime
    exam_room: ExamRoom
    contains_alcohol: bool


class OneStation(Struct, frozen=True):
    """One station, and what it has."""

    station: Station
    supplies: list[Supply]
    as_of: datetime


class StationTexts:
    """Every station's JSON but for what depends on the question: encoded when first asked for, kept until the row
    or how it stands has changed."""

    def __init__(self, zone: ZoneInfo, page_url: str) -> None:
        """Times in `zone`; `page_url` is the address of a station's page with CODE in place of its code."""
        self.zone = zone
        self._page_url = page_url
        self._kept: dict[str, tuple[StationRow, Standing, bytes]] = {}

    def open_text(self, row: StationRow, standing: Standing) -> bytes:
        """A station's object without the brace that closes it."""
        kept = self._kept.get(row.code)
        if kept is None or kept[0] is not row or (kept[1] is not standing and kept[1] != standing):
            text = msgspec.json.encode(self._make(row, standing))[:-1]
            kept = self._kept[row.code] = (row, standing, text)
        return kept[2]

    def _make(self, row: StationRow, how: Standing) -> Station:
        return Station(
            code=row.code, name=row.name, kind=row.kind, host=row.host, district=row.district, address=row.address,
            lat=row.lat, lon=row.lon, is_open=how.is_open, status=how.status, closes_at=how.closes_at,
            opens_at=how.opens_at, reason=how.reason, services=row.services, access=row.access, phone=row.phone,
            verified_at=how.verified_at and how.verified_at.astimezone(self.zone).replace(microsecond=0),
            url=self._page_url.replace("CODE", quote(row.code)),
        )  # fmt: skip


def write_nearest(answer: NearestAnswer, texts: StationTexts) -> bytes:
    """A `NearestStations`."""
    near = b",".join(
        b'%b,"metres":%.1f,"walk_minutes_estimate":%d}'
        % (texts.open_text(found.station, found.standing), found.metres, found.walk_minutes)
        for found in answer.found
    )
    is_more = b"true" if answer.is_more else b"false"
    return b'{"stations":[%b],"as_of":%b,"is_more":%b}' % (near, write_time(answer.at, texts.zone), is_more)


def write_page(
    stations: Iterable[tuple[StationRow, Standing]], texts: StationTexts, now: datetime, following: str | None
) -> bytes:
    """A `StationPage`."""
    rows = b",".join(texts.open_text(row, standing) + b"}" for row, standing in stations)
    link = msgspec.json.encode(following)
    return b'{"stations":[%b],"as_of":%b,"next":%b}' % (rows, write_time(now, texts.zone), link)


def write_one(
    row: StationRow, standing: Standing, supplies: Iterable[tuple[ItemRow, PublicLevel]], texts: StationTexts,
    now: datetime,
) -> bytes:  # fmt: skip
    """A `OneStation`."""
    made = [
        Supply(
            item.code, item.name, item.name_en, level.state(now),
            level.as_of.astimezone(texts.zone).replace(microsecond=0), item.exam_room, item.contains_alcohol,
        )
        for item, level in supplies
    ]  # fmt: skip
    parts = (texts.open_text(row, standing), msgspec.json.encode(made), write_time(now, texts.zone))
    return b'{"station":%b},"supplies":%b,"as_of":%b}' % parts


def write_time(at: datetime, zone: ZoneInfo) -> bytes:
    """A moment as JSON, in `zone`, to the second."""
    return b'"%b"' % at.astimezone(zone).isoformat(timespec="seconds").encode()
