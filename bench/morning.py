"""Mornings of calls for help, run through three dispatchers: who is in before the gate closes.

Seeded mornings over the demonstration's exam sites, stations and 251 vehicles. Calls come as reported: from 06:37,
most between 08:00 and 08:45, for a cut-off at 09:15; most are late, some have the wrong site, papers at home, somebody
unwell or a ride home. Every dispatcher gets the same calls and the same luck: each true way takes the estimate times a
lognormal factor that belongs to the call, or to the call and the vehicle. Rain: traffic slower by a fifth, half as many
calls again (Beijing: 19 on a wet day against 13).

- nearest first: at once the nearest idle vehicle, by straight line; nothing is changed afterwards
- first come: the idle vehicle that waits longest in the caller's district, else anywhere
- ours: `propose` over all open calls at every event; whoever was not picked up yet may get another vehicle
- ours, standing by: before the first call idle vehicles also move to where `stand_by` proposes

Prints a table with 95 % confidence intervals of the paired differences (Student's t over the mornings of a set); exits
with 1 when on any set ours does not bring more examinees in than nearest first, or over all dry or all wet mornings not
beyond chance.
Run: uv run --group bench python bench/morning.py [--quick]
"""

import argparse
import csv
import heapq
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from scipy.stats import t as student

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from stations.fleet.optimizer.dispatching import propose  # noqa: E402
from stations.fleet.optimizer.rows import Call, Conditions, Standby  # noqa: E402
from stations.fleet.optimizer.standing_by import Gate, stand_by  # noqa: E402
from stations.fleet.rules.travel import BuiltIn, read_speeds, straight_metres  # noqa: E402

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2027, 6, 7, 6, 30, tzinfo=ZONE)
CUTOFF = datetime(2027, 6, 7, 9, 15, tzinfo=ZONE)
SPREAD = 0.25  # of the logarithm of a true way over its estimate
KINDS, SHARES = ("late", "wrong_site", "papers", "unwell", "ride_home"), (0.70, 0.08, 0.15, 0.04, 0.03)
WITHIN_MINUTES = 8
BOARDING, GATE_WALK = 60, 120


def read(name):
    with (ROOT / "data" / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@dataclass
class Town:
    """What all mornings share."""

    gates: list
    gate_points: np.ndarray
    vehicles: list
    router: BuiltIn


def read_town():
    sites = {row["site_code"]: row for row in read("demo/exam_sites.csv")}
    gates = [
        Gate(f"{row['site_code']} {row['gate_code']}", float(row["lat"]), float(row["lon"]),
             int(sites[row["site_code"]]["examinees"]))
        for row in read("demo/gates.csv")
    ]  # fmt: skip
    stations = {row["station_code"]: row for row in read("demo/stations.csv")}
    rows = read("demo/vehicles.csv")
    vehicles = [
        Standby(row["vehicle_code"], float(stations[row["base_station"]]["lat"]),
                float(stations[row["base_station"]]["lon"]), START, START, int(row["seats"]))
        for row in rows
    ]  # fmt: skip
    with (ROOT / "data/travel_speeds.csv").open(encoding="utf-8") as file:
        router = BuiltIn(read_speeds(file), ZONE)
    points = np.array([(gate.lat, gate.lon) for gate in gates])
    return Town(gates, points, vehicles, router)


def make_calls(town, seed, is_raining):
    """The calls of a morning in the order in which they come."""
    rng = np.random.default_rng((seed, is_raining))
    count = 300 if is_raining else 200
    weight = np.array([gate.examinees for gate in town.gates], dtype=float)
    targets = rng.choice(len(town.gates), count, p=weight / weight.sum())
    asked = np.sort(np.clip(rng.normal(8 * 60 + 22, 22, count), 6 * 60 + 37, 9 * 60 + 10)) - 6 * 60 - 30
    kinds = rng.choice(KINDS, count, p=SHARES).tolist()
    calls = []
    for k in range(count):
        gate = town.gates[targets[k]]
        km, turn = rng.lognormal(np.log(4), 0.6), rng.uniform(0, 2 * np.pi)
        lat, lon = gate.lat + km * np.sin(turn) / 111.2, gate.lon + km * np.cos(turn) / 85.3
        if kinds[k] == "wrong_site":  # stands before another site, of the twenty nearest gates
            order = np.argsort(straight_metres(np.array([[gate.lat, gate.lon]]), town.gate_points)[0])
            other = town.gates[int(rng.choice(order[3:30]))]
            lat, lon = other.lat, other.lon
        gate_at = (gate.lat, gate.lon)
        if kinds[k] == "unwell":
            (lat, lon), gate_at = gate_at, (None, None)
        elif kinds[k] == "ride_home":
            (lat, lon), gate_at = gate_at, (float(lat), float(lon))
        cutoff = CUTOFF if kinds[k] in KINDS[:3] else None
        asked_at = START + timedelta(minutes=float(asked[k]))
        calls.append(Call(f"c{k:03}", kinds[k], float(lat), float(lon), asked_at, *gate_at, cutoff))
    return calls


@dataclass
class Job:
    """A vehicle's ride: seconds since START of setting out, of the pick-up and of getting free (true), the same as the
    dispatcher would guess, and the vehicle's place when it set out."""

    call: int
    set_out: float
    origin: tuple[float, float]
    picked_up: float
    free_guess: float = 0.0
    is_riding: bool = False


@dataclass
class Morning:
    """One morning under one dispatcher; times are seconds since START."""

    town: Town
    calls: list
    seed: int
    is_raining: bool
    at: np.ndarray
    idle_since: np.ndarray
    now: float = 0.0
    jobs: dict = field(default_factory=dict)  # vehicle -> Job
    taken: dict = field(default_factory=dict)  # call -> vehicle
    waiting: list = field(default_factory=list)  # calls without a vehicle, by time
    arrived: dict = field(default_factory=dict)  # call -> seconds inside the gate
    events: list = field(default_factory=list)
    decisions: list = field(default_factory=list)

    @property
    def clock(self):
        return START + timedelta(seconds=self.now)

    def seconds(self, origin, target):
        table = self.town.router.travel(np.array([origin]), np.array([target]), self.clock, self.is_raining)
        return float(table.seconds[0, 0])

    def luck(self, call, vehicle=None):
        """The factor of a way, the same under every dispatcher."""
        rng = np.random.default_rng((self.seed, call, 9999 if vehicle is None else vehicle))
        return float(np.exp(rng.normal(0, SPREAD)))

    def place(self, vehicle):
        """Where a vehicle is now; under way to a caller on the straight line."""
        job = self.jobs.get(vehicle)
        if job is None or job.is_riding:
            return tuple(self.at[vehicle].tolist())
        share = (self.now - job.set_out) / max(job.picked_up - job.set_out, 1e-9)
        call = self.calls[job.call]
        return tuple(a + share * (b - a) for a, b in zip(job.origin, (call.lat, call.lon), strict=True))

    def send(self, call, vehicle):
        """Let an idle vehicle set out to a caller."""
        origin = self.place(vehicle)
        asked = self.calls[call]
        picked_up = self.now + self.seconds(origin, (asked.lat, asked.lon)) * self.luck(call, vehicle)
        self.jobs[vehicle] = Job(call, self.now, origin, picked_up)
        self.taken[call] = vehicle
        heapq.heappush(self.events, (picked_up, "picked", call, vehicle))

    def call_back(self, vehicle):
        """An idle vehicle again, where it has come to."""
        self.at[vehicle] = self.place(vehicle)
        self.idle_since[vehicle] = self.now
        del self.taken[self.jobs.pop(vehicle).call]

    def pick_up(self, call, vehicle):
        """The ride begins, unless the vehicle was called back meanwhile."""
        job = self.jobs.get(vehicle)
        if job is None or job.call != call or job.is_riding or abs(job.picked_up - self.now) > 1e-6:
            return
        asked = self.calls[call]
        end = (asked.lat, asked.lon) if asked.gate_lat is None else (asked.gate_lat, asked.gate_lon)
        ride = self.seconds((asked.lat, asked.lon), end)
        free = self.now + BOARDING + ride * self.luck(call)
        job.is_riding, job.free_guess = True, self.now + BOARDING + ride
        self.at[vehicle] = end
        self.arrived[call] = free + GATE_WALK
        heapq.heappush(self.events, (free, "free", call, vehicle))

    def run(self, decide):
        """Everything in its order; `decide` acts after every call and every vehicle that gets free."""
        for k, call in enumerate(self.calls):
            heapq.heappush(self.events, ((call.asked_at - START).total_seconds(), "call", k, -1))
        while self.events:
            self.now, what, call, vehicle = heapq.heappop(self.events)
            if what == "picked":
                self.pick_up(call, vehicle)
                continue
            if what == "call":
                self.waiting.append(call)
            else:
                del self.jobs[vehicle]
                self.idle_since[vehicle] = self.now
            begun = time.process_time()
            decide(self)
            self.decisions.append((time.process_time() - begun) * 1000)

    def idle(self):
        return [v for v in range(len(self.at)) if v not in self.jobs]


def nearest_first(morning):
    """The nearest idle vehicle, by straight line, for whoever waits longest."""
    while morning.waiting and (idle := morning.idle()):
        call = morning.waiting.pop(0)
        asked = morning.calls[call]
        metres = straight_metres(np.array([[asked.lat, asked.lon]]), morning.at[idle])[0]
        morning.send(call, idle[int(metres.argmin())])


def first_come(morning):
    """The vehicle idle for longest in the district of the caller's nearest gate, else of all."""
    town = morning.town
    while morning.waiting and (idle := morning.idle()):
        call = morning.waiting.pop(0)
        asked = morning.calls[call]
        district, *stands = districts(town, np.vstack([[asked.lat, asked.lon], morning.at[idle]]))
        near = [v for v, stand in zip(idle, stands, strict=True) if stand == district] or idle
        morning.send(call, min(near, key=lambda v: (morning.idle_since[v], v)))


def districts(town, points):
    """The district of the nearest gate of each point, by the letters of its code."""
    return [town.gates[k].id[2:6] for k in straight_metres(points, town.gate_points).argmin(axis=1).tolist()]


def ours(morning):
    """The product's proposal over everything that is open, carried out."""
    vehicles = [standby(morning, v) for v in range(len(morning.at))]
    reaching = {job.call: v for v, job in morning.jobs.items() if not job.is_riding}
    numbers = sorted([*morning.waiting, *reaching])
    if not numbers:
        return
    calls = [replace(morning.calls[k], promised=vehicles[reaching[k]].id if k in reaching else None) for k in numbers]
    gates = morning.town.gate_points
    given = Conditions(morning.clock, morning.town.router, morning.is_raining, BOARDING, GATE_WALK, gates)
    places = {one.id: v for v, one in enumerate(vehicles)}
    riding = {v for v, job in morning.jobs.items() if job.is_riding}
    plan = {}
    for k, ride in zip(numbers, propose(calls, vehicles, given).rides, strict=True):
        is_later = any(reason.code == "next_ride" for reason in ride.reasons)
        if not is_later and places[ride.vehicle] not in riding:
            plan[k] = places[ride.vehicle]
    carry_out(morning, plan, reaching)


def standby(morning, vehicle):
    """A vehicle as the dispatcher knows it: riding ones get free when their ride was estimated to end."""
    job, (lat, lon) = morning.jobs.get(vehicle), morning.place(vehicle)
    free = max(job.free_guess, morning.now + 30) if job and job.is_riding else morning.now
    free_at = START + timedelta(seconds=free)
    return replace(morning.town.vehicles[vehicle], lat=lat, lon=lon, fixed_at=morning.clock, free_at=free_at)


def carry_out(morning, plan, reaching):
    """Call back whoever is not wanted any more, then send whoever is."""
    for k, v in reaching.items():
        if plan.get(k) != v:
            morning.call_back(v)
            morning.waiting.append(k)
    for k, v in plan.items():
        if reaching.get(k) != v:
            morning.waiting.remove(k)
            morning.send(k, v)


def run(town, calls, seed, is_raining, decide, stands=None):
    """One morning; its figures."""
    at = np.array([(one.lat, one.lon) for one in town.vehicles]) if stands is None else stands.copy()
    morning = Morning(town, calls, seed, is_raining, at, np.zeros(len(at)))
    morning.run(decide)
    limit = (CUTOFF - START).total_seconds()
    late = [max(morning.arrived[k] - limit, 0) / 60 for k, call in enumerate(calls) if call.cutoff_at]
    return {
        "in": sum(one == 0 for one in late), "of": len(late), "mean": statistics.mean(late), "worst": max(late),
        "ms": statistics.median(morning.decisions), "worst ms": max(morning.decisions),
    }  # fmt: skip


def stands_by(town, is_raining):
    """Where the vehicles are once those moved that are proposed to."""
    given = Conditions(START, town.router, is_raining)
    plan = stand_by(town.vehicles, town.gates, given, WITHIN_MINUTES)
    spots = {gate.id: (gate.lat, gate.lon) for gate in town.gates}
    moved = {move.vehicle: spots[move.gate] for move in plan.moves}
    return np.array([moved.get(one.id, (one.lat, one.lon)) for one in town.vehicles])


@dataclass(frozen=True)
class Set:
    """Mornings that are judged together."""

    name: str
    is_raining: bool
    first_seed: int


SETS = (Set("dry 1", False, 100), Set("dry 2", False, 200), Set("rain 1", True, 100), Set("rain 2", True, 200))
WAYS = {"nearest first": nearest_first, "first come": first_come, "**ours**": ours, "**ours**, standing by": ours}
FIGURES = (("in", "in time"), ("mean", "mean lateness min"), ("worst", "worst lateness min"))


def one_morning(seed, is_raining):
    """The figures of every dispatcher on the same morning."""
    town = read_town()
    calls, stands = make_calls(town, seed, is_raining), stands_by(town, is_raining)
    return {
        name: run(town, calls, seed, is_raining, decide, stands if "standing" in name else None)
        for name, decide in WAYS.items()
    }


def interval(values):
    """Mean and the half width of its 95 % confidence interval."""
    half = student.ppf(0.975, len(values) - 1) * statistics.stdev(values) / len(values) ** 0.5
    return statistics.mean(values), half


def show(name, mornings):
    """Prints the rows of a set of mornings; by how many more get in with ours than with nearest first."""
    base = [each["nearest first"] for each in mornings]
    for way in WAYS:
        rows = [each[way] for each in mornings]
        cells = [name, way, f"{statistics.mean(row['of'] for row in rows):.0f}"]
        for figure, _ in FIGURES:
            mean = statistics.mean(row[figure] for row in rows)
            more, half = interval([row[figure] - other[figure] for row, other in zip(rows, base, strict=True)])
            cells.append(f"{mean:.1f}" + ("" if rows == base else f" ({more:+.1f} ± {half:.1f})"))
        cells += [f"{statistics.median(row['ms'] for row in rows):.1f}", f"{max(row['worst ms'] for row in rows):.0f}"]
        print("| " + " | ".join(cells) + " |", flush=True)
    return interval([each["**ours**"]["in"] - each["nearest first"]["in"] for each in mornings])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    count = 2 if parser.parse_args().quick else 8
    print(f"{count} mornings a set; in brackets against nearest first, 95 % interval; ms of the processor\n")
    headings = (
        "set",
        "dispatcher",
        "calls with a cut-off",
        *(title for _, title in FIGURES),
        "decision ms",
        "worst ms",
    )
    print("| " + " | ".join(headings) + " |\n" + "|---" * len(headings) + "|")
    verdicts, by_weather = [], {False: [], True: []}
    with ProcessPoolExecutor(2) as pool:
        for chosen in SETS:
            seeds = range(chosen.first_seed, chosen.first_seed + count)
            mornings = list(pool.map(one_morning, seeds, [chosen.is_raining] * count))
            by_weather[chosen.is_raining] += mornings
            more, half = show(chosen.name, mornings)
            verdicts.append((more > 0, chosen.name, more, half))
    for is_raining, mornings in by_weather.items():
        name = "all rain" if is_raining else "all dry"
        more, half = show(name, mornings)
        verdicts.append((more > half, name, more, half))
    print()
    for is_good, name, more, half in verdicts:
        print(f"- {'met' if is_good else 'missed'}: {name}: {more:+.1f} ± {half:.1f} more in time than nearest first")
    return 0 if all(verdict[0] for verdict in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
