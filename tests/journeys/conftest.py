"""A served application and a browser to walk through it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from cast import DEMO_NOW
from chromium import QUIET, find_chromium
from conftest import SECRET, leave_database, make_app
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from stations.config import ROOT
from stations.kernel import clock
from stations.workflows.preparing import follow_clock

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 800}
MIDDLE_OF_HAIDIAN = {"latitude": 39.98498, "longitude": 116.31455}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here drives a browser."""
    for item in items:
        if "journeys" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def served_file(seeded_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of the application that is served."""
    path = tmp_path_factory.mktemp("served") / "stations.db"
    shutil.copy(seeded_sqlite, path)
    return path


@pytest.fixture(scope="session")
def address(served_file: Path) -> Iterator[str]:
    """The address of the application, served as `python app.py` serves it."""
    path = served_file
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = os.environ | {
        "PORT": str(port), "DATABASE_URL": f"sqlite:///{path}", "SECRET_KEY": SECRET, "DEMO_CLOCK": DEMO_NOW,
    }  # fmt: skip
    with path.with_suffix(".log").open("wb") as log:
        served = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=env, stderr=log)
        here = f"http://127.0.0.1:{port}"
        _wait_for(here, served, path.with_suffix(".log"))
        yield here
        served.send_signal(signal.SIGTERM)
        served.wait(20)


@pytest.fixture
def beside(served_file: Path, address: str) -> Iterator[Callable[[], AbstractContextManager[Flask]]]:
    """Writes beside the served application: an application on its database, at its time."""

    @contextmanager
    def open_app() -> Iterator[Flask]:
        app = make_app(f"sqlite:///{served_file}")
        with app.app_context():
            follow_clock()
            yield app
            leave_database()

    yield open_app
    clock.show_real()


def _wait_for(address: str, served: subprocess.Popen[bytes], log: Path) -> None:
    for _try in range(600):
        assert served.poll() is None, log.read_text()
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=2).read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(log.read_text())


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the run."""
    path = find_chromium()
    assert path, "no Chromium: run `make browser`"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield running
        running.close()


class Visit:
    """A page whose every request and complaint is remembered."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.address = address
        self.context = context
        self.page: Page = context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type in ("error", "warning") else None
        )

    def go(self, path: str) -> Page:
        """Open a path of the application."""
        self.page.goto(self.address + path)
        return self.page

    @property
    def foreign(self) -> list[str]:
        """Requests that left this origin."""
        return [url for url in self.requests if not url.startswith((self.address, "data:", "blob:"))]


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Callable[..., Visit]]:
    """Makes visits; each has a fresh profile."""
    contexts: list[BrowserContext] = []

    def make(size: dict[str, int] = PHONE, **options: object) -> Visit:
        # A page that still scrolls by itself moves away under the pointer of a busy machine.
        still = {"reduced_motion": "reduce"} | options
        context = browser.new_context(viewport=size, locale="zh-CN", **still)
        context.set_default_timeout(15_000)
        contexts.append(context)
        return Visit(context, address)

    yield make
    for context in contexts:
        context.close()
