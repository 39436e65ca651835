"""The list of stations, and opening, pausing, closing and verifying from it."""

import re
from collections.abc import Callable
from typing import Any

from cast import Cast
from conftest import on_both
from flask import Flask
from listening import listen
from sqlalchemy import update

from stations.kernel import audit
from stations.kernel.db import db, transaction
from stations.places.models import Station
from stations.places.queries.stations import get_station
from stations.places.rules import StationState

Send = Callable[..., Any]
Look = Callable[[], tuple[Any, ...]]


def codes(page: str) -> list[str]:
    return re.findall(r'id="station-([^"]+)"', page)


@on_both
def test_the_list_holds_only_ones_scope(cast: Cast) -> None:
    haidian, lead = cast.haidian.get("/admin/stations/"), cast.lead.get("/admin/stations/")
    assert haidian.status_code == 200
    assert codes(haidian.text) == [f"GH-HD-0{n}" for n in range(1, 9)]
    assert codes(lead.text) == ["GH-HD-01"]
    assert "/admin/stations/new" in haidian.text
    assert "/admin/stations/new" not in lead.text
    assert haidian.headers["Cache-Control"] == "private, no-cache"


def test_the_list_asks_the_database_as_often_for_one_as_for_three(app: Flask, cast: Cast) -> None:
    client = cast.haidian
    client.get("/admin/stations/")
    counts = []
    for query, shown in (("GH-HD-01", 1), ("海淀", 8)):
        with listen() as said:
            assert len(codes(client.get("/admin/stations/", query_string={"q": query}).text)) == shown
        counts.append(len(said))
    assert counts[0] == counts[1] <= 8


@on_both
def test_the_list_is_searched_and_paged(cast: Cast) -> None:
    client = cast.admin
    first, last = client.get("/admin/stations/"), client.get("/admin/stations/?page=999")
    assert len(codes(first.text)) == 25
    assert 0 < len(codes(last.text)) <= 25
    assert "page=2" in first.text
    assert codes(client.get("/admin/stations/?q=md-00").text) == [f"MD-00{n}" for n in range(1, 10)]
    assert codes(client.get("/admin/stations/?q=100%25").text) == []
    assert codes(client.get("/admin/stations/?state=paused").text) == ["MD-004", "MD-031"]
    assert codes(client.get("/admin/stations/?state=paused&q=031").text) == ["MD-031"]
    assert codes(client.get("/admin/stations/?lang=en&q=zzz").text) == []


def test_a_search_that_cannot_be_read_is_refused_in_words(cast: Cast) -> None:
    client = cast.admin
    for query in ("state=gone", "q=" + "x" * 81, "q=a&q=b", "page=abc", "q=%00"):
        answer = client.get(f"/admin/stations/?{query}")
        assert answer.status_code == 400, query
        assert 'class="field__error"' in answer.text, query


@on_both
def test_a_lead_pauses_opens_closes_and_verifies(cast: Cast, send: Send) -> None:
    client, code = cast.lead, "GH-HD-01"
    for state, reason in (("paused", "补货"), ("open", ""), ("closed", "今日收站")):
        answer = send(client, f"/admin/stations/{code}/operate", {"state": state, "reason": reason})
        assert answer.status_code == 303
        assert answer.headers["Location"] == f"/admin/stations/{code}"
        db.session.rollback()
        said = get_station(code).said
        assert (said.state, said.reason) == (StationState(state), reason)
    before = get_station(code).said.verified_at
    answer = send(client, f"/admin/stations/{code}/operate?from=list&q=HD&page=1", {"state": ""})
    assert answer.headers["Location"] == f"/admin/stations/?q=HD&page=1#station-{code}"
    db.session.rollback()
    after = get_station(code).said.verified_at
    assert before is not None
    assert after is not None
    assert after > before
    done = [row.action for row in audit.list_events(f"station:{code}")][:4]
    assert done == ["station.verify", "station.closed", "station.open", "station.paused"]


def test_the_page_says_how_long_the_leads_word_holds(cast: Cast, send: Send) -> None:
    client, page = cast.lead, "/admin/stations/GH-HD-01?lang=en"
    assert "That holds until" not in client.get(page).text
    for state, sentence in (
        ("paused", "Paused at 07:45. That holds until somebody opens it again"),
        ("open", "Opened by hand at 07:45. That holds until 18:30"),
        ("closed", "Closed at 07:45. That holds until somebody opens it again"),
    ):
        send(client, "/admin/stations/GH-HD-01/operate", {"state": state, "reason": "说明"})
        assert sentence in client.get(page).text


@on_both
def test_sending_it_twice_does_it_once(cast: Cast, send: Send, written: Look) -> None:
    client, fields = cast.lead, {"state": "paused", "reason": "补货", "request_id": "twice-0001"}
    first = send(client, "/admin/stations/GH-HD-01/operate", fields)
    after = written()
    again = send(client, "/admin/stations/GH-HD-01/operate", fields)
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["Location"] == again.headers["Location"]
    assert written() == after


def test_a_used_request_id_does_nothing_else(cast: Cast, send: Send, written: Look) -> None:
    client, fields = cast.haidian, {"state": "paused", "reason": "补货", "request_id": "twice-0002"}
    send(client, "/admin/stations/GH-HD-01/operate", fields)
    after = written()
    assert send(client, "/admin/stations/GH-HD-02/operate", fields).status_code == 409
    assert send(cast.admin, "/admin/stations/GH-HD-01/operate", fields).status_code == 409
    assert written() == after


WRONG_STEPS: tuple[dict[str, Any], ...] = (
    {"state": "paused", "reason": ""},
    {"state": "closed", "reason": "  "},
    {"state": "planned"},
    {"state": ["open", "closed"]},
    {"state": "open", "request_id": ""},
    {"state": "open", "request_id": "x" * 65},
    {"state": "paused", "reason": "字" * 201},
    {"state": "paused", "reason": "a\0b"},
)


def test_a_refused_step_says_why_and_keeps_the_reason(cast: Cast, send: Send, written: Look) -> None:
    client, before = cast.lead, written()
    for fields in WRONG_STEPS:
        answer = send(client, "/admin/stations/GH-HD-01/operate", fields)
        assert answer.status_code == 400, fields
        assert 'class="field__error"' in answer.text, fields
        assert f'value="{fields.get("reason", "")}"' in answer.text.replace("\ufffd", "\0"), fields
    assert written() == before


def test_a_step_that_the_table_does_not_allow_is_refused(cast: Cast, send: Send, written: Look) -> None:
    client = cast.lead
    send(client, "/admin/stations/GH-HD-01/operate", {"state": "closed", "reason": "收站"})
    before = written()
    assert send(client, "/admin/stations/GH-HD-01/operate", {"state": "paused", "reason": "补货"}).status_code == 409
    assert written() == before


def test_without_the_hidden_token_nothing_is_written(cast: Cast, written: Look) -> None:
    client = cast.lead
    before = written()
    answer = client.post("/admin/stations/GH-HD-01/operate", data={"state": "open", "request_id": "no-token-1"})
    assert answer.status_code == 400
    assert written() == before


@on_both
def test_an_unknown_station_is_not_there(cast: Cast, send: Send) -> None:
    client = cast.admin
    for code in ("GONE-1", "a%00b", "x" * 300, "字"):
        assert client.get(f"/admin/stations/{code}").status_code == 404, code
        assert send(client, f"/admin/stations/{code}/operate", {"state": ""}).status_code == 404, code


def test_an_archived_station_is_not_there(app: Flask, cast: Cast, send: Send) -> None:
    with transaction():
        db.session.execute(update(Station).where(Station.code == "GH-HD-01").values(archived_at=cast.now))
    client = cast.haidian
    assert client.get("/admin/stations/GH-HD-01").status_code == 404
    assert send(client, "/admin/stations/GH-HD-01/operate", {"state": ""}).status_code == 404
    assert "GH-HD-01" not in codes(client.get("/admin/stations/").text)
