"""Many rows go in as they would one by one."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, cast

import pytest
from conftest import on_both
from flask import Flask
from sqlalchemy import Table, select

from stations.kernel.audit import AuditEvent
from stations.kernel.bulk import insert_rows, read_rows
from stations.kernel.db import db, transaction

EVENTS = cast(Table, AuditEvent.__table__)
AT = datetime(2027, 6, 7, 7, 45, 0, 120, UTC)


def keep_known(new: Any) -> Any:
    return new.on_conflict_do_nothing(index_elements=["hash"])


def a_row(number: int) -> dict[str, Any]:
    zone = timezone(timedelta(hours=8)) if number % 2 else UTC
    return {
        "at": (AT + timedelta(seconds=number)).astimezone(zone), "actor": "it's \"me\" 站?", "action": "x",
        "subject": "", "scope": "s", "before": "{}", "after": "{}", "reason": "", "previous_hash": "",
        "hash": f"{number}",
    }  # fmt: skip


@on_both
@pytest.mark.parametrize("count", [1, 9, 72, 150])
def test_rows_are_inserted_once(app: Flask, count: int) -> None:
    chosen = (
        select(AuditEvent.at, AuditEvent.actor, AuditEvent.hash).where(AuditEvent.scope == "s").order_by(AuditEvent.id)
    )
    with transaction():
        assert insert_rows(EVENTS, [a_row(number) for number in range(count)], keep_known) == count
        assert insert_rows(EVENTS, [a_row(number) for number in range(count + 3)], keep_known) == 3
    expected = [[AT + timedelta(seconds=number), 'it\'s "me" 站?', f"{number}"] for number in range(count + 3)]
    assert [list(row) for row in read_rows(chosen)] == expected
    assert [list(row) for row in db.session.execute(chosen)] == expected


@on_both
def test_no_rows_are_read_as_none(app: Flask) -> None:
    assert list(read_rows(select(AuditEvent.at).where(AuditEvent.scope == "nobody"))) == []
