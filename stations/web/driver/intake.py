"""Fixes that were acknowledged and wait to be written: one queue a process, one thread that empties it in groups.

What is acknowledged is written within GROUP_SECONDS and the time of one commit, at the end of the process too; what a
crash takes with it is at most that."""

import atexit
import logging
import os
import time
from collections.abc import Sequence
from threading import Condition, Event, Lock, Thread

from flask import Flask, current_app
from prometheus_client import Counter
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError

from stations.fleet.actions.positions import Incoming, record
from stations.kernel.db import app_memory, run_in_transaction

log = logging.getLogger(__name__)

GROUP_SECONDS = 0.1
GROUP_FIXES = 1_000
MOST_WAITING = 1_000  # fixes: what comes faster than it can be written waits at the door, not in here
MOST_WAITING_OF_ONE = 500  # of one vehicle, so that a device gone mad takes nobody's place
DOOR_SECONDS = 2.0
STUCK_SECONDS = 0.5  # a database that keeps a group longer keeps nobody waiting: every page would wait with it
PATIENCE_SECONDS = (0.5, 5.0)
TRIES_AT_EXIT = 3
PASSING = (OperationalError, InterfaceError, TimeoutError)  # the database is away or busy: it will come back

FIXES = Counter("bankao_fixes_total", "Fixes of vehicles by what became of them.", ["verdict"])


class Intake:
    """The queue and its thread, which begins with the first fix: after the server has forked."""

    def __init__(self, app: Flask) -> None:
        self.pid = os.getpid()
        self._app = app
        self._room, self._writing = Condition(), Lock()
        self._since = 0.0
        self._wake = Event()
        self._waiting: list[Incoming] = []
        self._count = 0
        self._of_one: dict[int, int] = {}
        self._is_ending = False
        atexit.register(self._end)
        Thread(target=self._run, name="intake", daemon=True).start()

    def put(self, incoming: Incoming) -> bool:
        """Take it, after a moment where many wait; False when there is no room even then. A phone keeps what is
        refused."""
        vehicle_id, more = incoming.device.vehicle_id, max(len(incoming.fixes), 1)
        with self._room:
            of_one = self._of_one.get(vehicle_id, 0)
            if of_one and of_one + more > MOST_WAITING_OF_ONE:
                return False
            if not self._has_room(more) and not self._wait_for_room(more):
                return False
            self._waiting.append(incoming)
            self._count += more
            self._of_one[vehicle_id] = self._of_one.get(vehicle_id, 0) + more
            if self._count >= GROUP_FIXES / 2:
                self._room.notify_all()
        if not self._wake.is_set():
            self._wake.set()
        return True

    def _wait_for_room(self, more: int) -> bool:
        ends = time.monotonic() + DOOR_SECONDS
        while not self._has_room(more):
            due = min(ends, self._since + STUCK_SECONDS) if self._since else ends
            if due <= time.monotonic():
                return False
            self._room.wait(due - time.monotonic())
        return True

    def _has_room(self, more: int) -> bool:
        """While a group is late nothing more is acknowledged: that is what bounds the loss."""
        if self._since and time.monotonic() - self._since > GROUP_SECONDS:
            return False
        return not self._count or self._count + more <= MOST_WAITING

    def flush(self) -> None:
        """Write all that was put before."""
        while self._write_next():
            pass

    def _write_next(self) -> bool:
        with self._writing:
            group = self._take()
            if group:
                self._since = time.monotonic()
                self._write(group)
                with self._room:
                    self._since = 0.0
                    self._room.notify_all()
            return bool(group)

    def _take(self) -> list[Incoming]:
        with self._room:
            size = end = 0
            while end < len(self._waiting) and size < GROUP_FIXES:
                size += max(len(self._waiting[end].fixes), 1)
                end += 1
            group, self._waiting = self._waiting[:end], self._waiting[end:]
            if not self._waiting:
                self._wake.clear()
                self._of_one.clear()
                self._count = 0
            else:
                self._count -= size
            self._room.notify_all()
            return group

    def _run(self) -> None:
        while self._wake.wait():
            due = time.monotonic() + GROUP_SECONDS
            self._write_next()
            with self._room:
                self._room.wait_for(lambda: self._count >= GROUP_FIXES / 2, max(0.0, due - time.monotonic()))

    def _end(self) -> None:
        self._is_ending = True
        if self.pid == os.getpid():
            self.flush()

    def _write(self, group: Sequence[Incoming]) -> None:
        """Until it is written; what nobody could ever write is left out, so that it stops nobody else."""
        tries, pause = 0, PATIENCE_SECONDS[0]
        while True:
            try:
                with self._app.app_context():
                    counts = run_in_transaction(lambda: record(group))
                for verdict, count in counts.items():
                    FIXES.labels(verdict).inc(count)
                return
            except PASSING:
                tries += 1
                if self._is_ending and tries >= TRIES_AT_EXIT:
                    log.exception("%d requests with fixes were lost at the end", len(group))
                    return
                log.warning("fixes cannot be written yet", exc_info=True)
                time.sleep(pause)
                pause = min(pause * 2, PATIENCE_SECONDS[1])
            except Exception:
                self._write_apart(group)
                return

    def _write_apart(self, group: Sequence[Incoming]) -> None:
        """What a group as a whole could not: each vehicle by itself."""
        vehicles: dict[int, list[Incoming]] = {}
        for each in group:
            vehicles.setdefault(each.device.vehicle_id, []).append(each)
        if len(vehicles) > 1:
            for part in vehicles.values():
                self._write(part)
            return
        log.exception("fixes of vehicle %s cannot be written", next(iter(vehicles), None))
        FIXES.labels("failed").inc(sum(len(each.fixes) for each in group))


def get_intake() -> Intake:
    """This process's."""
    memory = app_memory()
    intake: Intake | None = memory.get("intake")
    if intake is None or intake.pid != os.getpid():
        with _making:
            intake = memory.get("intake")
            if intake is None or intake.pid != os.getpid():
                app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
                intake = memory["intake"] = Intake(app)
    return intake


_making = Lock()
