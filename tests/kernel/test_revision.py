"""Numbers by which a process sees that what it remembers is old."""

import threading

import pytest
from conftest import on_both
from factories.crowd import run_crowd
from flask import Flask

from stations.kernel.db import db, transaction
from stations.kernel.revision import current_revisions, kept, newest, next_revision, read_revisions

loads: list[str] = []


@pytest.fixture(autouse=True)
def _nothing_loaded() -> None:
    loads.clear()


def load_one() -> int:
    loads.append("one")
    return read_revisions().get("one", 0)


def load_two() -> int:
    loads.append("two")
    return read_revisions().get("two", 0)


def write(*topics: str) -> None:
    with transaction():
        for topic in topics:
            next_revision(topic)


@on_both
def test_a_topic_counts_its_transactions(app: Flask) -> None:
    assert "one" not in current_revisions()
    with transaction():
        assert (next_revision("one"), next_revision("one"), next_revision("two")) == (1, 1, 1)
    write("one")
    assert (current_revisions()["one"], current_revisions()["two"]) == (2, 1)


@on_both
def test_what_is_kept_is_loaded_again_only_when_its_topic_changed(app: Flask) -> None:
    assert [kept("one", load_one), kept("one", load_one), kept("two", load_two)] == [0, 0, 0]
    assert loads == ["one", "two"]
    write("one")
    assert [kept("one", load_one), kept("two", load_two), kept("one", load_one)] == [1, 0, 1]
    assert loads == ["one", "two", "one"]


@on_both
def test_a_number_that_was_never_committed_poisons_nothing(app: Flask) -> None:
    assert kept("one", load_one) == 0

    def fail() -> None:
        with transaction():
            next_revision("one")
            assert kept("one", load_one) == 1  # the writer sees its own
            assert current_revisions().get("one", 0) == 0
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert kept("one", load_one) == 0
    write("one")
    assert kept("one", load_one) == 1


@on_both
def test_what_an_old_picture_of_the_database_holds_is_not_kept_as_new(app: Flask) -> None:
    """On SQLite a session that began before a change still sees the old content, and must not keep it as the new."""
    kept("one", load_one)
    db.session.rollback()
    read_revisions()  # this session's picture begins here

    def change_and_look() -> None:
        with app.app_context():
            write("one")
            assert current_revisions()["one"] == 1
            db.session.remove()

    other = threading.Thread(target=change_and_look)
    other.start()
    other.join()
    kept("one", load_one)
    db.session.rollback()
    assert kept("one", load_one) == 1


def test_the_greater_number_of_each_topic_counts() -> None:
    assert newest({"a": 1, "b": 5}, {"a": 2, "b": 4, "c": 1}) == {"a": 2, "b": 5, "c": 1}


@on_both
def test_four_processes_miss_no_number(app: Flask, database: str) -> None:
    work = """
from stations.kernel.revision import next_revision
for turn in range(15):
    with transaction():
        print(next_revision("crowd"), flush=True)
"""
    numbers = [int(n) for out in run_crowd(database, work) for n in out.split()]
    assert sorted(numbers) == list(range(1, 61))
