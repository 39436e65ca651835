"""The duty of every minute: done once, by whoever comes first."""

from datetime import timedelta
from itertools import count
from multiprocessing import get_context

import pytest
from conftest import on_both
from factories.shelves import a_morning, a_transfer
from factories.stock import HERE, an_item, issue, limits, on_shelf
from flask import Flask
from workflows.watcher import step_up, watch_together

from stations.accounts.rules import PROGRAM
from stations.kernel import clock
from stations.kernel.db import database_url, db, transaction
from stations.stock.actions.alerts import acknowledge
from stations.stock.queries.alerts import AlertRow, list_alerts
from stations.stock.queries.transfers import get_transfer
from stations.workflows.watching import watch_once

WATCHERS = 3
minutes = count(1)
pytestmark = pytest.mark.usefixtures("app")


def later(minutes: int) -> None:
    clock.show(clock.now() + timedelta(minutes=minutes), clock.real_now())


def sweep() -> tuple[int, int] | None:
    """One more minute's watch."""
    return watch_once(clock.real_now() + timedelta(minutes=next(minutes)))


def alerts() -> list[AlertRow]:
    db.session.rollback()
    return list_alerts([""])


@on_both
def test_what_will_not_last_the_day_rings_once(app: Flask) -> None:
    an_item()
    on_shelf(100)
    issue(80)
    later(30)
    assert alerts() == []  # it has no limits
    assert sweep() == (1, 0)
    (alert,) = alerts()
    assert (alert.station, alert.level, alert.on_hand) == (HERE, 1, 20)
    with transaction():
        acknowledge(alert.id, PROGRAM)
    assert sweep() == (0, 0)
    issue(1)  # taking one more neither ends the alert nor rings it again
    assert sweep() == (0, 0)
    (seen,) = alerts()
    assert (seen.id, seen.acknowledged_by) == (alert.id, "Bankao")


def test_alert_ends_by_a_refill_or_with_the_day(app: Flask) -> None:
    an_item()
    on_shelf(100)
    issue(40)
    assert sweep() == (1, 0)
    on_shelf(900)
    assert alerts() == []
    assert sweep() == (0, 0)
    issue(880)
    assert sweep() == (1, 0)
    later(10 * 60)  # the last session is over
    assert sweep() == (1, 0)
    assert alerts() == []


def test_limits_still_ring_and_stay(app: Flask) -> None:
    an_item()
    on_shelf(100)
    limits(5, 30, 200)
    issue(75)
    assert [row.level for row in alerts()] == [1]
    later(12 * 60)
    assert sweep() == (0, 0)
    assert [row.level for row in alerts()] == [1]


@on_both
def test_overdue_holds_are_put_back(app: Flask) -> None:
    a_morning()
    number = a_transfer("picked", water=20)
    sweep()
    assert get_transfer(number).state == "picked"
    later(61)
    done = sweep()
    assert done is not None
    assert done[1] == 1
    db.session.rollback()
    assert get_transfer(number).state == "approved"


@on_both
def test_of_several_processes_one_watches_a_minute(app: Flask, database: str) -> None:
    an_item()
    on_shelf(100)
    issue(40)
    db.session.rollback()
    processes = get_context("forkserver")
    processes.set_forkserver_preload(["stations.workflows.watching", "stations.web.doors"])
    line = processes.Barrier(WATCHERS)
    told = [(database_url(database), clock.now(), clock.real_now() + timedelta(days=1))] * WATCHERS
    with processes.Pool(WATCHERS, initializer=step_up, initargs=(line,)) as watchers:
        done = watchers.starmap(watch_together, told, chunksize=1)
    assert sorted(done, key=str) == [(1, 0), None, None]
    assert len(alerts()) == 1


def test_command_watches_once_a_minute(app: Flask) -> None:
    run = app.test_cli_runner()
    first = run.invoke(args=["stock", "watch"])
    assert first.exit_code == 0
    assert first.output == "alerts changed: 0, holds put back: 0\n"
