"""The audit trail: whole, or the break is found."""

import pytest
from conftest import on_both
from factories.crowd import run_crowd
from flask import Flask
from sqlalchemy import delete, select, update

from stations.kernel.audit import AuditEvent, find_break, list_events, record
from stations.kernel.db import db, transaction

TAMPERING = {
    "actor": "nobody", "action": "other", "subject": "station:Y", "scope": "YS-BJ/", "reason": "", "after": {"n": 2},
    "before": {"n": 0}, "previous_hash": "0" * 64, "hash": "1" * 64,
}  # fmt: skip


def write(count: int = 3) -> list[int]:
    for number in range(count):
        with transaction():
            record(
                "station.save", "station:X", actor="lead", scope="YS-BJ/A/", reason="因为 ☂",
                before={"n": 1, "name": "旧"}, after={"n": 1.5, "list": [None, True, {"number": number}]},
            )  # fmt: skip
    chosen = select(AuditEvent.id).where(AuditEvent.subject == "station:X").order_by(AuditEvent.id)
    return list(db.session.execute(chosen).scalars())


@on_both
def test_what_was_done_is_read_back_newest_first(app: Flask) -> None:
    write()
    events = list_events("station:X", limit=2)
    assert [(e.actor, e.action, e.reason) for e in events] == [("lead", "station.save", "因为 ☂")] * 2
    assert events[0].at > events[1].at
    assert list_events("station:nowhere") == []


@on_both
def test_a_whole_trail_has_no_break(app: Flask) -> None:
    write()
    with transaction():  # several in one transaction follow each other too
        record("a", "b", actor="c")
        record("a", "b", actor="c")
    assert find_break() is None


@on_both
@pytest.mark.parametrize("field", TAMPERING)
def test_a_changed_event_is_found(app: Flask, field: str) -> None:
    _first, second, _third = write()
    with transaction():
        db.session.execute(update(AuditEvent).where(AuditEvent.id == second).values({field: TAMPERING[field]}))
    db.session.expire_all()
    assert find_break() == second


@on_both
def test_a_removed_event_is_found(app: Flask) -> None:
    _first, second, third = write()
    with transaction():
        db.session.execute(delete(AuditEvent).where(AuditEvent.id == second))
    db.session.expire_all()
    assert find_break() == third


@on_both
def test_a_failed_transaction_leaves_no_gap(app: Flask) -> None:
    write(1)

    def fail() -> None:
        with transaction():
            record("a", "b", actor="c")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    write(1)
    assert find_break() is None


@on_both
def test_four_processes_write_one_chain(app: Flask, database: str) -> None:
    work = """
from stations.kernel.audit import record
for event in range(20):
    with transaction():
        record("a", "station:crowd", actor=f"p{number}", after={"n": event})
"""
    run_crowd(database, work)
    actors = list(db.session.execute(select(AuditEvent.actor).where(AuditEvent.subject == "station:crowd")).scalars())
    assert sorted(actors) == sorted(f"p{number}" for number in range(4) for _event in range(20))
    assert find_break() is None
