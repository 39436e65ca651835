"""The HTTP endpoint against Flask's own hello, an ORM view and PostGIS: each in a process of its own behind gunicorn
(gthread, one worker, eight threads), 16 connections, interleaved rounds, medians.
Run: uv run --group bench python bench/http_load.py [--quick]
"""

import argparse
import contextlib
import json
import os
import random
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import psutil  # noqa: E402
from http_servers import fill_postgis  # noqa: E402
from http_town import COUNT, build, list_questions, make_app  # noqa: E402
from peers_nearest import PostgresCluster  # noqa: E402

from stations.feeds.stations_json import StationTexts, write_nearest  # noqa: E402
from stations.kernel import clock  # noqa: E402
from stations.kernel.db import db  # noqa: E402
from stations.places.queries.atlas import get_atlas  # noqa: E402
from stations.places.queries.picture import need_bits  # noqa: E402
from stations.seasons.queries import get_calendar  # noqa: E402

CONNECTIONS = 16
CHECKED = 40
LUA = """local paths = {}
for line in io.lines("%s") do paths[#paths + 1] = line end
local at = math.random(#paths)
request = function() at = at %% #paths + 1; return wrk.format("GET", paths[at]) end
"""


@dataclass
class Peer:
    """One server under load. `helpers` are processes that work for it elsewhere."""

    name: str
    make: str
    paths: list[str]
    helpers: list[psutil.Process] = field(default_factory=list)
    runs: list[dict[str, float]] = field(default_factory=list)
    port: int = 0
    server: subprocess.Popen | None = None

    def start(self, environment):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        words = ["-k", "gthread", "-w", "1", "--threads", "8", "-b", f"127.0.0.1:{self.port}", "--keep-alive", "20"]
        self.server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *words, "--log-level", "error", f"http_servers:{self.make}()"],
            cwd=HERE, env=os.environ | environment,
        )  # fmt: skip
        for _attempt in range(150):
            with contextlib.suppress(OSError):
                return self.get(self.paths[0])
            time.sleep(0.2)
        raise RuntimeError(f"{self.name} does not answer")

    def stop(self):
        if self.server:
            self.server.terminate()
            self.server.wait(20)

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            return answer.read()

    def spent_seconds(self):
        """CPU of the server's processes and of its helpers."""
        root = psutil.Process(self.server.pid)
        family = [root, *root.children(recursive=True)]
        for helper in self.helpers:
            family += [helper, *helper.children(recursive=True)]
        return sum(sum(process.cpu_times()[:2]) for process in family)

    def settle(self):
        """Wait for what the server still does by itself, such as its index of names."""
        for _attempt in range(60):
            before = self.spent_seconds()
            time.sleep(0.5)
            if self.spent_seconds() - before < 0.05:
                return

    def run(self, load, seconds):
        before = self.spent_seconds()
        count, rate, p50, p99 = load(self, seconds)
        self.runs.append({"rate": rate, "p50": p50, "p99": p99, "cpu": (self.spent_seconds() - before) / count * 1e6})

    def median(self, figure):
        return statistics.median(run[figure] for run in self.runs)


def load_by_wrk(peer, seconds):
    """(requests, requests/s, p50 ms, p99 ms); raises when any answer was not a 200."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as paths, tempfile.NamedTemporaryFile("w") as script:
        paths.write("\n".join(peer.paths))
        script.write(LUA % paths.name)
        paths.flush(), script.flush()
        words = ["-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "20s", "--latency", "-s", script.name]
        said = subprocess.run(
            ["wrk", *words, f"http://127.0.0.1:{peer.port}"], capture_output=True, text=True, check=True
        ).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"{peer.name}: {said}")
    count = int(re.search(r"(\d+) requests in", said)[1])
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])
    return count, rate, *(read_milliseconds(re.search(rf"^ +{share}% +(\S+)", said, re.M)[1]) for share in (50, 99))


def read_milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(us|ms|s)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def load_by_threads(peer, seconds):
    """The same figures from a client in Python, where wrk is not installed or would ask too often."""
    ends, times = time.perf_counter() + seconds, []

    def ask(number):
        draw = random.Random(number)
        while time.perf_counter() < ends:
            began = time.perf_counter()
            peer.get(draw.choice(peer.paths))
            times.append((time.perf_counter() - began) * 1000)

    began = time.perf_counter()
    askers = [threading.Thread(target=ask, args=(number,)) for number in range(CONNECTIONS)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    times.sort()
    return len(times), len(times) / (time.perf_counter() - began), times[len(times) // 2], times[len(times) * 99 // 100]


def load_one_by_one(peer, _seconds):
    """Three requests, one after another: what answers once a second is not put under load."""
    times = []
    for path in peer.paths[:3]:
        began = time.perf_counter()
        peer.get(path)
        times.append(time.perf_counter() - began)
    return 3, 3 / sum(times), statistics.median(times) * 1000, max(times) * 1000


def list_peers(questions, cluster_home):
    peers = [
        Peer("Flask hello, nothing else", "make_bare", ["/hello"]),
        Peer("ours: hello through all middleware", "make_ours", ["/healthz"]),
        Peer("**ours: /api/v1/nearest**", "make_ours", questions),
        Peer("ORM: growing box in SQLite, geopy on 30", "make_orm", questions),
        Peer("naive ORM: every row, geopy on each", "make_naive", questions),
    ]
    if cluster_home:
        postmaster = int((cluster_home / "data/postmaster.pid").read_text().split()[0])
        peers.append(
            Peer("PostGIS, prepared, connection kept", "make_postgis", questions, [psutil.Process(postmaster)])
        )
    return peers


def count_other_answers(ours, peer):
    """How many of the first questions get other stations from `peer`."""

    def codes(answer):
        return [row["code"] for row in json.loads(answer)["stations"]]

    asked = ours.paths[: 2 if peer.make == "make_naive" else CHECKED]
    return sum(codes(ours.get(path)) != codes(peer.get(path)) for path in asked), len(asked)


def measure_handler(url, questions):
    """Median us from position to JSON text without Flask, every station's text made before."""
    app, times = make_app(url), []
    with app.app_context():
        zone = get_calendar().zone
        atlas, texts = get_atlas(zone), StationTexts(zone, "/s/CODE")
        for _round in range(2):
            for path in questions:
                asked = dict(part.split("=") for part in path.partition("?")[2].split("&"))
                start, need = (float(asked["lat"]), float(asked["lon"])), need_bits([asked["need"]])
                began = time.perf_counter_ns()
                answer = atlas.nearest([start], now=clock.now(), limit=5, need=need, only_open=True)
                write_nearest(answer, texts)
                times.append((time.perf_counter_ns() - began) / 1000)
        db.session.remove()
        db.engine.dispose()
    return statistics.median(times[len(questions) :])


def print_table(peers):
    hello = peers[1].median("rate")
    print("\n| server | req/s | p50 ms | p99 ms | CPU us per request | share of our hello |")
    print("|---|---|---|---|---|---|")
    for peer in peers:
        rate, p50, p99, cpu = (peer.median(figure) for figure in ("rate", "p50", "p99", "cpu"))
        print(f"| {peer.name} | {rate:,.1f} | {p50:,.1f} | {p99:,.1f} | {cpu:,.0f} | {rate / hello:.2f} |")


def print_goals(peers, handler):
    bare, hello, nearest = (peer.runs for peer in peers[:3])
    kept = statistics.median(n["rate"] / h["rate"] for n, h in zip(nearest, hello, strict=True))
    added = statistics.median(h["cpu"] - b["cpu"] for h, b in zip(hello, bare, strict=True))
    goals = [
        (f"nearest keeps {kept:.2f} of its own hello", ">= 0.75", kept >= 0.75),
        (f"our middleware adds {added:.0f} us of CPU to a hello", "<= 60", added <= 60),
        (f"position to JSON without Flask takes {handler:.0f} us", "<= 60", handler <= 60),
    ]
    postgis = next((peer.runs for peer in peers if peer.make == "make_postgis"), None)
    if postgis:
        ahead = statistics.median(n["rate"] / p["rate"] for n, p in zip(nearest, postgis, strict=True))
        goals.append((f"nearest answers {ahead:.2f} times as often as PostGIS", ">= 2", ahead >= 2))
    else:
        print("\nPostGIS is not installed here: its row is missing.")
    print("\nGoals (medians of the ratios of each round):")
    for said, goal, is_met in goals:
        print(f"- {said} (goal {goal}): {'met' if is_met else 'MISSED'}")


def compare(url, questions, rounds, seconds, cluster_home):
    peers = list_peers(questions, cluster_home)
    environment = {"BENCH_URL": url, "BENCH_POSTGRES": str(cluster_home)}
    load = load_by_wrk if shutil.which("wrk") else load_by_threads
    with contextlib.ExitStack() as stack:
        for peer in peers:
            stack.callback(peer.stop)
            peer.start(environment)
        for peer in peers[3:]:
            other, asked = count_other_answers(peers[2], peer)
            print(f"{peer.name}: other stations than ours in {other} of {asked} answers")
        loaded = [peer for peer in peers if peer.make != "make_naive"]
        for peer in loaded:
            load(peer, 1)
            peer.settle()
        for _round in range(rounds):
            for peer in loaded:
                peer.run(load, seconds)
        for peer in peers:
            if not peer.runs:
                peer.run(load_one_by_one, seconds)
    return peers


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two rounds of one second")
    rounds, seconds = (2, 1) if parser.parse_args().quick else (5, 3)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        url = f"sqlite:///{folder}/stations.db"
        build(url)
        questions = list_questions(2000)
        cluster = PostgresCluster() if PostgresCluster.is_installed() else None
        if cluster:
            fill_postgis(stack.enter_context(cluster), url)
        handler = measure_handler(url, questions)
        print(f"{COUNT:,} stations, {CONNECTIONS} connections, {rounds} interleaved rounds of {seconds} s")
        peers = compare(url, questions, rounds, seconds, cluster.home if cluster else None)
        print_table(peers)
        print_goals(peers, handler)


if __name__ == "__main__":
    main()
