"""Serve the application with gunicorn: prepare the database first, then say where the pages are."""

import gc
import logging
import sys
import time
from threading import Thread
from typing import Any

from flask import Flask
from flask_security import hash_password
from gunicorn.app.base import BaseApplication

from stations.config import Config
from stations.kernel import clock
from stations.kernel.db import db
from stations.places.queries.atlas import get_atlas
from stations.seasons.queries import get_calendar
from stations.workflows.preparing import keep_demonstration_verified, prepare
from stations.workflows.watching import watch_once

log = logging.getLogger(__name__)

WATCH_SECONDS = 60


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, app: Flask, settings: dict[str, Any]) -> None:
        self._app = app
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


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
    """At every full minute; a failure is recorded and the next minute tried."""
    while True:
        time.sleep(WATCH_SECONDS - time.time() % WATCH_SECONDS)
        try:
            with app.app_context():
                watch_once(clock.real_now())
                keep_demonstration_verified()
        except Exception:
            log.exception("the watch of this minute failed")


def serve(app: Flask, config: Config) -> None:
    """Migrate, load what is missing, print the address and the accounts made, and serve until stopped."""
    with app.app_context():
        for line in prepare(config, hash_password):
            print(line, file=sys.stderr)  # noqa: T201 (the start is read in a terminal)
        db.session.remove()
        db.engine.dispose()  # two workers must not speak through one connection that they inherit
    print(f"伴考驿站 http://{config.host}:{config.port}", file=sys.stderr)  # noqa: T201
    _Server(
        app,
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
