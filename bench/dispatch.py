"""The whole dispatch proposal against what people do: milliseconds, lateness, and a proof that nothing is better.

Vehicles stand round exam sites (of Beijing's demonstration for 251, of 25 cities for 5,000), callers are kilometres
from their gates with 10 to 60 minutes left. Every peer sees the same travel times, computed beforehand; the time of
ours includes them, the checks and the reasons. The proof: prices of vehicles, found from the assignment alone, that no
other pair undercuts. Prints two tables; exits with 1 when a goal is missed.
Run: uv run --group bench python bench/dispatch.py [--quick]
"""

import argparse
import csv
import statistics
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from geopy.distance import geodesic

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from stations.fleet.optimizer import pairs  # noqa: E402
from stations.fleet.optimizer.assignment import assign  # noqa: E402
from stations.fleet.optimizer.dispatching import propose  # noqa: E402
from stations.fleet.optimizer.rows import WEIGHTS, Call, Conditions, Standby  # noqa: E402
from stations.fleet.rules.travel import BuiltIn, read_speeds  # noqa: E402

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2027, 6, 7, 8, 20, tzinfo=ZONE)
KINDS = ("late", "late", "late", "wrong_site", "papers", "unwell", "ride_home")
SIZES = ((251, 50, 5.0), (251, 200, None), (5000, 1000, 400.0), (5000, 4000, 5000.0), (50, 200, None))
HEADINGS = ("vehicles x calls", "method", "ms", "served", "late", "weighted lateness min", "x least", "lateness min",
            "below naive %", "min to callers")  # fmt: skip


def read_points(name):
    with (ROOT / "data" / name).open(encoding="utf-8") as file:
        return np.array([(float(row["lat"]), float(row["lon"])) for row in csv.DictReader(file)])


def scatter(points, km, rng):
    """Each point moved by a normal distance in both directions."""
    north = km / 111.2
    return points + rng.normal(0, 1, points.shape) * [north, north / 0.77]


def make_case(vehicles, calls, seed):
    """Vehicles round sites, calls at a few kilometres from their gates; the same for a seed."""
    rng = np.random.default_rng((seed, vehicles, calls))
    gates = read_points("demo/gates.csv")
    if vehicles > 1000:
        cities = read_points("china_counties.csv")
        cities = cities[rng.choice(len(cities), 25, replace=False)]
        gates = scatter(np.repeat(cities, 100, axis=0), 10, rng)
    stands = scatter(gates[rng.integers(0, len(gates), vehicles)], 1.5, rng)
    targets = gates[rng.integers(0, len(gates), calls)]
    callers = scatter(targets, 4, rng)
    left = rng.uniform(10, 60, calls)
    rows = []
    for i, kind in enumerate(rng.choice(KINDS, calls).tolist()):
        has_gate = kind not in ("unwell", "ride_home")
        rows.append(Call(
            f"c{i}", kind, *callers[i].tolist(), NOW, *(targets[i].tolist() if has_gate else (None, None)),
            NOW + timedelta(minutes=left[i]) if has_gate else None,
        ))  # fmt: skip
    fleet = [Standby(f"v{j}", *stands[j].tolist(), NOW, NOW) for j in range(vehicles)]
    return rows, fleet, gates


def least(ranks, allowed):
    return assign(ranks, allowed)


def in_order(score, allowed, order):
    """One call after the other takes the vehicle of the least score that is left."""
    score = np.where(allowed, score, np.inf)
    rows, columns = [], []
    for i in order:
        j = int(score[i].argmin())
        if score[i, j] < np.inf:
            rows.append(i)
            columns.append(j)
            score[:, j] = np.inf
    return np.array(rows), np.array(columns)


def cheapest_pair(cost, allowed):
    """The globally cheapest pair first."""
    flat = np.argsort(np.where(allowed, cost, np.inf), axis=None, kind="stable")
    free_row, free_column = np.ones(cost.shape[0], bool), np.ones(cost.shape[1], bool)
    rows, columns = [], []
    for i, j in zip(*(part.tolist() for part in np.unravel_index(flat, cost.shape)), strict=True):
        if free_row[i] and free_column[j] and allowed[i, j]:
            free_row[i] = free_column[j] = False
            rows.append(i)
            columns.append(j)
            if len(rows) == min(cost.shape):
                break
    return np.array(rows), np.array(columns)


def is_least(cost, rows, columns):
    """Whether prices on the vehicles given away make every call's own vehicle its cheapest: a proof by linear duality.

    The least prices follow from the assignment by relaxing p[k] >= p[i] + c[i, i's] - c[i, k's] until nothing moves.
    """
    paid, among = cost[rows, columns], cost[rows][:, columns]
    prices = np.zeros(len(rows))
    for _round in range(len(rows)):
        fresh = np.maximum((prices + paid)[:, None] - among, 0).max(axis=0)
        fresh = np.maximum(fresh, prices)
        if (fresh == prices).all():
            break
        prices = fresh
    else:
        return False
    rest = np.ones(cost.shape[1], bool)
    rest[columns] = False
    return not rest.any() or bool((cost[rows][:, rest].min(axis=1) >= paid + prices).all())


def figures(calls, seconds, rows, columns):
    """(late calls, weighted lateness minutes with what a missed gate counts, lateness minutes, minutes to callers)"""
    late = np.maximum(np.ceil(seconds[rows, columns] - (calls.due - calls.due_after)[rows]), 0)
    weighted = (late + (late > 0) * pairs.MISSED_SECONDS) * calls.weight[rows]
    return int((late > 0).sum()), weighted.sum() / 60, late.sum() / 60, np.ceil(seconds[rows, columns] / 60).sum()


def timed(rounds, run, *args):
    """Median milliseconds and the result."""
    walls = []
    for _round in range(rounds):
        begun = time.perf_counter()
        result = run(*args)
        walls.append((time.perf_counter() - begun) * 1000)
    return statistics.median(walls), result


def geopy_nearest(rows, fleet):
    """The naive view: geopy from every free vehicle, call after call."""
    free, taken = list(range(len(fleet))), []
    for call in rows:
        j = min(free, key=lambda j: geodesic((call.lat, call.lon), (fleet[j].lat, fleet[j].lon)).m)
        free.remove(j)
        taken.append(j)
    return np.arange(len(rows)), np.array(taken)


def run_size(vehicles, count, goal, seed):
    """One size: prints its rows; True when the goals hold."""
    rows, fleet, gates = make_case(vehicles, count, seed)
    given = Conditions(NOW, BuiltIn(read_speeds((ROOT / "data/travel_speeds.csv").open(encoding="utf-8")), ZONE), gates=gates)
    calls, columns = pairs.calls_in_columns(rows, given), pairs.fleet_in_columns(fleet, NOW)
    seconds = pairs.reach(columns, calls, given).seconds
    ranks = pairs.ranks(seconds, calls, pairs.cover_loss(columns, gates))
    allowed = np.ones(seconds.shape, dtype=bool)
    rounds = 9 if count * vehicles < 100_000 else 3
    ms, proposal = timed(rounds, propose, rows, fleet, given)
    places = {call.id: i for i, call in enumerate(rows)}, {one.id: j for j, one in enumerate(fleet)}
    pair = (np.array([places[0][ride.call] for ride in proposal.rides]),
            np.array([places[1][ride.vehicle] for ride in proposal.rides]))  # fmt: skip
    line(f"{vehicles:,} x {count:,}", "**ours**, all of it", ms, pair[0])
    return proposal
