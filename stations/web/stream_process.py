"""The process that holds the streams: forked by the server, it follows its workers, Redis and the database."""

import asyncio
import logging
import os
import signal
import time
from collections.abc import Iterable, Mapping
from contextlib import closing

import redis
from flask import Flask

from stations.accounts.queries import find_signed_in
from stations.adapters import live
from stations.config import Config
from stations.fleet.queries.paths import vehicle_paths
from stations.kernel.revision import current_revisions
from stations.web.stream_hub import Paths, Scope
from stations.web.streaming import Channel
from stations.web.streams import Streams

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
CHECK_SECONDS = 30.0
AFTER_FAILURE_SECONDS = 1.0
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
OF_THE_SERVER = (
    signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGTTIN, signal.SIGTTOU, signal.SIGWINCH
)  # fmt: skip


class StreamProcess:
    """Starts it, and again when it has died. `start` returns in the child only to end it."""

    def __init__(self, app: Flask, channel: Channel) -> None:
        self._app = app
        self._channel = channel
        self._pid = 0
        self._started_at = float("-inf")

    def keep(self, inherited: Iterable[int]) -> None:
        """Fork it unless it lives. It closes the `inherited` files: a port must be free when the server ends."""
        if self._is_alive() or time.monotonic() - self._started_at < AFTER_FAILURE_SECONDS:
            return
        self._started_at = time.monotonic()
        server = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                for file in inherited:
                    os.close(file)
                run(self._app, self._channel, server)
            except BaseException:
                log.exception("the streams' process ends")
            finally:
                os._exit(0)

    def _is_alive(self) -> bool:
        if self._pid == 0:
            return False
        try:
            os.kill(self._pid, 0)
        except ProcessLookupError:
            return False
        return True


def run(app: Flask, channel: Channel, server: int) -> None:
    """Hold the streams until the server, a process id, is gone."""
    for number in OF_THE_SERVER:
        signal.signal(number, signal.SIG_IGN)
    for number in (*ENDING, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    asyncio.run(serve(app, channel, server))


async def serve(app: Flask, channel: Channel, server: int) -> None:
    """All of it at once; ends when any part of it does."""
    config: Config = app.config["SETTINGS"]
    # Through Redis ids are Redis's; else they begin with this start, so that those of another are known for old.
    is_shared = bool(config.redis_url)
    streams = Streams(channel, (0, 0) if is_shared else (int(time.time() * 1000), 0), is_shared)
    asyncio.get_running_loop().add_reader(channel.inlet, streams.read_channel)
    parts = [streams.pulse(), _watch(app, streams), _outlive(server)]
    if config.redis_url:
        parts.append(_follow(config.redis_url, streams))
    parting = [asyncio.ensure_future(part) for part in parts]
    done, _still = await asyncio.wait(parting, return_when=asyncio.FIRST_COMPLETED)
    for part in done:
        part.result()


async def _outlive(server: int) -> None:
    while os.getppid() == server:
        await asyncio.sleep(LOOK_SECONDS)


async def _follow(url: str, streams: Streams) -> None:
    """Whatever Redis does: begin again where it was left."""
    after: live.Id | None = None
    while True:
        try:
            with closing(live.connect(url)) as client:
                reading = live.read_stream(client, after)
                while True:
                    floor, read = await asyncio.to_thread(next, reading)
                    streams.hear_stream(floor, read)
                    after = streams.hub.heard
        except redis.RedisError:
            log.warning("the live bus does not answer; boards will see changes later", exc_info=True)
            await asyncio.sleep(AFTER_FAILURE_SECONDS)


async def _watch(app: Flask, streams: Streams) -> None:
    """Look at the database while somebody reads; ask twice a minute who still may."""
    check_at = 0.0
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        is_due = time.monotonic() >= check_at
        people = streams.people() if is_due else set[tuple[str, str]]()
        if streams.groups:
            try:
                revisions, paths, allowed = await asyncio.to_thread(_look, app, people)
            except Exception:
                log.exception("the streams cannot look at the database")
                await asyncio.sleep(AFTER_FAILURE_SECONDS)
                continue
            streams.learn(revisions, paths)
            if is_due:
                streams.check(allowed)
                check_at = time.monotonic() + CHECK_SECONDS


def _look(
    app: Flask, people: Iterable[tuple[str, str]]
) -> tuple[Mapping[str, int], Paths, Mapping[tuple[str, str], Scope]]:
    with app.app_context():
        allowed = {(mark, permission): _scope(mark, permission) for mark, permission in people}
        return current_revisions(), vehicle_paths(), allowed


def _scope(mark: str, permission: str) -> Scope:
    actor = find_signed_in(mark)
    return () if actor is None else actor.paths(permission)
