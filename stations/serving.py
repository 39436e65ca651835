"""Serve the application with gunicorn: prepare the database first, then say where the pages are."""

import gc
import logging
import resource
import sys
import time
from collections.abc import Callable
from threading import Thread
from typing import Any

from flask import Flask
from flask_security import hash_password
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from stations.adapters import live
from stations.config import Config
from stations.kernel import clock
from stations.kernel.db import db, setting
from stations.places.queries.atlas import get_atlas
from stations.seasons.queries import get_calendar
from stations.web.stream_process import StreamProcess
from stations.web.streaming import STREAMS, Channel
from stations.workflows.fleet_watch import erase, look_after_rides
from stations.workflows.preparing import keep_demonstration_verified, prepare
from stations.workflows.watching import watch_once

log = logging.getLogger(__name__)

WATCH_SECONDS = 60
RIDES_SECONDS = 5
MOST_FILES = 65_536


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, app: Flask, streams: StreamProcess, settings: dict[str, Any]) -> None:
        self._app = app
        self._streams = streams
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app

    def run(self) -> None:
        _Arbiter(self, self._streams).run()


class _Arbiter(Arbiter):  # type: ignore[misc]
    """Looks after one process more: the one that holds the streams."""

    def __init__(self, server: _Server, streams: StreamProcess) -> None:
        self._streams = streams
        super().__init__(server)

    def manage_workers(self) -> None:
        self._streams.keep([listener.sock.fileno() for listener in self.LISTENERS])
        super().manage_workers()


def _warm(worker: Any) -> None:
    """Make a worker's picture of the places before anybody asks, beside its first requests."""

    def look() -> None:
        with worker.app.callable.app_context():
            assert get_atlas(get_calendar().zone).names
        # What is there now stays: a full collection over it would stop a large page for a tenth of a second.
        gc.collect()
        gc.freeze()

    Thread(target=look, daemon=True).start()
    Thread(target=_watch, args=(worker.app.callable,), daemon=True).start()


def _watch(app: Flask) -> None:
    """Look after rides every few seconds and after the rest at every full minute; what fails is recorded, and tried
    again the next time."""
    minute = int(time.time() // WATCH_SECONDS)
    while True:
        time.sleep(RIDES_SECONDS - time.time() % RIDES_SECONDS)
        _try(app, look_after_rides)
        if minute < (minute := int(time.time() // WATCH_SECONDS)):
            _try(app, _watch_minute)


def _watch_minute() -> None:
    watch_once(clock.real_now())
    keep_demonstration_verified()
    erase(setting("keep_days"))


def _try(app: Flask, duty: Callable[[], object]) -> None:
    try:
        with app.app_context():
            duty()
    except Exception:
        log.exception("a watch failed")


def raise_file_limit() -> None:
    """Let this process and its children open as many files as they may: a stream is one."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _open_channel(app: Flask) -> Channel:
    """The way from every worker, for none has been forked yet, to the streams."""
    raise_file_limit()
    channel = app.extensions[STREAMS] = Channel()
    with app.app_context():
        live.hear(channel.tell)
    return channel


def serve(app: Flask, config: Config) -> None:
    """Migrate, load what is missing, print the address and the accounts made, and serve until stopped."""
    with app.app_context():
        for line in prepare(config, hash_password):
            print(line, file=sys.stderr)  # noqa: T201 (the start is read in a terminal)
        db.session.remove()
        db.engine.dispose()  # two workers must not speak through one connection that they inherit
    streams = StreamProcess(app, _open_channel(app))
    print(f"伴考驿站 http://{config.host}:{config.port}", file=sys.stderr)  # noqa: T201
    _Server(
        app,
        streams,
        {
            "bind": f"{config.host}:{config.port}",
            "workers": config.workers,
            "worker_class": "gthread",
            "threads": config.threads,
            "preload_app": True,
            "keepalive": 20,
            "timeout": 60,
            "loglevel": "warning",
            "limit_request_line": 4094,
            "post_worker_init": _warm,
        },
    ).run()
