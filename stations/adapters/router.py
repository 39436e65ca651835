"""Travel times from a server that speaks OSRM's table protocol, or from the built-in estimate when it does not answer.

Protocol: OSRM HTTP API v5, service `table` (project-osrm.org/docs/v5.24.0/api/#table-service).
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Literal, Protocol
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from stations.kernel.text import Text, _

Points = NDArray[np.float64]  # shape (n, 2): WGS-84 latitude and longitude in degrees
Seconds = NDArray[np.float64]

TIMEOUT_SECONDS = 1.5
REST_SECONDS = 30.0
# osrm-routed takes at most 100 points a request unless told otherwise (--max-table-size).
MOST_POINTS = 100
# A board that asked for more would wait for minutes; the estimate is at hand.
MOST_REQUESTS = 40


@dataclass(frozen=True, slots=True)
class Travel:
    """Seconds of driving from n points to m others, shape (n, m), whose they are, and what a person should know."""

    seconds: Seconds
    source: Literal["built-in", "osrm"]
    note: Text | None = None


class Router(Protocol):
    """Whatever can tell how long driving takes. Never raises for a want of answers."""

    def travel(self, origins: Points, targets: Points, at: datetime, is_raining: bool = False) -> Travel:
        """Driving from each origin, shape (n, 2), to each target, shape (m, 2), when it begins at `at`."""
        ...


class Estimate(Router, Protocol):
    """The built-in router, which also knows how much slower than a free road it is at a time of day."""

    def slowness(self, at: datetime, is_raining: bool = False) -> float:
        """Time at `at` over time on the free road."""
        ...


class NoAnswerError(Exception):
    """The server gave nothing that can be used; the message says what."""


class OsrmRouter:
    """Free-road times of an OSRM server, stretched by the built-in traffic of the hour; the built-in estimate when it
    fails, and for `REST_SECONDS` after that without asking."""

    def __init__(self, url: str, built_in: Estimate, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        """`url` is the server's address, such as http://localhost:5000; one that is none raises ValueError."""
        parts = urlsplit(url.rstrip("/"))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"not an address of an OSRM server: {url!r}")
        self._parts, self._port = parts, parts.port
        self._built_in, self._timeout = built_in, timeout_seconds
        self._rests_until = 0.0

    def travel(self, origins: Points, targets: Points, at: datetime, is_raining: bool = False) -> Travel:
        """See Router. Takes at most about twice the time-out, however many requests the table needs."""
        estimate = self._built_in.travel(origins, targets, at, is_raining)
        if not estimate.seconds.size:
            return estimate
        if time.monotonic() < self._rests_until:
            return Travel(estimate.seconds, "built-in", _("The route server is being left alone; times are estimated."))
        try:
            seconds = self._ask_all(origins, targets) * self._built_in.slowness(at, is_raining)
        except NoAnswerError as error:
            self._rests_until = time.monotonic() + REST_SECONDS
            note = _("The route server did not answer (%(why)s); times are estimated.", why=error)
            return Travel(estimate.seconds, "built-in", note)
        lost = np.isnan(seconds)
        if not lost.any():
            return Travel(seconds, "osrm")
        note = _("The route server knows no way for %(count)s pairs; theirs are estimated.", count=int(lost.sum()))
        return Travel(np.where(lost, estimate.seconds, seconds), "osrm", note)

    def _ask_all(self, origins: Points, targets: Points) -> Seconds:
        chunks = list(_chunks(len(origins), len(targets)))
        if len(chunks) > MOST_REQUESTS:
            raise NoAnswerError(f"{len(chunks)} requests would be needed")
        seconds = np.empty((len(origins), len(targets)))
        stop_at = time.monotonic() + self._timeout
        kind = HTTPSConnection if self._parts.scheme == "https" else HTTPConnection
        line = kind(str(self._parts.hostname), self._port, timeout=self._timeout)
        try:
            for rows, columns in chunks:
                if time.monotonic() > stop_at:
                    raise NoAnswerError("too slow")
                seconds[rows, columns] = self._ask(line, origins[rows], targets[columns])
        except (OSError, HTTPException) as error:
            raise NoAnswerError(type(error).__name__) from error
        finally:
            line.close()
        return seconds

    def _ask(self, line: HTTPConnection, origins: Points, targets: Points) -> Seconds:
        n, m = len(origins), len(targets)
        places = ";".join(f"{lon:.6f},{lat:.6f}" for lat, lon in np.concatenate([origins, targets]).tolist())
        sources, destinations = (";".join(map(str, part)) for part in (range(n), range(n, n + m)))
        path = f"{self._parts.path}/table/v1/driving/{places}?annotations=duration"
        line.request("GET", f"{path}&sources={sources}&destinations={destinations}")
        answer = line.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise NoAnswerError(f"HTTP {answer.status}")
        return _read(body, (n, m))


def _chunks(n: int, m: int) -> Iterator[tuple[slice, slice]]:
    """Blocks of an n x m table whose rows and columns together are at most MOST_POINTS."""
    wide = min(m, max(MOST_POINTS // 2, MOST_POINTS - n))
    high = MOST_POINTS - wide
    for top in range(0, n, high):
        for left in range(0, m, wide):
            yield slice(top, top + high), slice(left, left + wide)


def _read(body: bytes, shape: tuple[int, int]) -> Seconds:
    """The durations of an answer; NaN where the server knows no way."""
    try:
        answer = json.loads(body)
        seconds = np.array(answer["durations"], dtype=np.float64)
    except (ValueError, TypeError, KeyError) as error:
        raise NoAnswerError("not a table") from error
    if answer.get("code") != "Ok" or seconds.shape != shape or np.isinf(seconds).any() or (seconds < 0).any():
        raise NoAnswerError("not a table")
    return seconds
