"""Adding a station, changing one, taking one off the list."""

from collections.abc import Callable
from typing import Any

from cast import Cast
from conftest import on_both

from stations.kernel import audit
from stations.kernel.db import db
from stations.kernel.geo.datum import Datum, Point, convert
from stations.kernel.geo.distance import geodesic_metres
from stations.places.queries.stations import find_station, get_station

Send = Callable[..., Any]
Look = Callable[[], tuple[Any, ...]]
Fields = Callable[..., dict[str, Any]]

NEW = {
    "code": "HD-NEW-1", "name": "新站点", "kind": "union_point", "organization": "YS-BJ-110108", "district": "海淀区",
    "lat": "39.98", "lon": "116.33", "datum": "wgs84", "phone": "010-12345678", "services": ["water", "rest"],
    "hours": "Mon-Fri 07:00-18:30", "exceptions": "2027-06-09 08:00-12:00\n2027-06-10 closed",
}  # fmt: skip


@on_both
def test_a_station_is_added(cast: Cast, send: Send) -> None:
    answer = send(cast.haidian, "/admin/stations/new", NEW)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/admin/stations/HD-NEW-1"
    station = get_station("HD-NEW-1")
    assert (station.name, station.path) == ("新站点", "YS-BJ/YS-BJ-110108/HD-NEW-1/")
    assert station.services == ("rest", "water")
    assert (station.phone, station.version, station.said.verified_at) == ("01012345678", 1, None)
    assert len(station.hours.dated) == 2


@on_both
def test_a_station_is_changed_as_its_page_shows_it(cast: Cast, send: Send, fields_of: Fields) -> None:
    client, before = cast.haidian, get_station("GH-HD-01")
    fields = fields_of(client.get("/admin/stations/GH-HD-01").text)
    assert send(client, "/admin/stations/GH-HD-01", fields | {"phone": "010-87654321"}).status_code == 303
    db.session.rollback()
    after = get_station("GH-HD-01")
    assert after.phone == "01087654321"
    assert after.version == before.version + 1
    unchanged = ("name", "kind", "path", "district", "address", "lat", "lon", "services", "access", "hours", "said")
    assert [getattr(after, name) for name in unchanged] == [getattr(before, name) for name in unchanged]
    assert audit.list_events("station:GH-HD-01")[0].actor == "haidian"


@on_both
def test_a_position_is_taken_in_any_datum(cast: Cast, send: Send) -> None:
    client, truth = cast.haidian, Point(39.98, 116.33)
    for datum in Datum:
        there = convert(truth, Datum.WGS84, datum)
        fields = {"code": f"HD-{datum}", "lat": str(there.lat), "lon": str(there.lon), "datum": str(datum)}
        assert send(client, "/admin/stations/new", NEW | fields).status_code == 303
        db.session.rollback()
        landed = get_station(f"HD-{datum}")
        assert geodesic_metres(truth.lat, truth.lon, landed.lat, landed.lon) < 1


WRONG: tuple[dict[str, Any], ...] = (
    {"lat": "116.33", "lon": "39.98"},
    {"lat": "", "lon": ""},
    {"lat": "nan", "lon": "inf"},
    {"lat": "1e400"},
    {"name": ""},
    {"name": "字" * 121},
    {"name": "a\0b"},
    {"code": "not a code"},
    {"kind": "palace"},
    {"district": "天上区"},
    {"organization": "NOBODY"},
    {"hours": "18:00-07:00"},
    {"hours": "早上"},
    {"exceptions": "someday 08:00-12:00"},
    {"phone": "12"},
    {"services": ["water", "gold"]},
    {"request_id": ""},
    {"request_id": "<script>"},
    {"name": ["a", "b"]},
)


@on_both
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(cast: Cast, send: Send, written: Look) -> None:
    client, before = cast.haidian, written()
    for wrong in WRONG:
        answer = send(client, "/admin/stations/new", NEW | {"address": "记得这条街"} | wrong)
        assert answer.status_code == 400, wrong
        assert 'role="alert"' in answer.text, wrong
        assert "记得这条街" in answer.text, wrong
    assert written() == before
    assert find_station("HD-NEW-1") is None


def test_a_code_that_is_taken_is_refused(cast: Cast, send: Send, written: Look) -> None:
    client = cast.haidian
    before = written()
    for code in ("GH-HD-01", "MD-001"):
        answer = send(client, "/admin/stations/new", NEW | {"code": code})
        assert answer.status_code == 409
        assert 'class="field__error" id="code-error"' in answer.text
    assert written() == before


@on_both
def test_nothing_leaves_or_enters_ones_scope(cast: Cast, send: Send, written: Look) -> None:
    client, before, foreign = cast.haidian, written(), get_station("MD-001")
    for code, change, status in (
        ("GH-HD-01", {"organization": "YS-QY"}, 403),
        ("GH-HD-01", {"code": "MD-001"}, 400),
        ("GH-HD-01", {"version": ""}, 400),
        ("GH-HD-01", {"version": "0"}, 400),
        ("MD-001", {}, 404),
    ):
        answer = send(client, f"/admin/stations/{code}", NEW | {"code": code, "version": "1"} | change)
        assert answer.status_code == status, (code, change)
    assert written() == before
    assert get_station("MD-001") == foreign


@on_both
def test_of_two_editors_the_second_is_told_and_keeps_what_was_typed(cast: Cast, send: Send, fields_of: Fields) -> None:
    first, second = cast.haidian, cast.city
    page = first.get("/admin/stations/GH-HD-01").text
    mine, theirs = fields_of(page), fields_of(second.get("/admin/stations/GH-HD-01").text)
    assert send(second, "/admin/stations/GH-HD-01", theirs | {"phone": "010-87654321"}).status_code == 303
    answer = send(first, "/admin/stations/GH-HD-01", mine | {"name": "我改的名字"})
    assert answer.status_code == 409
    assert "我改的名字" in answer.text
    assert "01087654321" in answer.text
    db.session.rollback()
    assert get_station("GH-HD-01").name == mine["name"][0]
    again = fields_of(answer.text) | {"phone": "010-87654321"}
    assert send(first, "/admin/stations/GH-HD-01", again).status_code == 303
    db.session.rollback()
    station = get_station("GH-HD-01")
    assert (station.name, station.phone) == ("我改的名字", "01087654321")


@on_both
def test_saving_twice_writes_once(cast: Cast, send: Send, written: Look, fields_of: Fields) -> None:
    client = cast.haidian
    fields = fields_of(client.get("/admin/stations/GH-HD-01").text) | {"phone": "010-87654321"}
    assert send(client, "/admin/stations/GH-HD-01", fields).status_code == 303
    after = written()
    assert send(client, "/admin/stations/GH-HD-01", fields).status_code == 303
    assert send(client, "/admin/stations/new", NEW | {"request_id": "new-0001"}).status_code == 303
    once = written()
    assert send(client, "/admin/stations/new", NEW | {"request_id": "new-0001"}).status_code == 303
    assert after != once == written()


@on_both
def test_a_station_is_taken_off_the_list_once(cast: Cast, send: Send, written: Look) -> None:
    client = cast.haidian
    fields = {"request_id": "archive-1"}
    assert send(client, "/admin/stations/GH-HD-02/archive", fields).status_code == 303
    after = written()
    assert find_station("GH-HD-02") is None
    assert send(client, "/admin/stations/GH-HD-02/archive", fields).status_code == 303
    assert written() == after
    assert client.get("/s/GH-HD-02").status_code == 404


def test_the_page_of_one_who_may_only_look_is_shut(cast: Cast) -> None:
    page = cast.observer.get("/admin/stations/GH-HD-01").text
    assert page.count("<fieldset") == page.count(" disabled>") + page.count('class="field field--ticks')
    assert "/operate" not in page
    assert "/archive" not in page


def test_the_map_sets_the_position_of_these_inputs(cast: Cast) -> None:
    page = cast.haidian.get("/admin/stations/GH-HD-01").text
    assert page.count("data-map-lat") == page.count("data-map-lon") == 1
    assert 'class="folium-map map"' in page
    assert "js/picker-datum.js" in page
