"""Where idle vehicles should stand by so that every gate is reached within some minutes, with the least driving.

A vehicle stays or drives to a gate. First as many examinees as possible are covered, then the seconds driven are the
least: both proven by branch and bound for a district; for a city move by move, with the bound of the relaxed problem.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array, csr_array, eye_array, hstack, vstack

from stations.adapters.router import Seconds
from stations.fleet.optimizer.pairs import Flags, is_on_duty, is_stale
from stations.fleet.optimizer.rows import Conditions, PassedOver, Reason, Standby
from stations.kernel.text import Text

# Nobody is sent across the town to stand by.
MOVE_SECONDS = 1800
# So many vehicles times places are solved exactly.
EXACT_PAIRS = 3000

Moves = dict[int, int]


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate that should be near to a vehicle, and how many examinees come to it."""

    id: str
    lat: float
    lon: float
    examinees: int = 1


@dataclass(frozen=True, slots=True)
class Move:
    """A vehicle, the gate to stand by at, the seconds to get there, and what it is good for."""

    vehicle: str
    gate: str
    seconds: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Coverage:
    """Which vehicles should move; the share of examinees whose gate is reached in time before and after, what no plan
    can beat, and the gates that stay uncovered and why."""

    moves: tuple[Move, ...]
    before: float
    after: float
    bound: float
    uncovered: tuple[PassedOver, ...]
    source: str
    note: Text | None

    @property
    def is_proven(self) -> bool:
        """Whether no plan covers more."""
        return self.after >= self.bound - 1e-9


@dataclass(frozen=True, slots=True)
class _Problem:
    """Seconds from each vehicle to each gate; which gates it covers where it stands; which gates one standing at a gate
    covers; examinees by gate."""

    drive: Seconds
    here: Flags
    there: Flags
    weight: Seconds


def stand_by(
    vehicles: Sequence[Standby],
    gates: Sequence[Gate],
    given: Conditions,
    within_minutes: float,
    stop_seconds: float = 5.0,
) -> Coverage:
    """A proposal for the vehicles that are idle, on duty, complete and not stale; the others cover nothing. Takes at
    most about three times `stop_seconds`."""
    idle = [one for one in vehicles if _is_idle(one, given)]
    points = np.array([(gate.lat, gate.lon) for gate in gates], dtype=np.float64).reshape(-1, 2)
    stands = np.array([(one.lat, one.lon) for one in idle], dtype=np.float64).reshape(-1, 2)
    to_gates = given.router.travel(np.vstack([stands, points]), points, given.now, given.is_raining)
    drive, between = to_gates.seconds[: len(idle)], to_gates.seconds[len(idle) :]
    weight = np.array([gate.examinees for gate in gates], dtype=np.float64)
    problem = _Problem(drive, drive <= within_minutes * 60, between <= within_minutes * 60, weight)
    before = _covered(problem, {})
    moves, bound = _solve(problem, before, stop_seconds)
    after = _covered(problem, moves)
    total = float(weight.sum()) or 1.0
    left = [PassedOver(gates[i].id, _why(problem, i)) for i in np.flatnonzero(~after).tolist()]
    return Coverage(
        tuple(_explain(problem, moves, v, idle, gates) for v in sorted(moves)),
        float(weight @ before) / total, float(weight @ after) / total, bound / total,
        tuple(left), to_gates.source, to_gates.note,
    )  # fmt: skip


def _solve(problem: _Problem, before: Flags, stop_seconds: float) -> tuple[Moves, float]:
    """Moves (vehicle to gate) and the most examinees that any plan covers."""
    total = float(problem.weight.sum())
    if before.all() or not len(problem.drive):
        return {}, float(problem.weight @ before)
    if problem.drive.size <= EXACT_PAIRS:
        solved = _exactly(problem, stop_seconds)
        if solved is not None:
            return solved, float(problem.weight @ _covered(problem, solved))
    moves = _step_by_step(problem)
    reached = float(problem.weight @ _covered(problem, moves))
    return moves, reached if reached == total else max(reached, _bound(problem, stop_seconds))


def _exactly(problem: _Problem, stop_seconds: float) -> Moves | None:
    """The most covered, then the least driven, both proven; None when the time is not enough."""
    cars, places = np.nonzero(problem.drive <= MOVE_SECONDS)
    count, gates = problem.drive.shape
    cover = hstack([csr_array(problem.here.T, dtype=np.float64), csr_array(problem.there[places].T, dtype=np.float64)])
    ones = coo_array((np.ones(len(cars)), (cars, np.arange(len(cars)))), shape=(count, len(cars)))
    choose = hstack([eye_array(count), ones, csr_array((count, gates))])
    reached = hstack([-cover, eye_array(gates)])
    drive = np.concatenate([np.zeros(count), problem.drive[cars, places], np.zeros(gates)])
    gain = np.concatenate([np.zeros(count + len(cars)), problem.weight])
    whole = np.concatenate([np.ones(count + len(cars)), np.zeros(gates)])
    rules = [LinearConstraint(choose, 1, 1), LinearConstraint(reached, -np.inf, 0)]
    options = {"time_limit": stop_seconds, "mip_rel_gap": 0.0}
    most = milp(-gain, integrality=whole, bounds=Bounds(0, 1), constraints=rules, options=options)
    if most.status != 0:
        return None
    rules.append(LinearConstraint(gain[None], -most.fun - 0.5, np.inf))
    least = milp(drive, integrality=whole, bounds=Bounds(0, 1), constraints=rules, options=options)
    if least.status != 0:
        return None
    taken = np.flatnonzero(least.x[count : count + len(cars)] > 0.5)
    return {int(cars[k]): int(places[k]) for k in taken}


def _step_by_step(problem: _Problem) -> Moves:
    """The move that gains most examinees, of equals the shortest, again and again."""
    moves: Moves = {}
    weighed = problem.there * problem.weight
    near = problem.drive <= MOVE_SECONDS
    standing = problem.here.copy()
    while True:
        counts = standing.sum(axis=0)
        only = standing & (counts == 1)
        gain = (only | (counts == 0)).astype(np.float64) @ weighed.T - (only @ problem.weight)[:, None]
        gain[~near] = -np.inf
        gain[list(moves)] = -np.inf
        best = gain.max()
        if best <= 0:
            return moves
        equal = np.where(gain == best, problem.drive, np.inf)
        vehicle, gate = (int(k) for k in np.unravel_index(equal.argmin(), equal.shape))
        moves[vehicle] = gate
        standing[vehicle] = problem.there[gate]


def _bound(problem: _Problem, stop_seconds: float) -> float:
    """The most that is covered when vehicles may be split and stand anywhere within their reach."""
    count, gates = problem.drive.shape
    may = (problem.drive <= MOVE_SECONDS).any(axis=0)
    cover = hstack([csr_array(problem.here.T, dtype=np.float64), csr_array(problem.there.T, dtype=np.float64)])
    rows = vstack([
        hstack([-cover, eye_array(gates)]), csr_array(np.r_[np.ones(count + gates), np.zeros(gates)][None]),
    ])  # fmt: skip
    most = np.r_[np.ones(count), may * float(count), np.ones(gates)]
    gain = np.r_[np.zeros(count + gates), -problem.weight]
    solved = linprog(
        gain, A_ub=rows, b_ub=np.r_[np.zeros(gates), count], bounds=np.stack([np.zeros_like(most), most], axis=1),
        options={"time_limit": stop_seconds},
    )  # fmt: skip
    return float(-solved.fun) if solved.status == 0 else float(problem.weight.sum())


def _covered(problem: _Problem, moves: Moves) -> Flags:
    """Which gates are reached in time once the moves are made."""
    stay = np.setdiff1d(np.arange(len(problem.drive)), list(moves))
    reached: Flags = problem.here[stay].any(axis=0) | problem.there[list(moves.values())].any(axis=0)
    return reached


def _explain(problem: _Problem, moves: Moves, vehicle: int, idle: Sequence[Standby], gates: Sequence[Gate]) -> Move:
    """What would be uncovered without this move."""
    rest = {v: gate for v, gate in moves.items() if v != vehicle}
    gained = np.flatnonzero(_covered(problem, moves) & ~_covered(problem, rest))
    place = moves[vehicle]
    why = Reason("covers", {"count": len(gained), "examinees": int(problem.weight[gained].sum())})
    return Move(idle[vehicle].id, gates[place].id, round(float(problem.drive[vehicle, place])), why)


def _why(problem: _Problem, gate: int) -> Reason:
    """Why a gate stays uncovered."""
    places = problem.there[:, gate]
    is_near = len(problem.drive) and bool((problem.drive[:, places] <= MOVE_SECONDS).any())
    return Reason("too_few") if is_near else Reason("too_far", {"minutes": MOVE_SECONDS // 60})


def _is_idle(vehicle: Standby, given: Conditions) -> bool:
    is_free = vehicle.free_at <= given.now and (vehicle.blocked_from is None or vehicle.blocked_from > given.now)
    return is_free and vehicle.is_file_complete and is_on_duty(vehicle, given.now) and not is_stale(vehicle, given.now)
