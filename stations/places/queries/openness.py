"""Which stations are open at a minute, for all of them at once: the array twin of `rules.standing`."""

from collections.abc import Sequence
from datetime import date, datetime
from threading import Lock
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from stations.places.queries.rows import StationRow
from stations.places.rules import is_shut, opened_until


class OpenMask:
    """A 0/1 byte per station position, kept current: remade once a minute, one entry at an edit.

    It is one array for good, so that who holds it sees it grow before the index does."""

    def __init__(self, rows: Sequence[StationRow], zone: ZoneInfo) -> None:
        self._zone = zone
        self._lock = Lock()
        self._rows = list(rows)
        self._day: date | None = None
        self._minute = -1
        self.mask = bytearray(len(rows))

    def at(self, now: datetime) -> bytearray:
        """The mask for `now`."""
        local = now.astimezone(self._zone)
        minute = local.hour * 60 + local.minute
        if minute != self._minute or local.date() != self._day:
            with self._lock:
                self._remake(local.date(), minute)
        return self.mask

    def put(self, position: int, row: StationRow) -> None:
        """Say anew what is known of one position; the position after the last one adds a station."""
        with self._lock:
            if position == len(self._rows):
                self._rows.append(row)
                self.mask.append(0)
            else:
                self._rows[position] = row
            if not self._fits(position, row):
                self._day = None
            self._minute = -1

    def _remake(self, day: date, minute: int) -> None:
        if day != self._day:
            self._start_day(day)
        is_planned = ((self._opens <= minute) & (minute < self._closes)).any(axis=1)
        is_open = (is_planned | (minute < self._opened_until)) & ~self._is_shut
        self.mask[:] = is_open.astype(np.uint8).tobytes()
        self._minute = minute

    def _fits(self, position: int, row: StationRow) -> bool:
        if self._day is None or position >= len(self._is_shut):
            return False
        spans = row.hours.on(self._day)
        if len(spans) > self._opens.shape[1]:
            return False
        self._fill(position, row, self._day)
        return True

    def _start_day(self, day: date) -> None:
        self._day = day
        width = max((len(row.hours.on(day)) for row in self._rows), default=0) or 1
        count = len(self._rows)
        self._opens: NDArray[np.int16] = np.full((count, width), 1441, np.int16)
        self._closes: NDArray[np.int16] = np.full((count, width), -1, np.int16)
        self._opened_until: NDArray[np.int16] = np.zeros(count, np.int16)
        self._is_shut: NDArray[np.bool_] = np.zeros(count, np.bool_)
        for position, row in enumerate(self._rows):
            self._fill(position, row, day)

    def _fill(self, position: int, row: StationRow, day: date) -> None:
        spans = row.hours.on(day)
        self._opens[position], self._closes[position] = 1441, -1
        for i, (opens, closes) in enumerate(spans):
            self._opens[position, i], self._closes[position, i] = opens, closes
        self._opened_until[position] = opened_until(row.hours, row.said, day, self._zone)
        self._is_shut[position] = is_shut(row.said, day, self._zone)
