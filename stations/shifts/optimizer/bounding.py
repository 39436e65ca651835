"""What no roster can cost less than: prices on the places, raised and lowered until they pay best (Lagrangian duality).

Each need gets a price for a place filled, each shift one for somebody experienced, each volunteer one for an hour of
burden. For given prices the volunteers part company: in every set of shifts of which one can be held each takes the
cheapest or none. What that costs is a bound for ANY prices, over ALL pairs, and the best prices give the bound of the
linear programme. Prices are found by the subgradient method with Polyak's step (M. Held, P. Wolfe, H. P. Crowder,
Validation of subgradient optimization, 1974), for a number of rounds, so that the same comes out everywhere.
"""

from dataclasses import dataclass
from time import monotonic

import numpy as np

from stations.shifts.optimizer.cliques import partition
from stations.shifts.optimizer.costs import unfairness
from stations.shifts.optimizer.pairs import Numbers, Places
from stations.shifts.optimizer.problem import Problem
from stations.shifts.optimizer.rows import BANDS, GREEN

DAMPING = 0.8
PATIENCE = 12
LEAST_STEP = 0.002


@dataclass(frozen=True, slots=True)
class Prices:
    """The bound, and of each pair by how much at least a roster with it costs more than the bound."""

    bound: float
    extra: Numbers


class _Dual:
    """The pairs by volunteer and set of shifts, and what they cost at given prices."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        slots = partition(problem.conflict)[problem.shift]
        self.order = np.lexsort((slots, problem.who))
        self.who, self.need = problem.who[self.order], problem.need[self.order]
        self.shift = problem.work[self.need]
        key = self.who * (int(slots.max(initial=0)) + 1) + slots[self.order]
        self.starts = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
        self.segment = np.repeat(np.arange(len(self.starts)), np.diff(np.r_[self.starts, len(key)]))
        self.cost = (problem.cost - problem.alone)[self.order]
        self.hours = problem.burden[self.shift] / 60
        self.is_experienced = problem.is_experienced[self.who] & problem.is_green[self.shift]
        edges = [problem.before, *(np.maximum(problem.before, share * problem.fair) for share, _slope in BANDS)]
        self.edges = (np.stack(edges) - problem.before) / 60
        self.unfair = np.stack([unfairness(problem, edge) for edge in edges])

    def reduced(self, place: Numbers, lead: Numbers, hour: Numbers) -> Numbers:
        """What each pair costs once its prices are paid."""
        found = self.cost - place[self.need] + hour[self.who] * self.hours
        found[self.is_experienced] -= lead[self.shift[self.is_experienced]]
        return found

    def picks(self, reduced: Numbers, least: Numbers) -> Places:
        """The cheapest pair of each segment that is worth it."""
        worth = np.flatnonzero((reduced == least[self.segment]) & (reduced < 0))
        return worth[np.unique(self.segment[worth], return_index=True)[1]]


def price(problem: Problem, best: float, rounds: int, until: float) -> Prices:
    """The best bound in so many rounds, or until `until` (monotonic seconds); `best` is what a known roster costs."""
    dual = _Dual(problem)
    if not len(dual.who):
        return Prices(best, np.zeros(0))
    place = _first_prices(problem)
    lead, hour = np.where(problem.is_green, GREEN / 2, 0.0), np.zeros(len(problem.before))
    kept = (place, lead, hour)
    bound, step, idle = -np.inf, 1.0, 0
    moves = [np.zeros(len(place)), np.zeros(len(lead)), np.zeros(len(hour))]
    for _round in range(rounds):
        value, slopes = _evaluate(dual, place, lead, hour)
        idle = 0 if value > bound + 1e-4 * abs(bound) else idle + 1
        if value > bound:
            bound, kept = value, (place, lead, hour)
        if idle >= PATIENCE:
            step, idle = step / 2, 0
            place, lead, hour = kept
        if step < LEAST_STEP or best - bound < 1e-6 or monotonic() > until:
            break
        moves = [slope + DAMPING * move for slope, move in zip(slopes, moves, strict=True)]
        size = step * (best - value) / max(sum(float((move**2).sum()) for move in moves), 1e-9)
        place = np.clip(place + size * moves[0], 0, problem.empty)
        lead = np.where(problem.is_green, np.clip(lead + size * moves[1], 0, GREEN), 0)
        hour = np.clip(hour + size * moves[2], 0, BANDS[-1][1])
    return Prices(bound, _extra(dual, *kept))


def _first_prices(problem: Problem) -> Numbers:
    """About what a place costs: the mean of its pairs' costs."""
    count = np.bincount(problem.need, minlength=len(problem.free))
    mean = np.bincount(problem.need, problem.cost, len(problem.free)) / np.maximum(count, 1)
    return np.where(count > 0, np.minimum(mean, problem.empty), problem.empty)


def _evaluate(dual: _Dual, place: Numbers, lead: Numbers, hour: Numbers) -> tuple[float, tuple[Numbers, ...]]:
    """The bound at these prices, and in which direction each would raise it."""
    problem = dual.problem
    reduced = dual.reduced(place, lead, hour)
    least = np.minimum.reduceat(reduced, dual.starts)
    held = dual.unfair - hour * dual.edges
    at = held.argmin(axis=0)
    everyone = np.arange(len(at))
    value = problem.constant + (place * problem.free).sum() + lead.sum() + np.minimum(least, 0).sum()
    value += held[at, everyone].sum()
    taken = dual.picks(reduced, least)
    seated = np.bincount(dual.need[taken], minlength=len(place))
    led = np.bincount(dual.shift[taken], dual.is_experienced[taken], len(lead))
    worked = np.bincount(dual.who[taken], dual.hours[taken], len(hour))
    slopes = (problem.free - seated, np.where(problem.is_green, 1.0 - led, 0.0), worked - dual.edges[at, everyone])
    return float(value), slopes


def _extra(dual: _Dual, place: Numbers, lead: Numbers, hour: Numbers) -> Numbers:
    reduced = dual.reduced(place, lead, hour)
    least = np.minimum(np.minimum.reduceat(reduced, dual.starts), 0)
    extra = np.empty(len(reduced))
    extra[dual.order] = reduced - least[dual.segment]
    return extra
