"""A station's JSON: kept while it is true, made anew when it is not."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from stations.feeds.stations_json import (
    NearestStations,
    OneStation,
    StationPage,
    StationTexts,
    write_nearest,
    write_one,
    write_page,
)
from stations.places.queries.rows import Found, NearestAnswer, StationRow
from stations.places.rules import Hours, Said, Standing, StationState, Status

NOW = datetime(2027, 6, 6, 23, 45, 10, 999, tzinfo=UTC)
OPEN = Standing(Status.OPEN, True, datetime(2027, 6, 7, 10, 30, tzinfo=UTC), None, "", NOW)
ROW = StationRow(
    id=1, code="A-1", name='"站"<b>', kind="shopfront", host="h", path="p/", district="海淀区", district_en="Haidian",
    address="a", lat=39.9, lon=116.4, phone="110", services=("rest", "water"), access=(), hours=Hours(),
    said=Said(StationState.PLANNED, None, "", NOW), version=1, revision=1,
)  # fmt: skip


def _texts() -> StationTexts:
    return StationTexts(ZoneInfo("Asia/Shanghai"), "/s/CODE")


def test_a_text_is_made_once_until_row_or_standing_changes() -> None:
    texts = _texts()
    first = texts.open_text(ROW, OPEN)
    assert texts.open_text(ROW, replace(OPEN)) is first
    paused = texts.open_text(ROW, replace(OPEN, status=Status.PAUSED, is_open=False, reason="雨"))
    assert '"reason":"雨"'.encode() in paused
    renamed = texts.open_text(replace(ROW, name="新"), OPEN)
    assert '"name":"新"'.encode() in renamed
    assert texts.open_text(ROW, OPEN) == first


def test_what_is_written_is_what_is_described() -> None:
    texts = _texts()
    answer = NearestAnswer((Found(ROW, OPEN, 1234.56, 22), Found(replace(ROW, code="B"), OPEN, 9e6, 5)), NOW, 1, True)
    near = msgspec.json.decode(write_nearest(answer, texts), type=NearestStations)
    assert [s.code for s in near.stations] == ["A-1", "B"]
    assert (near.stations[0].metres, near.stations[0].walk_minutes_estimate) == (1234.6, 22)
    assert near.is_more
    assert near.as_of == NOW.replace(microsecond=0)
    assert near.stations[0].name == ROW.name
    assert near.stations[0].url == "/s/A-1"
    page = msgspec.json.decode(write_page([(ROW, OPEN)], texts, NOW, "/n?a=1&b=2"), type=StationPage)
    assert (page.stations[0].services, page.next) == (("rest", "water"), "/n?a=1&b=2")
    one = msgspec.json.decode(write_one(ROW, OPEN, [], texts, NOW), type=OneStation)
    assert (one.station, one.supplies) == (page.stations[0], [])


def test_no_station_is_still_an_answer() -> None:
    empty = NearestAnswer((), NOW, 1, False)
    assert write_nearest(empty, _texts()) == b'{"stations":[],"as_of":"2027-06-07T07:45:10+08:00","is_more":false}'
    assert write_page([], _texts(), NOW, None).endswith(b'"next":null}')


def test_times_are_those_of_the_zone_to_the_second() -> None:
    text = _texts().open_text(ROW, OPEN).decode()
    assert '"verified_at":"2027-06-07T07:45:10+08:00"' in text
