"""Long work on its page: counted while it goes on, and whatever comes of it said there."""

import logging
from collections.abc import Callable
from contextvars import Context
from threading import Event

import pytest
from cast import Cast
from flask import Flask
from flask.testing import FlaskClient

from stations.kernel.errors import Refused
from stations.kernel.progress import counted
from stations.kernel.text import Text, _
from stations.web import working
from stations.web.admin import stock_replenish
from stations.web.guard import actor
from stations.web.language import language

ADDRESS = "/admin/stock/replenishment?lang=en"
Watch = Callable[[Callable[[], str]], list[str]]


@pytest.fixture
def watch(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Watch:
    """The parts of the page of some work, as they come."""
    client = cast.haidian
    monkeypatch.setattr(stock_replenish, "LONG_SHELVES", 0)

    def ask(do: Callable[[], str]) -> list[str]:
        monkeypatch.setattr(stock_replenish, "_draw", lambda *_args, **_named: do())
        return Context().run(lambda: [part.decode() for part in FlaskClient.open(client, ADDRESS).iter_encoded()])

    return ask


def test_the_page_counts_while_the_work_goes_on(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    is_shown = Event()
    shown: list[int] = []
    whole = working.Work.walk_steps

    def walk(work: working.Work) -> object:
        for step in whole(work):
            yield step
            shown.append(step.done)  # the template has sent it
            is_shown.set()

    monkeypatch.setattr(working.Work, "walk_steps", walk)

    def do() -> str:
        for number in counted(_("Rows compared:"), range(3), 3):
            assert number or is_shown.wait(10)
        return f"<h1>{actor().username}, {language()} &amp; done</h1>"

    page = "".join(watch(do))
    assert shown == [0, 3]
    assert page.index("Rows compared: <strong") < page.index("0 / 3") < page.index("3 / 3") < page.index("haidian, en")
    assert "haidian, en &amp; done</h1>" in page
    assert page.rstrip().endswith("</html>")


def test_work_that_stays_silent_shows_that_it_lives(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "SIGN_SECONDS", 0.02)

    def do() -> str:
        for _number in counted(_("Rows compared:"), range(1), 1):
            Event().wait(0.1)
        return "<h1>Done</h1>"

    page = "".join(watch(do))
    assert page.count("0 / 1") >= 2
    assert page.count("1 / 1") == 1


def test_what_is_refused_or_fails_is_said(watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    def refuse() -> str:
        raise Refused("x.y", Text("There are too <few>."))

    def fail() -> str:
        raise ZeroDivisionError

    page = "".join(watch(refuse))
    assert "There are too &lt;few&gt;." in page
    assert 'role="alert"' in page
    with caplog.at_level(logging.ERROR, "stations.web.working"):
        page = "".join(watch(fail))
    assert "nothing was changed" in page
    assert "ZeroDivisionError" not in page
    assert [record.message for record in caplog.records] == ["long work failed"]


def test_a_page_that_is_left_does_not_stop_its_work(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    is_left, is_done = Event(), Event()

    def do() -> str:
        assert is_left.wait(10)
        is_done.set()
        return "<h1>Done</h1>"

    client = cast.haidian
    monkeypatch.setattr(stock_replenish, "LONG_SHELVES", 0)
    monkeypatch.setattr(stock_replenish, "_draw", lambda *_args, **_named: do())

    def leave() -> None:
        answer = FlaskClient.open(client, ADDRESS)
        assert next(answer.iter_encoded())
        answer.close()

    Context().run(leave)
    is_left.set()
    assert is_done.wait(10)
