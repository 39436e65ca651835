"""The exam times and who confirms them."""

from collections.abc import Callable
from typing import Any

from cast import Cast
from conftest import on_both

from stations.kernel.db import db
from stations.seasons.queries import get_session

Send = Callable[..., Any]
Look = Callable[[], tuple[Any, ...]]
TYPED = {"entry_closes": "15:15", "source": "北京教育考试院 2027 年通知"}


def version(code: str) -> str:
    db.session.rollback()
    return str(get_session(code).version)


def test_both_times_are_shown_where_sources_disagree(cast: Cast) -> None:
    page = cast.observer.get("/admin/exam-times/").text
    assert page.count('class="sessions__item"') >= 9
    disputed = page.split('id="session-S03"')[1].split("</li>")[0]
    assert "14:45" in disputed
    assert "15:15" in disputed
    assert "<form" not in disputed
    assert "<form" in cast.city.get("/admin/exam-times/").text


@on_both
def test_an_organizer_confirms_a_last_entry(cast: Cast, send: Send, written: Look) -> None:
    client = cast.city
    fields = TYPED | {"version": version("S03"), "request_id": "confirm-1"}
    answer = send(client, "/admin/exam-times/S03/confirm", fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/exam-times/#session-S03")
    db.session.rollback()
    session = get_session("S03")
    assert session.confirmed_by == "演示市总工会"
    assert session.other_cutoff_at is None
    assert session.entry_cutoff_at.isoformat() == "2027-06-08T07:15:00+00:00"
    after = written()
    assert send(client, "/admin/exam-times/S03/confirm", fields).status_code == 303
    assert written() == after
    late = send(client, "/admin/exam-times/S03/confirm", fields | {"entry_closes": "14:45", "request_id": "late-0002"})
    assert late.status_code == 409
    assert 'value="14:45"' in late.text
    assert written() == after


WRONG: tuple[dict[str, str], ...] = (
    {"entry_closes": ""},
    {"entry_closes": "三点"},
    {"entry_closes": "03:00"},
    {"source": " "},
    {"version": ""},
    {"source": "字" * 301},
    {"request_id": "!"},
)


def test_a_time_that_cannot_be_is_refused_and_kept(cast: Cast, send: Send, written: Look) -> None:
    client, before = cast.city, written()
    for wrong in WRONG:
        fields = TYPED | {"version": version("S03"), "source": "记得这个来源"} | wrong
        answer = send(client, "/admin/exam-times/S03/confirm", fields)
        assert answer.status_code == 400, wrong
        assert 'class="field__error"' in answer.text, wrong
        assert f'value="{fields["source"]}"' in answer.text, wrong
    assert written() == before


def test_an_unknown_session_is_not_there(cast: Cast, send: Send) -> None:
    assert send(cast.city, "/admin/exam-times/S99/confirm", TYPED | {"version": "1"}).status_code == 404
