"""Several processes that do the same thing to one database at the same moment.

One process has everything imported and forks the crowd, so that a test does not wait for four interpreters to start;
what `work` imports is best named here too.
"""

import atexit
import json
import os
import subprocess
import sys
from contextlib import redirect_stdout
from functools import cache
from io import StringIO

from flask import Flask

from stations.config import ROOT, Config
from stations.fleet.actions import rides
from stations.kernel import audit, replay, revision, schema
from stations.kernel.db import database_url, db, transaction
from stations.places.actions import stations
from stations.shifts.actions import swapping

READY = (audit, replay, revision, schema, stations, rides, swapping)


def run_crowd(url: str, work: str, count: int = 4) -> list[str]:
    """What each process printed. `work` is Python; it may use `number` (0 ...), `db` and `transaction`."""
    server = _server()
    assert server.stdin
    assert server.stdout
    server.stdin.write(json.dumps([url, work, count]) + "\n")
    server.stdin.flush()
    said: list[str] = json.loads(server.stdout.readline())
    assert not [out for out in said if out.startswith("failed")], said
    return said


@cache
def _server() -> subprocess.Popen[str]:
    started = subprocess.Popen(
        [sys.executable, __file__], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    atexit.register(started.communicate)  # the end of its input ends it
    return started


def _serve() -> None:
    for line in sys.stdin:
        url, work, count = json.loads(line)
        start, go = os.pipe()
        outs = [_fork(url, work, number, start, go) for number in range(count)]
        os.close(start)
        os.close(go)  # all wait for this
        said = [open(out).read() for out in outs]  # noqa: SIM115 (closed with the process's reference)
        for _out in outs:
            os.wait()
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


def _fork(url: str, work: str, number: int, start: int, go: int) -> int:
    out, into = os.pipe()
    if os.fork():
        os.close(into)
        return out
    os.close(go)
    try:
        said = _work(url, work, number, start)
    except BaseException as failure:
        said = f"failed {failure!r}"
    os.write(into, said.encode())
    os._exit(0)


def _work(url: str, work: str, number: int, start: int) -> str:
    app = Flask("crowd")
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url(url)
    app.config["SETTINGS"] = Config(environment="test", database_url=database_url(url), secret_key="x" * 40)
    db.init_app(app)
    with app.app_context(), redirect_stdout(StringIO()) as said:
        os.read(start, 1)
        exec(compile(work, "work", "exec"), {"number": number, "db": db, "transaction": transaction})
        db.session.remove()
        db.engine.dispose()
    return said.getvalue()


if __name__ == "__main__":
    _serve()
