"""The whole dispatch proposal against what people do: milliseconds, lateness, and a proof that nothing is better.

Vehicles stand round exam sites (of Beijing's demonstration for 251, of 25 cities for 5,000), callers are kilometres
from their gates with 10 to 60 minutes left; in crowded cases most come from round a few gates, as when a road floods.
Every peer sees the same travel times, computed beforehand; the time of ours includes them, the checks and the reasons.
The proof: prices of vehicles, found from the assignment alone, that no other pair undercuts. Prints a table; exits with
1 when a goal is missed.
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
from stations.fleet.optimizer.rows import Call, Conditions, Standby  # noqa: E402
from stations.fleet.rules.travel import BuiltIn, read_speeds  # noqa: E402

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2027, 6, 7, 8, 20, tzinfo=ZONE)
KINDS = ("late", "late", "late", "wrong_site", "papers", "unwell", "ride_home")
# Vehicles, calls, the share of calls round a fortieth of the gates, and the milliseconds that a proposal may take.
SIZES = (
    (251, 50, 0.0, 5.0), (251, 50, 0.8, 5.0), (251, 200, 0.0, 50.0), (251, 200, 0.8, 50.0),
    (5000, 1000, 0.0, 400.0), (5000, 1000, 0.8, 400.0), (5000, 4000, 0.0, 5000.0), (5000, 4000, 0.5, 5000.0),
)  # fmt: skip
HEADINGS = (
    "vehicles x calls, crowded", "method", "ms (of CPU)", "served", "late", "lateness min", "late and risk, x least",
    "min to callers",
)  # fmt: skip


def read_points(name):
    with (ROOT / "data" / name).open(encoding="utf-8") as file:
        return np.array([(float(row["lat"]), float(row["lon"])) for row in csv.DictReader(file)])


def scatter(points, km, rng):
    """Each point moved by a normal distance in both directions."""
    north = km / 111.2
    return points + rng.normal(0, 1, points.shape) * [north, north / 0.77]


def make_case(vehicles, calls, seed, crowded):
    """Vehicles round sites, calls at a few kilometres from their gates; the same for a seed."""
    rng = np.random.default_rng((seed, vehicles, calls))
    gates = read_points("demo/gates.csv")
    if vehicles > 1000:
        cities = read_points("china_counties.csv")
        cities = cities[rng.choice(len(cities), 25, replace=False)]
        gates = scatter(np.repeat(cities, 100, axis=0), 10, rng)
    stands = scatter(gates[rng.integers(0, len(gates), vehicles)], 1.5, rng)
    hot = rng.choice(len(gates), len(gates) // 40, replace=False)
    among = np.where(rng.random(calls) < crowded, rng.choice(hot, calls), rng.integers(0, len(gates), calls))
    targets = gates[among]
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


def in_order(score, order):
    """One call after the other takes the vehicle of the least score that is left."""
    score, columns = score.copy(), []
    for i in order:
        columns.append(int(score[i].argmin()))
        score[:, columns[-1]] = np.inf
    return np.array(order), np.array(columns)


def cheapest_pair(cost):
    """The globally cheapest pair first."""
    flat = np.argsort(cost, axis=None, kind="stable")
    free_row, free_column = np.ones(cost.shape[0], bool), np.ones(cost.shape[1], bool)
    rows, columns = [], []
    for i, j in zip(*(part.tolist() for part in np.unravel_index(flat, cost.shape)), strict=True):
        if free_row[i] and free_column[j]:
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


def figures(calls, seconds, ranks, pair):
    """(late calls, weighted lateness and risk in minutes, lateness minutes, minutes to callers)"""
    late = np.maximum(seconds[pair] - (calls.due - calls.due_after)[pair[0]], 0)
    return int((late > 0).sum()), ranks[0][pair].sum() / 60, late.sum() / 60, ranks[1][pair].sum()


def timed(rounds, run, *args):
    """Median wall and processor milliseconds, and the result."""
    walls, cpus = [], []
    for _round in range(rounds):
        begun, cpu = time.perf_counter(), time.process_time()
        result = run(*args)
        walls.append((time.perf_counter() - begun) * 1000)
        cpus.append((time.process_time() - cpu) * 1000)
    return statistics.median(walls), statistics.median(cpus), result


def geopy_nearest(rows, fleet):
    """The naive view: geopy from every free vehicle, call after call."""
    free, taken = list(range(len(fleet))), []
    for call in rows:
        j = min(free, key=lambda j: geodesic((call.lat, call.lon), (fleet[j].lat, fleet[j].lon)).m)
        free.remove(j)
        taken.append(j)
    return np.arange(len(rows)), np.array(taken)


def peers(rows, fleet, seconds, calls, ranks, is_large):
    """(name, wall and processor ms, pairs) of each other way; the slow ones in the small sizes only."""
    due = np.argsort(calls.due - calls.due_after, kind="stable")
    ways = {
        "nearest by travel time, in order": (in_order, seconds, range(len(rows))),
        "earliest deadline first": (in_order, seconds, due.tolist()),
    }
    if not is_large:
        scalar = ranks[0] * (ranks[1].max() * len(rows) + 1) + ranks[1]
        ways = {"naive: geopy, nearest free, in order": (geopy_nearest, rows, fleet), **ways,
                "cheapest pair first": (cheapest_pair, scalar)}  # fmt: skip
    for name, (run, *args) in ways.items():
        yield name, *timed(1, run, *args)


def run_size(vehicles, count, crowded, goal):
    """One size: prints its rows; True when the goals hold."""
    rows, fleet, gates = make_case(vehicles, count, 1, crowded)
    with (ROOT / "data/travel_speeds.csv").open(encoding="utf-8") as file:
        given = Conditions(NOW, BuiltIn(read_speeds(file), ZONE), gates=gates)
    calls, columns = pairs.calls_in_columns(rows, given), pairs.fleet_in_columns(fleet, NOW)
    seconds = pairs.reach(columns, calls, given).seconds
    ranks = pairs.ranks(seconds, calls, pairs.cover_loss(columns, gates))
    wall, cpu, proposal = timed(15 if count * vehicles < 100_000 else 5, propose, rows, fleet, given)
    places = {call.id: i for i, call in enumerate(rows)}, {one.id: j for j, one in enumerate(fleet)}
    pair = (np.array([places[0][ride.call] for ride in proposal.rides]),
            np.array([places[1][ride.vehicle] for ride in proposal.rides]))  # fmt: skip
    is_proven = is_least(ranks[0] * (ranks[1].max() * count + 1) + ranks[1], *pair)
    alone = timed(3, assign, ranks, np.ones(seconds.shape, dtype=bool))
    found = [("**ours**, from rows to reasons", wall, cpu, pair), ("of that the assignment", *alone[:2], alone[2])]
    found += peers(rows, fleet, seconds, calls, ranks, crowded > 0 or count * vehicles > 100_000)
    lateness = {name: figures(calls, seconds, ranks, each) for name, _, _, each in found}
    ours = lateness[found[0][0]]
    naive = lateness["nearest by travel time, in order"]
    for name, wall_ms, cpu_ms, each in found:
        late, weighted, minutes, to_callers = lateness[name]
        case = f"{vehicles:,} x {count:,}, {crowded:.0%}"
        cells = [case, name, f"{wall_ms:,.1f} ({cpu_ms:,.1f})", len(each[0]), late,
                 f"{minutes:,.0f}", f"{weighted / max(ours[1], 1):.2f}", f"{to_callers:,.0f}"]  # fmt: skip
        print("| " + " | ".join(map(str, cells)) + " |", flush=True)
    served = len(proposal.rides)
    is_good = is_proven and served == count and min(wall, cpu) <= goal
    verdicts.append(
        f"{'met' if is_good else 'missed'}: {vehicles:,} x {count:,}, {crowded:.0%} crowded: proven {is_proven}, "
        f"served {served:,}, {wall:,.1f} ms, {cpu:,.1f} of the processor (goal {goal:,.0f}); lateness "
        f"{1 - ours[2] / naive[2]:.0%} below nearest in order, calls late {ours[0]} for {naive[0]}"
    )
    return is_good


def run_crowd(vehicles, count):
    """More calls than vehicles: everybody is served, by rides one after the other."""
    rows, fleet, gates = make_case(vehicles, count, 1, 0.0)
    with (ROOT / "data/travel_speeds.csv").open(encoding="utf-8") as file:
        given = Conditions(NOW, BuiltIn(read_speeds(file), ZONE), gates=gates)
    wall, cpu, proposal = timed(3, propose, rows, fleet, given)
    served = len({ride.call for ride in proposal.rides})
    verdicts.append(
        f"{'met' if served == count else 'missed'}: {vehicles} vehicles x {count} calls: {served} served, "
        f"{wall:,.1f} ms, {cpu:,.1f} of the processor"
    )
    return served == count


verdicts = []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    print("| " + " | ".join(HEADINGS) + " |\n" + "|---" * len(HEADINGS) + "|")
    good = [run_size(*size) for size in (SIZES[:2] if quick else SIZES)]
    good.append(run_crowd(50, 200))
    print()
    for verdict in verdicts:
        print("-", verdict)
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
