"""Every public page, as a reader, a cache and a validator meet it."""

import re
from datetime import time, timedelta
from pathlib import Path

import html5lib
import pytest
from cast import Cast
from conftest import make_app
from factories.places import BEIJING, make_order
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from stations.accounts.rules import PROGRAM
from stations.kernel import clock
from stations.kernel.db import db, transaction
from stations.kernel.geo.datum import Point
from stations.kernel.schema import upgrade
from stations.places.actions.stations import save_station, set_state
from stations.places.rules import StationState
from stations.seasons.actions import CutoffOrder, confirm_cutoff
from stations.seasons.queries import get_session

PAGES = {
    "/": 200,
    "/?site=KD0108-12": 200,
    "/?site=KD0108-12&need=water&need=charging&open=1&limit=15": 200,
    "/?place=district:110108": 200,
    "/?lat=39.98&lon=116.31": 200,
    "/?q=shiyi": 200,
    "/?q=zzzzqqqq": 404,
    "/?lat=abc&lon=1": 400,
    "/?need=counselling,quiet_room,hearing_loop,fan": 200,
    "/s/GH-HD-01": 200,
    "/s/MD-052": 200,
    "/e/KD0108-12": 200,
    "/e/KD0108-01": 200,
    "/help": 200,
    "/help?site=KD0108-12": 200,
    "/help/ask": 200,
    "/help/ask?kind=papers&site=KD0108-12&station=GH-HD-01": 200,
    "/help/r/nobody": 404,
    "/d/nobody": 404,
    "/s/nowhere": 404,
    "/e/nowhere": 404,
    "/nowhere": 404,
}
CACHED = ("/", "/?site=KD0108-12", "/s/GH-HD-01", "/e/KD0108-12", "/map/pins.json")
LIVE = ("/", "/?site=KD0108-12", "/s/GH-HD-01", "/e/KD0108-12")
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)(?![^>]*application/json)", re.I)


def check_html(text: str, lang: str) -> None:
    """Well formed, in its language, one title, one heading of the first rank, nothing inline, no id twice."""
    page = html5lib.HTMLParser(html5lib.getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False).parse(text)
    assert page.get("lang") == lang
    assert len(page.findall(".//h1")) == 1
    title = page.find(".//title")
    assert title is not None
    assert title.text
    assert title.text.strip()
    assert not INLINE.search(text)
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize(("code", "lang"), [("", "zh-Hans"), ("en", "en")])
def test_pages_are_well_formed_in_both_languages(reader: FlaskClient, address: str, code: str, lang: str) -> None:
    page = reader.get(address + (("&" if "?" in address else "?") + f"lang={code}" if code else ""))
    assert page.status_code == PAGES[address]
    check_html(page.text, lang)
    assert "demo-banner" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in page.headers
    if address != "/nowhere":  # no route, so nobody's page
        assert "cookie" not in page.headers.get("Vary", "").lower()


@pytest.mark.parametrize("address", ["/", "/s/GH-HD-01", "/e/KD0108-12", "/help", "/help/ask", "/nowhere"])
def test_the_large_view_is_well_formed_and_kept(reader: FlaskClient, address: str) -> None:
    page = reader.get(f"{address}?view=elder&lang=en")
    check_html(page.text, "en")
    assert " elder" in page.text
    inner = re.findall(r'href="(/(?!static|vendor|map)[^"]*)"', page.text)
    assert [link for link in inner if "view=elder" not in link] == [f"{address}?lang=en"]


@pytest.mark.parametrize("address", CACHED)
@pytest.mark.parametrize("encoding", ["", "br", "gzip"])
def test_a_repeat_is_answered_with_nothing(reader: FlaskClient, address: str, encoding: str) -> None:
    first = reader.get(address, headers={"Accept-Encoding": encoding})
    assert first.headers["Cache-Control"].startswith("public, max-age=15")
    again = reader.get(address, headers={"Accept-Encoding": encoding, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert "Set-Cookie" not in again.headers
    assert "cookie" not in again.headers.get("Vary", "").lower()


@pytest.mark.parametrize("address", CACHED)
def test_what_is_kept_ends_with_an_edit_and_with_the_minute(app: Flask, client: FlaskClient, address: str) -> None:
    def etag() -> str:
        return client.get(address).headers["ETag"]

    first = etag()
    assert etag() == first
    with transaction():
        set_state("GH-HD-01", StationState.PAUSED, "补货", PROGRAM, BEIJING)
    second = etag()
    assert second != first
    clock.show(clock.now() + timedelta(minutes=1), clock.real_now())
    assert etag() not in (first, second)
    other = client.get(address + ("&" if "?" in address else "?") + "lang=en").headers["ETag"]
    assert other not in (first, second)


def count_statements(client: FlaskClient, address: str) -> int:
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", count := lambda *args: statements.append(args[2]))
    assert client.get(address).status_code == 200
    event.remove(db.engine, "before_cursor_execute", count)
    return len(statements)


@pytest.mark.parametrize("address", [*LIVE, "/?q=shiyi", "/help", "/map/pins.json"])
def test_a_warm_page_asks_the_database_nothing(
    app: Flask, client: FlaskClient, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stations.kernel.revision.LOOK_SECONDS", 3600)
    client.get(address)
    assert count_statements(client, address) == 0


@pytest.mark.parametrize("limit", [1, 3, 50])
def test_a_list_of_any_length_asks_the_database_nothing(
    app: Flask, client: FlaskClient, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stations.kernel.revision.LOOK_SECONDS", 3600)
    client.get("/")
    assert count_statements(client, f"/?limit={limit}") == 0


def at(clock_time: str) -> None:
    clock.show(Cast.now.fromisoformat(clock_time).replace(tzinfo=BEIJING), clock.real_now())


def test_an_unconfirmed_cutoff_shows_both_times_and_a_confirmed_one_by_whom(client: FlaskClient) -> None:
    at("2027-06-08T13:00:00")
    page = client.get("/?lang=en").text
    assert "Sources give 14:45 and 15:15; the earlier time is used here." in page
    assert "1 h 44 min" in page
    for code, closes in (("S03", time(15, 15)), ("S04", time(14, 45))):
        with transaction():
            order = CutoffOrder(code, closes, "北京教育考试院", "演示市总工会", get_session(code).version)
            confirm_cutoff(order, "city")
    page = client.get("/?lang=en").text
    assert "Unconfirmed" not in page
    assert "no entry after 14:45" in page
    site = client.get("/e/KD0108-12?lang=en").text
    assert site.count("Confirmed by 演示市总工会") == 2
    assert "Sources give" not in site


def test_the_countdown_moves_on_when_entry_has_closed(client: FlaskClient) -> None:
    at("2027-06-07T09:14:00")
    assert "no entry after 09:15" in client.get("/?lang=en").text
    at("2027-06-07T09:15:00")
    page = client.get("/?lang=en").text
    assert "no entry after 15:15" in page
    assert "Mathematics" in page
    at("2027-06-10T16:00:00")
    assert "No exam session is ahead." in client.get("/?lang=en").text


def test_what_was_refused_is_still_in_the_field_and_harmless(client: FlaskClient) -> None:
    typed = '<script>alert("1")</script>&%s{{7*7}}'
    for asked, status in (({}, 404), ({"lat": "1"}, 400), ({"site": "nowhere"}, 404)):
        page = client.get("/", query_string={**asked, "q": typed})
        assert page.status_code == status
        check_html(page.text, "zh-Hans")
        box = html5lib.parse(page.text, namespaceHTMLElements=False).find(".//input[@id='q']")
        assert box is not None
        assert box.get("value") == typed


def test_places_with_hostile_names_are_shown_as_text(client: FlaskClient) -> None:
    name = "\"><img src=x onerror=alert(1)></script>'{{7*7}}%(x)s"
    with transaction():
        save_station(make_order("T-1", name=name, address=name, point=Point(39.9087, 116.3975)), PROGRAM)
    for address in ("/", "/s/T-1", "/?limit=50"):
        page = client.get(address)
        assert page.status_code == 200
        tree = html5lib.HTMLParser(html5lib.getTreeBuilder("etree"), strict=True, namespaceHTMLElements=False).parse(
            page.text
        )
        assert tree.find(".//img") is None
        assert name in "".join(tree.itertext())
    assert client.get("/map/pins.json").status_code == 200


def test_an_empty_database_has_pages_too(tmp_path: Path) -> None:
    app = make_app(f"sqlite:///{tmp_path / 'empty.db'}")
    with app.app_context():
        upgrade(db.engine)
        client = app.test_client()
        for address in ("/", "/?limit=3&need=water&open=1", "/help", "/map/pins.json"):
            page = client.get(address)
            assert page.status_code == 200, address
            assert "demo-banner" not in page.text
            if address != "/map/pins.json":
                check_html(page.text, "zh-Hans")
        for address in ("/?q=shiyi", "/?site=KD0108-12", "/s/GH-HD-01", "/e/KD0108-12"):
            page = client.get(address)
            assert page.status_code == 404, address
            check_html(page.text, "zh-Hans")
        assert client.get("/map/pins.json").json == {"total": 0, "rows": [], "cells": []}
        db.session.remove()
        db.engine.dispose()
