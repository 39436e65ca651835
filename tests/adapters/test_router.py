"""A server that speaks OSRM's table protocol, well and badly; and the estimate behind it."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from stations.adapters import router
from stations.adapters.router import OsrmRouter, Points, Travel

AT = datetime(2027, 6, 7, 0, 30, tzinfo=UTC)
Answer = Callable[[list[tuple[float, float]], list[int], list[int]], tuple[int, bytes]]


class Estimated:
    """The built-in router's stand-in: 1,000 seconds for every way, twice as slow as the free road."""

    def travel(self, origins: Points, targets: Points, at: datetime, is_raining: bool = False) -> Travel:
        return Travel(np.full((len(origins), len(targets)), 1000.0), "built-in")

    def slowness(self, at: datetime, is_raining: bool = False) -> float:
        return 3.0 if is_raining else 2.0


class Served:
    """A running server: its address, how it answers, and what it was asked."""

    def __init__(self) -> None:
        self.answer: Answer = by_latitude
        self.paths: list[str] = []
        served = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                served.paths.append(self.path)
                parts = urlsplit(self.path)
                places = [tuple(map(float, one.split(","))) for one in parts.path.rsplit("/", 1)[1].split(";")]
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                sources, targets = ([int(k) for k in query[name].split(";")] for name in ("sources", "destinations"))
                status, body = served.answer([(lat, lon) for lon, lat in places], sources, targets)
                with suppress(ConnectionError):  # who asked may have gone
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


def by_latitude(places: list[tuple[float, float]], sources: list[int], targets: list[int]) -> tuple[int, bytes]:
    """A second for each thousandth of a degree of latitude; nothing leads to latitude 0."""
    rows = [
        [None if places[j][0] == 0 else round(abs(places[i][0] - places[j][0]) * 1000, 3) for j in targets]
        for i in sources
    ]
    return 200, json.dumps({"code": "Ok", "durations": rows}).encode()


@pytest.fixture
def served() -> Iterator[Served]:
    running = Served()
    yield running
    running.server.shutdown()
    running.server.server_close()


def points(*lats: float) -> Points:
    return np.array([(lat, 116.4) for lat in lats]).reshape(-1, 2)


def test_a_table_is_asked_as_the_protocol_has_it_and_stretched_by_the_traffic(served: Served) -> None:
    asked = OsrmRouter(served.url, Estimated())
    found = asked.travel(points(39.9, 39.8), points(39.95, 40.0, 39.9), AT)
    assert served.paths == [
        "/table/v1/driving/116.400000,39.900000;116.400000,39.800000;116.400000,39.950000;116.400000,40.000000;"
        "116.400000,39.900000?annotations=duration&sources=0;1&destinations=2;3;4"
    ]
    assert found.seconds == pytest.approx(2 * np.array([[50, 100, 0], [150, 200, 100]]))
    assert (found.source, found.note) == ("osrm", None)
    assert asked.travel(points(39.9), points(40.0), AT, is_raining=True).seconds == pytest.approx(np.array([[300.0]]))


@pytest.mark.parametrize(("n", "m", "requests"), [(1, 99, 1), (1, 100, 2), (251, 50, 6), (130, 70, 6), (99, 1, 1)])
def test_a_large_table_comes_in_pieces_and_in_its_order(served: Served, n: int, m: int, requests: int) -> None:
    origins, targets = points(*np.linspace(30, 31, n)), points(*np.linspace(40, 42, m))
    found = OsrmRouter(served.url, Estimated()).travel(origins, targets, AT)
    assert len(served.paths) == requests
    assert max(path.count(",") for path in served.paths) <= router.MOST_POINTS
    assert found.source == "osrm"
    assert found.seconds == pytest.approx(2000 * (targets[:, 0] - origins[:, :1]), abs=0.01)


def test_a_table_far_too_large_is_estimated_without_asking(served: Served) -> None:
    found = OsrmRouter(served.url, Estimated()).travel(points(*range(1, 90)), points(*np.linspace(1, 80, 4000)), AT)
    assert (found.source, served.paths) == ("built-in", [])
    assert "requests would be needed" in str(found.note)


def test_no_points_need_no_server(served: Served) -> None:
    found = OsrmRouter(served.url, Estimated()).travel(points(), points(39.9), AT)
    assert (found.seconds.shape, found.source, found.note, served.paths) == ((0, 1), "built-in", None, [])


def test_pairs_without_a_way_are_estimated_and_counted(served: Served) -> None:
    found = OsrmRouter(served.url, Estimated()).travel(points(39.9, 39.8), points(0, 40.0), AT)
    assert found.seconds == pytest.approx(np.array([[1000, 200], [1000, 400]]))
    assert found.source == "osrm"
    assert str(found.note) == "The route server knows no way for 2 pairs; theirs are estimated."


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (500, b"oops", "HTTP 500"),
        (302, b"", "HTTP 302"),
        (400, b'{"code": "TooBig", "message": "Too many table coordinates"}', "HTTP 400"),
        (200, b"<html>", "not a table"),
        (200, b"\xff\xfe", "not a table"),
        (200, b"[]", "not a table"),
        (200, b"null", "not a table"),
        (200, b'{"code": "Ok"}', "not a table"),
        (200, b'{"code": "NoTable", "durations": [[1]]}', "not a table"),
        (200, b'{"code": "Ok", "durations": [[1, 2]]}', "not a table"),
        (200, b'{"code": "Ok", "durations": [["far"]]}', "not a table"),
        (200, b'{"code": "Ok", "durations": [[-1]]}', "not a table"),
        (200, b'{"code": "Ok", "durations": [[1e999]]}', "not a table"),
    ],
)
def test_an_answer_that_is_none_falls_back_and_says_so(served: Served, status: int, body: bytes, why: str) -> None:
    served.answer = lambda *_: (status, body)
    found = OsrmRouter(served.url, Estimated()).travel(points(39.9), points(40.0), AT)
    assert found.seconds.tolist() == [[1000.0]]
    assert found.source == "built-in"
    assert str(found.note) == f"The route server did not answer ({why}); times are estimated."


def test_after_a_failure_the_server_has_half_a_minute_of_rest(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = OsrmRouter(served.url, Estimated())
    served.answer = lambda *_: (500, b"")
    asked.travel(points(39.9), points(40.0), AT)
    served.answer = by_latitude
    again = asked.travel(points(39.9), points(40.0), AT)
    assert (again.source, len(served.paths)) == ("built-in", 1)
    assert "left alone" in str(again.note)
    begun = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: begun + router.REST_SECONDS + 1)
    assert asked.travel(points(39.9), points(40.0), AT).source == "osrm"
    assert len(served.paths) == 2


def test_a_server_that_hangs_costs_no_more_than_the_time_out(served: Served) -> None:
    release = threading.Event()

    def hang(*_: object) -> tuple[int, bytes]:
        release.wait(5)
        return 200, b""

    served.answer = hang
    begun = time.monotonic()
    found = OsrmRouter(served.url, Estimated(), timeout_seconds=0.2).travel(points(39.9), points(40.0), AT)
    took = time.monotonic() - begun
    release.set()
    assert found.source == "built-in"
    assert 0.2 <= took < 4


def test_nobody_listening_falls_back() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        found = OsrmRouter(f"http://127.0.0.1:{port}", Estimated()).travel(points(39.9), points(40.0), AT)
    assert (found.source, found.seconds.tolist()) == ("built-in", [[1000.0]])
    assert "ConnectionRefusedError" in str(found.note)


@pytest.mark.parametrize("url", ["", "localhost:5000", "ftp://host", "http://", "http://host:port"])
def test_an_address_that_is_none_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        OsrmRouter(url, Estimated())
