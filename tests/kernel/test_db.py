"""The transaction, the verdict, the time that comes back."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from conftest import on_both
from flask import Flask
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import OperationalError, StatementError

from stations.kernel.db import (
    attempt,
    changed_one,
    database_url,
    db,
    in_transaction,
    is_busy,
    run_in_transaction,
    sqlite_path,
    transaction,
)
from stations.kernel.replay import AnsweredRequest

AT = datetime(2027, 6, 7, 7, 45, 1, 123456, tzinfo=timezone(timedelta(hours=8)))


def add(request_id: str, at: datetime = AT) -> None:
    db.session.execute(
        insert(AnsweredRequest).values(request_id=request_id, action="a", actor="b", answer={}, at=at)
    )  # fmt: skip


def list_ids() -> list[str]:
    db.session.rollback()
    return sorted(db.session.execute(select(AnsweredRequest.request_id)).scalars())


@on_both
def test_a_time_comes_back_aware_and_in_utc(app: Flask) -> None:
    with transaction():
        add("one")
    back = db.session.execute(select(AnsweredRequest.at)).scalar_one()
    assert (back, back.tzinfo, back.isoformat()) == (AT, UTC, "2027-06-06T23:45:01.123456+00:00")
    found = db.session.execute(select(AnsweredRequest.request_id).where(AnsweredRequest.at == AT.astimezone(UTC)))
    assert found.scalars().all() == ["one"]


@on_both
def test_a_time_without_a_zone_is_refused(app: Flask) -> None:
    with pytest.raises(StatementError, match="without a zone"), transaction():
        add("one", datetime(2027, 6, 7, 7, 45))  # noqa: DTZ001 (that is the point)
    assert list_ids() == []


@on_both
def test_an_error_leaves_nothing_behind(app: Flask) -> None:
    with transaction():
        add("kept")

    def fail() -> None:
        with transaction():
            add("lost")
            in_transaction()["seen"] = 1
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert list_ids() == ["kept"]
    assert in_transaction() == {}
    with transaction():
        add("next")
    assert list_ids() == ["kept", "next"]


@on_both
def test_what_was_pending_before_a_transaction_is_not_part_of_it(app: Flask) -> None:
    db.session.add(AnsweredRequest(request_id="stray", action="a", actor="b", answer={}, at=AT))
    with transaction():
        add("meant")
    assert list_ids() == ["meant"]


@on_both
def test_a_transaction_inside_another_is_a_mistake_that_shows(app: Flask) -> None:
    def nest() -> None:
        with transaction():
            add("outer")
            with transaction():
                add("inner")

    with pytest.raises(RuntimeError, match="inside a transaction"):
        nest()
    assert list_ids() == []
    with transaction():
        add("after")
    assert list_ids() == ["after"]


def _attempt_in_vain() -> None:
    with attempt():
        add("inside")
        in_transaction()["known"] = 2
        raise ZeroDivisionError


@on_both
def test_an_attempt_that_fails_takes_back_only_its_own(app: Flask) -> None:
    with transaction():
        add("before")
        in_transaction()["known"] = 1
        with pytest.raises(ZeroDivisionError):
            _attempt_in_vain()
        assert in_transaction() == {"known": 1}
        with attempt():
            add("after")
    assert list_ids() == ["after", "before"]


@on_both
def test_the_row_count_is_the_verdict(app: Flask) -> None:
    with transaction():
        add("one")
        add("two")
        free = update(AnsweredRequest).where(AnsweredRequest.request_id == "one", AnsweredRequest.actor == "b")
        assert changed_one(free.values(actor="c"))
        assert not changed_one(free.values(actor="d"))
        assert not changed_one(update(AnsweredRequest).values(action="x"))


@pytest.mark.parametrize(
    ("written", "url"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://u@h:5432/d?sslmode=require", "postgresql+psycopg://u@h:5432/d?sslmode=require"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
        ("sqlite:////srv/a.db", "sqlite:////srv/a.db"),
    ],
)
def test_a_deployers_url_is_understood(written: str, url: str) -> None:
    assert database_url(written) == url


def test_the_file_behind_a_url_is_known() -> None:
    assert sqlite_path("sqlite:////srv/a.db") == Path("/srv/a.db")
    assert sqlite_path("sqlite:///a.db") == Path("a.db")
    assert sqlite_path("sqlite:///:memory:") is None
    assert sqlite_path("postgresql+psycopg://u@h/d") is None


def test_lock_that_others_hold_is_waited_for_again(app: Flask, database: str) -> None:
    path = sqlite_path(database)
    assert path is not None
    db.session.execute(text("PRAGMA busy_timeout=20"))
    db.session.rollback()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        def write() -> str:
            add("late-001")
            return "written"

        with pytest.raises(OperationalError) as refused:
            run_in_transaction(write)
        assert is_busy(refused.value)
        other.execute("ROLLBACK")
    assert run_in_transaction(write) == "written"
    assert list_ids() == ["late-001"]


def test_press_meanwhile_is_answered_with_come_again(app: Flask, database: str) -> None:
    path = sqlite_path(database)
    assert path is not None
    client = app.test_client()
    db.session.execute(text("PRAGMA busy_timeout=20"))
    db.session.rollback()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        asked = {
            "kind": "late", "site": "KD0108-01", "is_site_checked": "yes", "place": "知春里",
            "request_id": "busy-00001",
        }  # fmt: skip
        answer = client.post("/help/ask?lang=en", data=asked)
        other.execute("ROLLBACK")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Nothing was changed; please press once more." in answer.text
    assert client.post("/help/ask", data=asked).status_code == 303
