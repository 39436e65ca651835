"""The whole way: several workers, one process that holds the streams, readers who come and go."""

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode

import pytest
from cast import DEMO_NOW, PASSWORD, Cast
from conftest import SECRET, leave_database, make_app, on_both
from flask import Flask
from redis import Redis
from sqlalchemy import text

from stations.accounts.models import Person
from stations.config import ROOT
from stations.fleet.queries.paths import vehicle_paths
from stations.kernel.db import db, transaction
from stations.kernel.revision import next_revision
from stations.web import stream_process

HERE = Path(__file__).parent


class Reader:
    """A stream as a browser reads it."""

    def __init__(self, port: int, cookie: str, last: str = "") -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self.connection.request("GET", "/dispatch/stream", headers={"Cookie": cookie, "Last-Event-ID": last})
        self.answer = self.connection.getresponse()
        self.last = last

    def next(self) -> tuple[str, str]:
        """Kind and content of the next event that is no pulse."""
        said: dict[str, str] = {}
        while True:
            line = self.answer.readline().decode()
            assert line, "the stream ended"
            name, _colon, value = line.rstrip("\n").partition(": ")
            said[name] = value
            if name == "" and "event" in said:
                self.last = said.get("id", self.last)
                if said["event"] != "pulse":
                    return said["event"], said["data"]
                said = {}

    def alarms(self, count: int, *, but: frozenset[str] = frozenset({"queue"})) -> list[str]:
        """The next alarms; what else may come meanwhile is a word about the queue, or of the kinds `but`."""
        told: list[str] = []
        while len(told) < count:
            kind, content = self.next()
            assert kind == "alarm" or kind in but
            told += [content.strip('"')] if kind == "alarm" else []
        return told

    def close(self) -> None:
        self.answer.close()
        self.connection.close()


class Server:
    """One start of the server with two workers."""

    def __init__(self, path: Path, **settings: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.path = path
        env = {"STATIONS_ENV": "test", "SECRET_KEY": SECRET, "DATABASE_URL": f"sqlite:///{path}", "WORKERS": "2"}
        self.process = subprocess.Popen(
            [sys.executable, HERE / "streaming_server.py"], cwd=ROOT, stderr=subprocess.PIPE, text=True,
            env=os.environ | env | {"PORT": str(self.port), "DEMO_CLOCK": DEMO_NOW} | settings,
        )  # fmt: skip
        self.jar = CookieJar()
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def ready(self) -> "Server":
        """Wait until it answers, and sign in."""
        for _try in range(300):
            with suppress(OSError):
                self.get("/healthz")
                break
            time.sleep(0.1)
        self.sign_in("admin")
        self.cookie = "; ".join(f"{each.name}={each.value}" for each in self.jar)
        return self

    def get(self, path: str) -> str:
        with self.browser.open(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return str(answer.read().decode())

    def sign_in(self, username: str) -> None:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get("/account/sign-in"))
        assert token
        form = urlencode({"username": username, "password": PASSWORD, "csrf_token": token[1]}).encode()
        try:
            self.browser.open(f"http://127.0.0.1:{self.port}/account/sign-in", form, timeout=10).close()
        except HTTPError as error:
            raise AssertionError(f"{error}\n{stop(self)}") from None

    def tell(self, content: str) -> None:
        assert self.get(f"/tell?content={content}") == "told"

    @property
    def streams_pid(self) -> int:
        """The server's child that was forked first."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return min(map(int, children))


def stop(*servers: Server) -> str:
    """End them; what they said."""
    for server in servers:
        server.process.send_signal(signal.SIGTERM)
    return "".join(server.process.communicate(timeout=30)[1] for server in servers)


@pytest.fixture
def start(seeded_sqlite: Path, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers on one database."""
    path = tmp_path / "stations.db"
    shutil.copy(seeded_sqlite, path)
    with ExitStack() as running:

        def begin(**settings: str) -> Server:
            server = Server(path, **settings)
            running.callback(lambda: server.process.poll() is None and stop(server))
            return server

        yield begin


def open_again(server: Server, last: str) -> Reader:
    """A reader who is told to read anew, once another process holds the streams."""
    for _try in range(100):
        reader = Reader(server.port, server.cookie, last)
        with suppress(AssertionError, OSError, http.client.HTTPException):
            if reader.next() == ("reset", "null"):
                return reader
        reader.close()
        time.sleep(0.1)
    raise AssertionError("no other process took the streams")


def gone(pid: int) -> bool:
    for _try in range(50):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def test_readers_follow_every_worker_and_whatever_else_writes(start: Callable[..., Server]) -> None:
    server = start(THREADS="2").ready()
    readers = [Reader(server.port, server.cookie) for _reader in range(12)]  # many more than there are threads
    assert [reader.answer.status for reader in readers] == [200] * 12
    assert [reader.next() for reader in readers] == [("reset", "null")] * 12
    assert readers[0].answer.headers["Content-Type"].startswith("text/event-stream")
    assert readers[0].answer.headers["Cache-Control"] == "no-store"
    assert readers[0].answer.headers["X-Accel-Buffering"] == "no"
    assert readers[0].answer.headers["Content-Encoding"] is None

    for number in range(8):
        server.tell(f"{number}")
    for reader in readers:
        assert reader.alarms(8) == [f"{number}" for number in range(8)]
    time.sleep(2 * stream_process.LOOK_SECONDS)

    app = make_app(f"sqlite:///{server.path}")  # somebody who knows nothing of the channel
    with app.app_context():
        for _write in range(2):
            with transaction():
                next_revision("fleet")
            began = time.monotonic()
            assert readers[11].next() == ("queue", "null")
            assert time.monotonic() - began < 1
        leave_database()

    left = readers[3]
    left.close()
    server.tell("missed")
    again = Reader(server.port, server.cookie, left.last)
    assert again.alarms(1) == ["missed"]

    os.kill(server.streams_pid, signal.SIGKILL)
    anew = open_again(server, again.last)
    server.tell("anew")
    assert anew.alarms(1) == ["anew"]
    for reader in (*readers, again, anew):
        reader.close()
    streams = server.streams_pid
    said = stop(server)
    assert "Traceback" not in said
    assert gone(streams)


def test_two_starts_share_their_news_through_redis(start: Callable[..., Server], redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        client.flushdb()
        started = [start(REDIS_URL=redis_url, WORKERS="1") for _start in range(2)]
        one, other = (server.ready() for server in started)
        reader = Reader(other.port, one.cookie)
        assert reader.next() == ("reset", "null")
        one.tell("first")
        other.tell("second")
        # Streams that have just begun say so once more when they begin to follow Redis.
        assert reader.alarms(2, but=frozenset({"queue", "reset"})) == ["first", "second"]
        reader.close()
        one.tell("third")
        again = Reader(one.port, one.cookie, reader.last)
        assert again.alarms(1) == ["third"]
        assert sum(each["cmd"] == "xread" for each in client.client_list()) == 2
        again.close()
        assert "Traceback" not in stop(one, other)


@on_both
def test_who_reads_is_looked_up_with_what_they_may_see(app: Flask, cast: Cast) -> None:
    person = db.session.query(Person).filter_by(username="dispatcher").one()
    mark = person.fs_uniquifier
    with transaction():
        number = next_revision("fleet")
    ask = "fleet.read"
    revisions, paths, allowed = stream_process._look(app, {(mark, ask), ("somebody else", ask)})
    assert revisions["fleet"] == number
    assert paths == vehicle_paths()
    assert allowed["somebody else", ask] == ()
    assert len(allowed[mark, ask]) == 1
    assert allowed[mark, ask] != ("",)
    with transaction():
        db.session.execute(text("UPDATE person SET active = false WHERE username = 'dispatcher'"))
    assert stream_process._look(app, {(mark, ask)})[2] == {(mark, ask): ()}
