"""The nearest 5 with service s, open at minute m, of 250, 10,000 and 200,000 points: ours against what else there is.

Truth is Karney's geodesic on WGS-84. Prints one table; exits with 1 when any answer of ours is wrong.
Run: uv run --group bench python bench/nearest.py [--quick]
"""

import argparse
import contextlib
import csv
import random
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import peers_nearest as peers  # noqa: E402

from stations.kernel.geo.datum import Datum, Point, convert, read_point  # noqa: E402
from stations.kernel.geo.nearest import NearestIndex  # noqa: E402

SIZES = (250, 10_000, 200_000)
SHARES = np.array([0.02, 0.05, *np.linspace(0.1, 0.6, peers.SERVICES - 2)])
MINUTES = range(375, 1125, 30)
PEERS = (peers.Ours, peers.ServiceTrees, peers.SphereTrees, peers.Haversine, peers.RTree)
GEOPY_QUERIES = {250: 20, 10_000: 7, 200_000: 1}
FULL_TRUTHS = 20


class Cities:
    """Where people are: counties drawn by 1 / sqrt(area), and within one normally with a quarter of its width."""

    def __init__(self):
        with (ROOT / "data/china_counties.csv").open(encoding="utf-8") as file:
            rows = [(float(r["lat"]), float(r["lon"]), max(1.0, float(r["area_km2"]))) for r in csv.DictReader(file)]
        self.lats, self.lons, areas = np.array(rows).T
        self.degrees = np.minimum(0.25 * np.sqrt(areas) / 111, 0.1)
        self.weights = areas**-0.5 / (areas**-0.5).sum()

    def draw(self, rng, count):
        at = rng.choice(len(self.lats), count, p=self.weights)
        lats = self.lats[at] + rng.normal(0, 1, count) * self.degrees[at]
        lons = self.lons[at] + rng.normal(0, 1, count) * self.degrees[at] / np.cos(np.radians(lats))
        return lats.clip(4, 53.5), lons.clip(73.5, 135)


def make_town(count):
    rng = np.random.default_rng(count)
    lats, lons = Cities().draw(rng, count)
    tags = (rng.random((count, peers.SERVICES)) < SHARES) @ (1 << np.arange(peers.SERVICES, dtype=np.uint64))
    opens, closes = rng.integers(360, 541, count), rng.integers(960, 1201, count)
    masks = {minute: bytearray((opens <= minute) & (minute < closes)) for minute in MINUTES}
    return peers.Town(lats, lons, tags.astype(np.uint64), opens, closes, masks)


def make_asks(count):
    rng = np.random.default_rng(9)
    lats, lons = Cities().draw(rng, count)
    anywhere = count // 10
    lats[:anywhere], lons[:anywhere] = rng.uniform(20, 50, anywhere), rng.uniform(80, 130, anywhere)
    bits, minutes = 1 << rng.integers(0, peers.SERVICES, count), rng.choice(MINUTES, count)
    columns = (lats.tolist(), lons.tolist(), bits.tolist(), minutes.tolist())
    asks = [peers.Ask(*row) for row in zip(*columns, strict=True)]
    random.Random(9).shuffle(asks)
    return asks


def get_resident_megabytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def print_memory(name, count):
    """In a process of its own: what building the named peer adds to the resident set."""
    peer = next(peer for peer in PEERS if peer.__name__ == name)
    peer(make_town(250))
    town = make_town(count)
    before = get_resident_megabytes()
    kept = peer(town)
    print(f"{get_resident_megabytes() - before:.1f}", kept.name, sep="\n")


def measure_memory(peer, count):
    words = [sys.executable, __file__, "--memory-of", peer.__name__, "--size", str(count)]
    return float(subprocess.run(words, capture_output=True, text=True, check=True).stdout.split()[0])


class Row:
    """One peer at one size, and what was measured of it."""

    def __init__(self, peer, town, asks, megabytes):
        started = time.perf_counter()
        self.peer = peer(town)
        self.build_seconds = time.perf_counter() - started
        self.asks, self.megabytes, self.rounds, self.answers = asks, megabytes, [], []

    def run(self):
        answer, times, answers = self.peer.answer, [], []
        for ask in self.asks:
            started = time.perf_counter_ns()
            found = answer(ask)
            times.append((time.perf_counter_ns() - started) / 1000)
            answers.append(found)
        self.rounds.append(times)
        self.answers = answers

    def get_median(self, measure):
        return statistics.median(measure(times) for times in self.rounds)

    @property
    def p50(self):
        return self.get_median(statistics.median)

    def judge(self, truths):
        pairs = list(zip(self.answers, truths, strict=False))
        self.wrong_sets = sum(set(got) != set(truth) for got, truth in pairs)
        self.wrong_orders = sum(got != truth for got, truth in pairs)

    def print_line(self, count):
        p99 = self.get_median(lambda times: float(np.percentile(times, 99)))
        rate = self.get_median(lambda times: 1e6 / statistics.mean(times))
        of = "" if len(self.asks) >= 100 else f" ({len(self.asks)} queries)"
        wrong = f"{self.wrong_sets} | {self.wrong_orders}"
        cells = f"{self.p50:,.1f} | {p99:,.0f} | {rate:,.0f} | {wrong} | {self.build_seconds:.2f} | {self.megabytes}"
        print(f"| {self.peer.name}{of} | {count:,} | {cells} |", flush=True)


def measure_size(count, asks, rounds, postgres, *, with_memory):
    town = make_town(count)
    truths = [peers.find_truth(town, ask) for ask in asks]
    for ask, truth in zip(asks[:FULL_TRUTHS], truths, strict=False):
        assert truth == peers.find_truth(town, ask, prune=False)
    rows = []
    for peer in PEERS:
        megabytes = f"{measure_memory(peer, count):.0f}" if with_memory else "-"
        rows.append(Row(peer, town, asks, megabytes))
    if postgres:
        peers.PostGis.connection = postgres
        rows.append(Row(peers.PostGis, town, asks, ""))
        rows[-1].megabytes = f"{rows[-1].peer.get_disk_megabytes():.0f} on disk"
    for number in range(rounds):
        for row in random.Random(number).sample(rows, len(rows)):
            row.run()
    rows.append(Row(peers.GeopyLoop, town, asks[: GEOPY_QUERIES[count]], "-"))
    rows[-1].run()
    for row in rows:
        row.judge(truths)
        row.print_line(count)
    if not postgres:
        print(f"| PostGIS exact: not installed here | {count:,} | - | - | - | - | - | - | - |")
    return town, truths, {type(row.peer): row for row in rows}


def measure_edits(town):
    """Median us from the start of an edit until a search has seen it: (open or close, move and retag)."""
    index, among = NearestIndex(town.lats, town.lons, town.tags), bytearray(b"\x01" * len(town.lats))
    flips, moves = [], []
    for position in range(0, len(among), len(among) // 200):
        lat, lon, bit = float(town.lats[position]), float(town.lons[position]), int(town.tags[position]) or 1
        started = time.perf_counter_ns()
        among[position] = 0
        seen = index.nearest(lat, lon, peers.K, 0, among)
        flips.append(time.perf_counter_ns() - started)
        assert position not in dict(seen)
        among[position] = 1
        started = time.perf_counter_ns()
        index.put(position, lat + 0.1, lon, bit)
        seen = index.nearest(lat + 0.1, lon, 1, bit, among)
        moves.append(time.perf_counter_ns() - started)
        assert seen == [(position, 0.0)]
    return statistics.median(flips) / 1000, statistics.median(moves) / 1000


def count_wrong_of_mixed_datums(town, asks, truths):
    """Wrong answers when every point and every query arrives in one of three datums and is read by `read_point`."""
    datums = list(Datum)

    def read(number, lat, lon):
        datum = datums[number % 3]
        sent = convert(Point(lat, lon), Datum.WGS84, datum)
        point = read_point(sent.lat, sent.lon, datum)
        return point.lat, point.lon

    spots = [read(at, *spot) for at, spot in enumerate(zip(town.lats.tolist(), town.lons.tolist(), strict=True))]
    index = NearestIndex(*zip(*spots, strict=True), town.tags)
    wrong = 0
    for number, (ask, truth) in enumerate(zip(asks, truths, strict=True)):
        found = index.nearest(*read(number, ask.lat, ask.lon), peers.K, ask.bit, town.masks[ask.minute])
        wrong += [position for position, _ in found] != truth
    return wrong


def print_goals(found, wrong_mixed, edits):
    ours = {count: rows[peers.Ours] for count, rows in found.items()}
    wrong = sum(row.wrong_orders for row in ours.values())
    tree, post = found[10_000][peers.ServiceTrees], found[10_000].get(peers.PostGis)
    geopy = found[10_000][peers.GeopyLoop].p50 / ours[10_000].p50
    growth = ours[200_000].p50 / ours[10_000].p50
    big = ours[200_000]
    print("\nGoals:")
    print(f"- wrong answers of ours: {wrong} of {sum(len(row.asks) for row in ours.values()):,} (goal 0)")
    print(f"- points and queries in three mixed datums, N=10,000: {wrong_mixed} wrong (goal 0)")
    print(f"- p50 at 10,000 / cKDTree per service: {ours[10_000].p50 / tree.p50:.2f} (goal <= 1)")
    if post:
        print(f"- PostGIS exact / ours, p50 at 10,000: {post.p50 / ours[10_000].p50:.1f} (goal >= 5)")
    print(f"- geopy loop / ours, p50 at 10,000: {geopy:,.0f} (goal >= 5,000, of a loop that measures every point)")
    print(f"- p50 at 200,000 / at 10,000: {growth:.2f} (goal <= 1.5)")
    print(f"- build at 200,000: {big.build_seconds:.2f} s (goal <= 2), {big.megabytes} MB (goal <= 70)")
    for count, (flip, move) in edits.items():
        print(f"- edit to seen at {count:,}: open or close {flip:.0f} us, move and retag {move:.0f} us, no rebuild")
    return wrong + wrong_mixed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100 queries, one round, no memory")
    parser.add_argument("--memory-of", help=argparse.SUPPRESS)
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory_of:
        print_memory(options.memory_of, options.size)
        return 0
    asks, rounds = make_asks(100 if options.quick else 1000), 1 if options.quick else 3
    print(f"{len(asks):,} queries, {rounds} interleaved rounds, medians; wrong sets and orders of {len(asks):,}\n")
    print("| peer | N | p50 us | p99 us | queries/s | wrong sets | wrong orders | build s | MB |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    found, edits = {}, {}
    wrong_mixed = 0
    with peers.PostgresCluster() if peers.PostgresCluster.is_installed() else contextlib.nullcontext() as postgres:
        for count in SIZES:
            town, truths, found[count] = measure_size(count, asks, rounds, postgres, with_memory=not options.quick)
            if count == 10_000:
                wrong_mixed = count_wrong_of_mixed_datums(town, asks, truths)
            if count >= 10_000:
                edits[count] = measure_edits(town)
    return 1 if print_goals(found, wrong_mixed, edits) else 0


if __name__ == "__main__":
    sys.exit(main())
