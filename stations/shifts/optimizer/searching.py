"""A better roster from a good one: shifts near one another are emptied and filled again in the best way, over and over.

Large-neighbourhood search (P. Shaw, Using constraint programming and local search methods to solve vehicle routing
problems, 1998) whose neighbourhoods are solved exactly. The prices of the bound say where most is to be gained and
which volunteers are worth a look; the bound itself leaves nobody out."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

import numpy as np
from scipy.sparse import csr_array

from stations.shifts.optimizer.bounding import Prices
from stations.shifts.optimizer.costs import cost_of, empty_places
from stations.shifts.optimizer.exact import Effort, solve
from stations.shifts.optimizer.pairs import Flags, Numbers, Places
from stations.shifts.optimizer.problem import Problem

REGION_SHIFTS = 60
WORTH_A_LOOK = 24
# Kilometres between stations for which an hour counts: all days of few stations, or one turn of many.
HOURS_IN_KM = (0.0, 0.2, 3.0)
# Rounds in vain after which no more is to be expected: each shift has been looked at several times.
LEAST_IN_VAIN, SHIFTS_PER_ROUND_IN_VAIN = 4, 10
MOST_TIRED = 8
REGION_EFFORT = Effort(seconds=20.0, nodes=60, gap=1e-3)


@dataclass(frozen=True, slots=True)
class Found:
    """A roster, what it costs, and the rounds that it took."""

    chosen: Places
    cost: float
    rounds: int


def search(
    problem: Problem, chosen: Places, prices: Prices, *, seed: int, rounds: int, until: float,
    told: Callable[[int, float], bool],
) -> Found:  # fmt: skip
    """Go on for so many rounds, until `until` (monotonic seconds), until the bound is reached, until many rounds
    were in vain, or until the one who is told after each round (how many, and the cost) answers True."""
    rng = np.random.default_rng(seed)
    cost, tired, vain = cost_of(problem, chosen), np.zeros(len(problem.works)), 0
    most_vain = LEAST_IN_VAIN + len(problem.works) // SHIFTS_PER_ROUND_IN_VAIN
    for done in range(rounds):
        if monotonic() >= until or cost <= prices.bound * 1.0001 or vain > most_vain:
            return Found(chosen, cost, done)
        region = _region(problem, chosen, prices, tired, rng)
        better = _refill(problem, chosen, prices.extra, region, until)
        after = cost if better is None else cost_of(problem, better)
        tired[region], vain = tired[region] + 1, vain + 1
        if better is not None and after < cost - 1e-6:
            chosen, cost = better, after
            tired[region], vain = 0, 0
        if told(done + 1, cost):
            return Found(chosen, cost, done + 1)
    return Found(chosen, cost, rounds)


def _region(problem: Problem, chosen: Places, prices: Prices, tired: Numbers, rng: np.random.Generator) -> Places:
    """Shifts round one at which much is to be gained, those seen lately in vain last."""
    works = problem.works
    gain = np.bincount(problem.shift[chosen], prices.extra[chosen], len(works))
    empty = empty_places(problem, chosen)
    gain += np.bincount(problem.work, empty * problem.empty, len(works))
    weight = (gain + 1) / 4.0 ** np.minimum(tired, MOST_TIRED)
    weight[np.setdiff1d(np.arange(len(works)), problem.work)] = 0
    first = int(rng.choice(len(works), p=weight / weight.sum()))
    km = np.linalg.norm(works.spots - works.spots[first], axis=1) / 1000
    hours = np.abs(works.starts - works.starts[first]) / 60
    near = km + float(rng.choice(HOURS_IN_KM)) * hours + rng.random(len(works))
    return np.sort(np.argsort(near, kind="stable")[:REGION_SHIFTS])


def _refill(problem: Problem, chosen: Places, extra: Numbers, region: Places, until: float) -> Places | None:
    """The roster with the region filled in the best way; None when time ran out."""
    inside = np.isin(problem.shift[chosen], region)
    held, emptied = chosen[~inside], chosen[inside]
    pairs = np.flatnonzero(np.isin(problem.shift, region))
    pairs = pairs[possible(problem, pairs, held)]
    pairs = np.union1d(cheapest(problem, pairs, extra), emptied)
    effort = Effort(min(REGION_EFFORT.seconds, until - monotonic()), REGION_EFFORT.nodes, REGION_EFFORT.gap)
    solved = solve(problem, pairs, held, effort)
    return None if solved is None else np.sort(np.r_[held, solved.chosen])


def possible(problem: Problem, pairs: Places, held: Places) -> Flags:
    """Which pairs go together with those held, volunteer by volunteer."""
    who, shift, works = problem.who[pairs], problem.shift[pairs], problem.works
    held_who, held_shift = problem.who[held], problem.shift[held]
    shifts, place = np.unique(shift, return_inverse=True)
    size = (len(problem.before), len(works))
    posted = csr_array((np.ones(len(held), np.float32), (held_who, held_shift)), shape=size)
    clashes = posted @ problem.conflict[:, shifts].astype(np.float32)
    good = clashes[who, place] == 0
    day = works.day[shift]
    for left, counts in ((problem.day_left, np.ones(len(works))), (problem.hot_left, works.is_hot)):
        minutes = works.minutes * counts
        rest = left.copy()
        np.subtract.at(rest, (held_who, works.day[held_shift]), minutes[held_shift])
        good &= minutes[shift] <= np.where(minutes[shift] > 0, rest[who, day], np.inf)
    return np.asarray(good)


def cheapest(problem: Problem, pairs: Places, extra: Numbers) -> Places:
    """Of each need the pairs of the least `extra`, a number for each pair."""
    order = np.lexsort((extra[pairs], problem.need[pairs]))
    need = problem.need[pairs[order]]
    starts = np.flatnonzero(np.r_[True, need[1:] != need[:-1]]) if len(need) else np.zeros(0, np.intp)
    rank = np.arange(len(need)) - np.repeat(starts, np.diff(np.r_[starts, len(need)]))
    most = WORTH_A_LOOK + 4 * problem.free[need]
    return np.asarray(pairs[order[rank < most]])
