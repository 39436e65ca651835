"""News goes out once, in order, and only of what was committed."""

from collections.abc import Iterator

import pytest
from conftest import leave_database, make_app, on_both
from flask import Flask
from redis import Redis

from stations.adapters import live
from stations.kernel.db import app_memory, attempt, transaction
from stations.kernel.revision import next_revision


@pytest.fixture
def heard(app: Flask) -> list[live.Message]:
    messages: list[live.Message] = []
    live.hear(messages.append)
    return messages


@pytest.fixture
def redis_app(app: Flask, database: str, redis_url: str) -> Iterator[Flask]:
    with Redis.from_url(redis_url) as client:
        client.flushdb()
    made = make_app(database, redis_url=redis_url)
    with made.app_context():
        yield made
        leave_database()


def told(messages: list[live.Message]) -> list[tuple[str, bytes, str, int]]:
    return [(message.kind, bytes(message.content), message.path, message.revision) for message in messages]


@on_both
def test_what_is_committed_is_told_afterwards_with_its_revision(app: Flask, heard: list[live.Message]) -> None:
    with transaction():
        live.publish_after_commit("queue", {"id": 1}, "O/")
        number = next_revision(live.TOPIC)
        live.publish_after_commit("alarm", [2])
        assert heard == []
    assert told(heard) == [("queue", b'{"id":1}', "O/", number), ("alarm", b"[2]", "", number)]
    with transaction():
        next_revision(live.TOPIC)
    assert len(heard) == 2


def fail_after_telling(content: int) -> None:
    live.publish_after_commit("queue", content)
    raise ZeroDivisionError


@on_both
def test_what_is_rolled_back_is_never_told(app: Flask, heard: list[live.Message]) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        fail_after_telling(1)
    with transaction():
        live.publish_after_commit("queue", 2)
        with pytest.raises(ZeroDivisionError), attempt():
            fail_after_telling(3)
        with attempt():
            live.publish_after_commit("queue", 4)
            assert heard == []
        assert heard == []
    assert [bytes(message.content) for message in heard] == [b"2", b"4"]


def test_news_outside_a_transaction_waits_for_no_commit(app: Flask, heard: list[live.Message]) -> None:
    live.publish("positions", [[1, 39.9, 116.4, None, 5, 6]])
    assert told(heard) == [("positions", b"[[1,39.9,116.4,null,5,6]]", "", 0)]
    with pytest.raises(RuntimeError):
        live.publish_after_commit("queue", 1)


def test_redis_keeps_news_for_those_who_come_later(redis_app: Flask, redis_url: str) -> None:
    live.publish("queue", 1)
    with transaction():
        live.publish_after_commit("alarm", 2, "O/")
    with live.connect(redis_url) as client:
        reading = live.read_stream(client)
        floor, first = next(reading)
        live.publish("alarm", 3)
        _floor, second = next(reading)
        assert told([message for _place, message in first + second]) == [
            ("queue", b"1", "", 0), ("alarm", b"2", "O/", 0), ("alarm", b"3", "", 0)
        ]  # fmt: skip
        places = [place for place, _message in first + second]
        assert floor < places[0] < places[1] < places[2]
        assert [live.read_id(live.write_id(place)) for place in places] == places
        assert next(live.read_stream(client, places[1])) == (places[1], second)


def test_a_reader_learns_that_news_was_thrown_away_before_it_came(
    redis_app: Flask, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "KEPT_MESSAGES", 100)
    for number in range(300):
        live.publish("alarm", number)
    with live.connect(redis_url) as client:
        floor, read = next(live.read_stream(client))
    assert len(read) < 300
    assert floor == read[0][0]


def test_a_write_does_not_wait_for_a_dead_redis_and_the_loss_is_told(
    redis_app: Flask, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    live.publish("alarm", 1)
    sender = app_memory()["live_sender"]
    alive = sender.client
    sender.client = live.connect("redis://127.0.0.1:1/0")
    with transaction():
        live.publish_after_commit("alarm", 2)
    live.publish("alarm", 3)  # while the sender is silent
    sender.client, sender.silent_until = alive, 0.0
    live.publish("alarm", 4)
    with live.connect(redis_url) as client:
        _floor, read = next(live.read_stream(client))
    assert [(message.kind, bytes(message.content)) for _place, message in read] == [
        ("alarm", b"1"), ("reset", b"null"), ("alarm", b"4")
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "-", "5", "5-", "-5", "a-b", "5-６", "1-2-3", "9" * 50 + "-1"])
def test_an_id_that_is_none_is_no_place(text: str) -> None:
    assert live.read_id(text) is None
