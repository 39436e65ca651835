"""The server as it is deployed: several processes on one database."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from conftest import SECRET

from stations.config import ROOT


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_workers_answer_from_the_first_request_and_complain_of_nothing(database: str) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = os.environ | {
        "STATIONS_ENV": "test", "SECRET_KEY": SECRET, "DATABASE_URL": database, "PORT": str(port), "WORKERS": "2",
    }  # fmt: skip
    with subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True) as served:
        try:
            answers = [
                ask(f"http://127.0.0.1:{port}{path}") for path in ("/readyz", "/?q=shiyi", "/api/v1/stations") * 4
            ]
            time.sleep(1)  # what the workers do beside their first requests
        finally:
            served.send_signal(signal.SIGTERM)
            _out, said = served.communicate(timeout=30)
    assert set(answers) == {200}
    assert f"http://127.0.0.1:{port}" in said
    assert "Traceback" not in said


def ask(address: str) -> int:
    """The status, once somebody listens."""
    for _try in range(400):
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                status: int = answer.status
                return status
        except urllib.error.HTTPError as refused:
            return refused.code
        except OSError:
            time.sleep(0.2)
    raise TimeoutError(address)
