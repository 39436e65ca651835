"""Replenishment of 211 stations x 30 items: how long the proven best plan takes, and how much farther nearest-first
would drive.

The stations are the demonstration's; what each has, needs and may spare is drawn anew for every seed, with enough for
all of most items and too little of some. networkx's network simplex solves each item again in whole numbers.
Prints one table; exits with 1 when a plan is not proven, or the two solvers differ.
Run: uv run --group bench python bench/stock_replenish.py [--quick]
"""

import argparse
import csv
import statistics
import sys
import time
from collections import defaultdict
from pathlib import Path

import networkx
import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from stations.stock.optimizer.replenishing import Stock, propose, straight_metres  # noqa: E402
from stations.stock.rules.limits import Limits  # noqa: E402

ITEMS = 30
HEADINGS = (
    "seed", "ours s (of CPU)", "lines", "proven", "network simplex agrees", "its s", "nearest-first: distance x",
    "its s", "cases wanted", "not covered, ours / nearest-first",
)  # fmt: skip


def read_stations():
    with (ROOT / "data/demo/stations.csv").open(encoding="utf-8") as file:
        return [
            (row["station_code"], row["name"], float(row["lat"]), float(row["lon"])) for row in csv.DictReader(file)
        ]


def make_stocks(seed, stations):
    """Needs that differ five times between stations; of every fifth item half of what is needed."""
    rng = np.random.default_rng(seed)
    busy = np.exp(rng.uniform(np.log(0.3), np.log(1.5), len(stations)))
    stocks = []
    for k in range(ITEMS):
        usual, step = float(rng.choice([20, 60, 200, 1200])), 24 if k % 3 == 0 else 1
        plenty = 0.5 if k % 5 == 0 else 1.3
        for (code, name, lat, lon), factor in zip(stations, busy, strict=True):
            needed = float(rng.gamma(4, usual * factor / 4))
            on_hand = int(usual * factor * plenty * rng.lognormal(0, 0.6))
            reorder = int(usual * 0.1)
            hours = on_hand / needed * 10 if needed > on_hand / 3 else None
            limits = Limits(reorder // 2, reorder, int(usual * 3))
            stocks.append(
                Stock(code, name, lat, lon, f"item{k:02}", on_hand, 0, 0, needed, hours, limits, step)
            )  # fmt: skip
    return stocks


def nearest_first(stocks):
    """What people do: whoever runs out first calls the nearest that has any. (case metres, cases not covered)"""
    by_item = defaultdict(list)
    for stock in stocks:
        by_item[stock.item].append(stock)
    cost = unmet = 0
    for group in by_item.values():
        left = {stock: stock.spare // stock.step for stock in group if stock.spare >= stock.step}
        for target in sorted((s for s in group if s.missing), key=lambda s: (s.urgency, s.station)):
            cases = sum(target.wanted)
            for source in sorted(left, key=lambda s: metres(s, target)):
                moved = min(cases, left[source])
                left[source] -= moved
                cases -= moved
                cost += moved * metres(source, target)
                if not cases:
                    break
            unmet += cases
    return cost, unmet


def metres(one, other):
    """Haversine is near enough for the peer."""
    lat, other_lat = np.radians(one.lat), np.radians(other.lat)
    across = np.sin(np.radians(other.lon - one.lon) / 2) ** 2 * np.cos(lat) * np.cos(other_lat)
    return 2 * 6371008.8 * np.arcsin(np.sqrt(np.sin((other_lat - lat) / 2) ** 2 + across))


def least_by_network_simplex(stocks, proposal):
    """The least case metres that give every target what the plan gives it."""
    got = defaultdict(lambda: defaultdict(int))
    for line in proposal.lines:
        got[line.target.item][line.target] += line.quantity // line.target.step
    total = 0
    for item, targets in got.items():
        sources = [stock for stock in stocks if stock.item == item and stock.spare >= stock.step]
        ways = straight_metres(sources, list(targets))
        graph = networkx.DiGraph()
        graph.add_node("rest", demand=sum(s.spare // s.step for s in sources) - sum(targets.values()))
        for i, source in enumerate(sources):
            graph.add_node(("from", i), demand=-(source.spare // source.step))
            graph.add_edge(("from", i), "rest", weight=0)
        for j, cases in enumerate(targets.values()):
            graph.add_node(("to", j), demand=cases)
            for i in range(len(sources)):
                graph.add_edge(("from", i), ("to", j), weight=int(ways[i, j]))
        total += networkx.network_simplex(graph)[0]
    return total


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    stations, is_good = read_stations(), True
    print(f"{len(stations)} stations x {ITEMS} items\n")
    print("| " + " | ".join(HEADINGS) + " |\n" + "|---" * len(HEADINGS) + "|")
    for seed in range(1, 2 if quick else 6):
        stocks = make_stocks(seed, stations)
        walls, cpus = [], []
        for _round in range(3):
            begun = time.perf_counter(), time.process_time()
            proposal = propose(stocks)
            walls.append(time.perf_counter() - begun[0])
            cpus.append(time.process_time() - begun[1])
        begun = time.perf_counter()
        cost, short = nearest_first(stocks)
        greedy_s = time.perf_counter() - begun
        begun = time.perf_counter()
        is_same = least_by_network_simplex(stocks, proposal) == proposal.cost
        simplex_s = time.perf_counter() - begun
        wanted = sum(sum(stock.wanted) for stock in stocks)
        ours_short = wanted - sum(line.quantity // line.target.step for line in proposal.lines)
        is_good &= is_same and proposal.is_proven
        cells = [
            seed, f"{statistics.median(walls):.2f} ({statistics.median(cpus):.2f})", len(proposal.lines),
            "yes" if proposal.is_proven else "NO", "yes" if is_same else "NO", f"{simplex_s:.1f}",
            f"{cost / proposal.cost:.2f}", f"{greedy_s:.2f}", f"{wanted:,}", f"{ours_short:,} / {short:,}",
        ]  # fmt: skip
        print("| " + " | ".join(map(str, cells)) + " |", flush=True)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
