"""What several processes ask of one database at once, each as a server would be asked: over HTTP, signed in."""

import time
from collections import Counter
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from typing import Any

from cast import Cast, token
from flask.testing import FlaskClient
from sqlalchemy import select

from stations import create_app
from stations.accounts.models import Person
from stations.config import Config
from stations.kernel import clock
from stations.kernel.db import database_url, db
from stations.seasons.queries import get_calendar

_line: list[Barrier] = []

# (address, what is sent: a form's fields or a list of entries)
Asked = tuple[str, Any]


def step_up(barrier: Barrier) -> None:
    """Stand at the starting line."""
    _line.append(barrier)


class Visitor:
    """One process's browser, signed in."""

    def __init__(self, url: str, username: str) -> None:
        settings = Config(environment="test", database_url=url, secret_key="x" * 40)
        app = create_app(settings)
        clock.show(Cast.now, clock.real_now())
        app.testing = False
        with app.app_context():
            get_calendar()
            known = db.session.execute(select(Person.fs_uniquifier).where(Person.username == username)).scalar_one()
            db.session.remove()
        self.client: FlaskClient = app.test_client()
        with self.client.session_transaction("/account/") as session:
            session.update({"_user_id": known, "_fresh": True})
        self.token = token(self.client, "/account/")

    def post(self, asked: Asked) -> tuple[int, str]:
        """The status, and what became of the one entry where it was one."""
        address, sent = asked
        if isinstance(sent, list):
            answer = self.client.post(address, json=sent, headers={"X-CSRFToken": self.token})
            (result,) = answer.json["results"] if answer.status_code == 200 else ({},)
            return answer.status_code, result.get("code") or result.get("status", "")
        answer = self.client.post(address, data={"csrf_token": self.token} | sent)
        return answer.status_code, "" if answer.status_code < 400 or "<h1" in answer.text else "silent"


def one_after_another(url: str, username: str, asked: list[Asked]) -> Counter[tuple[int, str]]:
    """When all are there, everything in its order; what was answered, counted."""
    visitor = Visitor(url, username)
    _line[0].wait(120)
    return Counter(visitor.post(each) for each in asked)


def side_by_side(url: str, username: str, asked: list[Asked]) -> list[tuple[int, str]]:
    """The same, each only when all others are ready for theirs."""
    visitor, told = Visitor(url, username), []
    for each in asked:
        _line[0].wait(120)
        told.append(visitor.post(each))
    return told


def for_a_while(url: str, username: str, asked: list[Asked], seconds: float = 3.0) -> Counter[tuple[int, str]]:
    """The same over and over, each time with ids of its own."""
    visitor, told, number = Visitor(url, username), Counter[tuple[int, str]](), 0
    _line[0].wait(120)
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        for address, sent in asked:
            number += 1
            own = {"id": f"{id(visitor)}-{number}", "request_id": f"{id(visitor)}-{number}"}
            told[visitor.post((address, [sent[0] | own] if isinstance(sent, list) else sent | own))] += 1
    return told


def visit(work: Callable[..., Any], url: str, visitors: list[tuple[str, list[Asked]]]) -> list[Any]:
    """One process for each (username, what it asks), all at once; what each of them was told."""
    processes = get_context("forkserver")
    processes.set_forkserver_preload(["stations.web.doors"])
    line = processes.Barrier(len(visitors))
    with processes.Pool(len(visitors), initializer=step_up, initargs=(line,)) as pool:
        jobs = [(database_url(url), username, asked) for username, asked in visitors]
        return pool.starmap(work, jobs, chunksize=1)
