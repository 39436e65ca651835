"""One of several processes that watch the same minute; gives what it did."""

from datetime import datetime
from multiprocessing.synchronize import Barrier

from stations import create_app
from stations.config import Config
from stations.kernel import clock
from stations.workflows.watching import watch_once

_line: list[Barrier] = []


def step_up(barrier: Barrier) -> None:
    """Stand at the starting line."""
    _line.append(barrier)


def watch_together(url: str, shown: datetime, minute: datetime) -> tuple[int, int] | None:
    """When all are there: watch."""
    app = create_app(Config(environment="test", database_url=url, secret_key="x" * 40))
    clock.show(shown, clock.real_now())
    with app.app_context():
        _line[0].wait(60)
        return watch_once(minute)
