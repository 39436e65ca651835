"""A request sent twice is done once."""

from typing import Any

import pytest
from conftest import on_both
from factories.crowd import run_crowd
from flask import Flask
from sqlalchemy import select

from stations.kernel.db import db, transaction
from stations.kernel.errors import Refused
from stations.kernel.replay import AnsweredRequest, claim_many, is_first, once

done: list[int] = []


@pytest.fixture(autouse=True)
def _nothing_done() -> None:
    done.clear()


def do() -> dict[str, Any]:
    done.append(1)
    return {"number": len(done), "name": "东门"}


@on_both
def test_the_same_request_gets_the_same_answer(app: Flask) -> None:
    with transaction():
        first = once("request-1", "stock.issue", "lead", do)
    with transaction():
        again = once("request-1", "stock.issue", "lead", do)
    assert (first.content, first.is_replay) == ({"number": 1, "name": "东门"}, False)
    assert (again.content, again.is_replay) == (first.content, True)
    assert len(done) == 1
    with transaction():
        assert once("request-2", "stock.issue", "lead", do).content["number"] == 2


@on_both
@pytest.mark.parametrize(("action", "actor"), [("stock.count", "lead"), ("stock.issue", "other")])
def test_an_id_of_something_else_is_refused(app: Flask, action: str, actor: str) -> None:
    with transaction():
        once("request-1", "stock.issue", "lead", do)
    with pytest.raises(Refused) as refused, transaction():
        once("request-1", action, actor, do)
    assert (refused.value.code, len(done)) == ("request.reused", 1)


@on_both
def test_the_same_id_with_other_content_is_refused(app: Flask) -> None:
    for _time in range(2):
        with transaction():
            once("request-1", "stock.issue", "lead", do, "one")
    with pytest.raises(Refused) as refused, transaction():
        once("request-1", "stock.issue", "lead", do, "another")
    assert (refused.value.code, len(done)) == ("request.changed", 1)


@on_both
def test_what_failed_may_be_sent_again(app: Flask) -> None:
    def fail() -> dict[str, Any]:
        raise Refused("no", "no")  # type: ignore[arg-type]

    with pytest.raises(Refused), transaction():
        once("request-1", "stock.issue", "lead", fail)
    assert db.session.execute(select(AnsweredRequest)).all() == []
    with transaction():
        assert not once("request-1", "stock.issue", "lead", do).is_replay


@on_both
def test_four_processes_with_one_request_do_it_once(app: Flask, database: str) -> None:
    work = """
import time
from stations.kernel import audit
from stations.kernel.replay import once
def do():
    audit.record("stock.issue", "station:X", actor="lead")
    time.sleep(0.2)
    return {"by": number}
with transaction():
    answer = once("request-1", "stock.issue", "lead", do)
print(answer.content["by"], answer.is_replay)
"""
    said = sorted(line.split() for line in run_crowd(database, work))
    assert len({by for by, _replay in said}) == 1
    assert [replay for _by, replay in said] == ["False", "True", "True", "True"]
    count = db.session.execute(db.text("SELECT count(*) FROM audit_event WHERE subject = 'station:X'")).scalar()
    assert count == 1


@on_both
def test_claims_made_together_are_as_good_as_one_by_one(app: Flask) -> None:
    with transaction():
        assert is_first("request-1", "a", "me")
    with transaction():
        claim_many({"request-1": "a", "request-2": "a"}, "me")
        assert not is_first("request-1", "a", "me")
        assert is_first("request-2", "a", "me")
        assert not is_first("request-2", "a", "me")
        with pytest.raises(Refused):
            is_first("request-2", "b", "me")
    with transaction():
        claim_many({"request-2": "b"}, "me")
        with pytest.raises(Refused):
            is_first("request-2", "b", "me")
