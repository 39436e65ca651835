"""Several processes that do the same thing to one database at the same moment."""

import subprocess
import sys
from textwrap import indent

from stations.config import ROOT

START = """
import sys
from flask import Flask
from stations.kernel.db import database_url, db, transaction
app = Flask("crowd")
app.config["SQLALCHEMY_DATABASE_URI"] = database_url(sys.argv[1])
db.init_app(app)
number = int(sys.argv[2])
with app.app_context():
    print("ready", flush=True)
    sys.stdin.readline()
"""


def run_crowd(url: str, imports: str, work: str, count: int = 4) -> list[str]:
    """What each process printed; `work` may use `number`, `db` and `transaction`. Fails when one of them failed."""
    code = imports + START + indent(work, "    ")
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, url, str(number)], cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for number in range(count)
    ]  # fmt: skip
    for process in running:
        assert process.stdout
        assert process.stdout.readline() == "ready\n", process.communicate()
    for process in running:
        assert process.stdin
        process.stdin.write("now\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0] * count, said
    return [out for out, _err in said]
