"""Four processes at once, on both databases: what is written once is written once."""

from collections import Counter
from multiprocessing import get_context

from conftest import on_both
from flask import Flask
from sqlalchemy import func, select
from workflows.racer import REQUESTS, race, step_up

from stations.accounts.rules import PROGRAM
from stations.kernel import audit
from stations.kernel.audit import AuditEvent
from stations.kernel.db import database_url, db, transaction
from stations.kernel.imports import ImportRun
from stations.kernel.replay import AnsweredRequest
from stations.kernel.revision import Revision
from stations.places.queries.stations import get_station
from stations.workflows import importing
from stations.workflows.sheet_kinds import KINDS

RACERS = 4
ROW = {"code": "GH-HD-01", "phone": "010-87654321"}


def _race(url: str, run_id: int) -> list[tuple[str, Counter[str]]]:
    processes = get_context("forkserver")
    processes.set_forkserver_preload(["stations.workflows.importing", "stations.web.doors"])
    line = processes.Barrier(RACERS)
    with processes.Pool(RACERS, initializer=step_up, initargs=(line,)) as racers:
        return racers.starmap(race, [(database_url(url), run_id, seed) for seed in range(RACERS)], chunksize=1)


@on_both
def test_four_processes_write_everything_once(app: Flask, database: str) -> None:
    with transaction():
        run_id = importing.keep_rows(KINDS["stations"], [(2, ROW)], "a.csv", PROGRAM)
    version = get_station("GH-HD-01").version
    revision, events = _revision(), _count_events()
    answers = _race(database, run_id)
    db.session.rollback()

    assert Counter(applied for applied, _told in answers) == {"applied": 1, "import.applied": RACERS - 1}
    assert get_station("GH-HD-01").version == version + 1
    assert db.session.execute(select(ImportRun.state).where(ImportRun.id == run_id)).scalar() == "applied"

    told: Counter[str] = sum((said for _applied, said in answers), Counter())
    assert sum(told.values()) == RACERS * REQUESTS
    assert told["done"] == db.session.execute(select(func.count()).select_from(AnsweredRequest)).scalar() <= REQUESTS
    assert told["done"] >= REQUESTS // 2
    assert set(told) <= {"done", "replayed", "station.state", "station.changed"}
    assert _count_events() - events == told["done"] + 2  # the import writes one for itself and one for its row
    assert _revision() == revision + told["done"] + 1
    assert audit.find_break() is None
    _assert_states_follow_each_other()


def _assert_states_follow_each_other() -> None:
    last: dict[str, str] = {}
    chosen = select(AuditEvent.subject, AuditEvent.before, AuditEvent.after).order_by(AuditEvent.id)
    for subject, before, after in db.session.execute(chosen.where(AuditEvent.after["state"].as_string().is_not(None))):
        if subject in last:
            assert before["state"] == last[subject]
        last[subject] = after["state"]
    assert last


def _revision() -> int:
    return db.session.execute(select(Revision.number).where(Revision.topic == "stations")).scalar_one()


def _count_events() -> int:
    return db.session.execute(select(func.count()).select_from(AuditEvent)).scalar_one()
