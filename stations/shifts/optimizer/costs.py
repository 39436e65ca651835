"""What a roster costs, whether it holds the rules that bind several places at once, and how hours are shared."""

from collections.abc import Iterable, Sequence

import numpy as np

from stations.shifts.optimizer.pairs import Flags, Numbers, Places
from stations.shifts.optimizer.problem import Problem
from stations.shifts.optimizer.rows import ALONE, BANDS, GREEN
from stations.shifts.rules.hours import stretch_minutes, stretch_of


def unfairness(problem: Problem, burden: Numbers) -> Numbers:
    """What each volunteer's burden (minutes) costs; convex, 0 up to the fair share."""
    cost, slope = np.zeros(len(burden)), 0.0
    for shares, steeper in BANDS:
        cost += (steeper - slope) * np.maximum(burden - shares * problem.fair, 0) / 60
        slope = steeper
    return cost


def burden_of(problem: Problem, chosen: Places) -> Numbers:
    """Burden of each volunteer in minutes, what was before included."""
    more = problem.burden[problem.work[problem.need[chosen]]]
    return problem.before + np.bincount(problem.who[chosen], more, len(problem.before))


def empty_places(problem: Problem, chosen: Places) -> Numbers:
    """Places that stay empty, by need."""
    return problem.free - np.bincount(problem.need[chosen], minlength=len(problem.free))


def cost_of(problem: Problem, chosen: Places) -> float:
    """The objective of a roster that is given as pairs."""
    shift, who = problem.work[problem.need[chosen]], problem.who[chosen]
    led = np.zeros(len(problem.is_green), bool)
    led[shift[problem.is_experienced[who]]] = True
    cost = problem.constant + problem.cost[chosen].sum()
    cost += (empty_places(problem, chosen) * problem.empty).sum()
    cost += unfairness(problem, burden_of(problem, chosen)).sum()
    cost += GREEN * (problem.is_green & ~led).sum()
    return float(cost - 2 * ALONE * _meetings(problem, shift, who))


def _meetings(problem: Problem, shift: Places, who: Places) -> int:
    if not problem.together:
        return 0
    at = _shifts_by(who, shift)
    return sum(len(at.get(v, set()) & at.get(w, set())) for v, w in problem.together)


def _shifts_by(who: Places, shift: Places) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for v, s in zip(who.tolist(), shift.tolist(), strict=True):
        found.setdefault(v, set()).add(s)
    return found


def overlong(problem: Problem, chosen: Places) -> list[list[int]]:
    """Sets of pairs of one volunteer that no two of them forbid but that make too long a stretch together."""
    shift, who = problem.work[problem.need[chosen]], problem.who[chosen]
    several = np.flatnonzero(np.bincount(who, minlength=len(problem.before)) + _fixed(problem, who) >= 3)
    found = []
    for v in several.tolist():
        mine = chosen[who == v]
        if bad := _stretched(problem, [int(s) for s in shift[who == v]], problem.fixed[v]):
            found.append([int(pair) for pair in mine if int(problem.work[problem.need[pair]]) in bad])
    return found


def _fixed(problem: Problem, who: Places) -> Numbers:
    counts = np.zeros(len(problem.before))
    for v in np.unique(who).tolist():
        counts[v] = len(problem.fixed[v])
    return counts


def _stretched(problem: Problem, shifts: Sequence[int], fixed: Iterable[int]) -> set[int]:
    """The shifts that make the first stretch that is too long."""
    works, limits = problem.works, problem.given.limits
    every = [*shifts, *fixed]
    for s in shifts:
        others = [works.rows[t] for t in every if t != s]
        joined = stretch_of(works.rows[s], others, limits)
        members = [t for t in every if works.rows[t] in joined]
        if stretch_minutes(joined) > works.stretch[members].min():
            return set(members)
    return set()


class Hold:
    """A roster that grows pair by pair and knows what each volunteer may still take."""

    def __init__(self, problem: Problem, taken: Places | None = None) -> None:
        self.problem, self.taken = problem, list[int]()
        self.blocked = np.zeros((len(problem.before), len(problem.works)), bool)
        self.day_left, self.hot_left = problem.day_left.copy(), problem.hot_left.copy()
        self.free, self.burden = problem.free.copy(), problem.before.copy()
        self.mine: dict[int, list[int]] = {}
        self.apart: dict[int, list[int]] = {}
        for v, w in problem.apart:
            self.apart.setdefault(v, []).append(w)
            self.apart.setdefault(w, []).append(v)
        for pair in () if taken is None else taken.tolist():
            self.take(pair)

    def may(self, pairs: Places) -> Flags:
        """Which pairs could be added, each by itself; long stretches are looked at by `joins`."""
        who, need = self.problem.who[pairs], self.problem.need[pairs]
        shift, works = self.problem.work[need], self.problem.works
        good = (self.free[need] > 0) & ~self.blocked[who, shift]
        good &= works.minutes[shift] <= self.day_left[who, works.day[shift]]
        return np.asarray(
            good & (~works.is_hot[shift] | (works.minutes[shift] <= self.hot_left[who, works.day[shift]]))
        )

    def joins(self, pair: int) -> bool:
        """Whether one that `may` be added makes no stretch too long."""
        v, s = self._of(pair)
        near = [*self.mine.get(v, ()), *self.problem.fixed[v]]
        is_single = len(near) < 2 or not (self.problem.works.day[near] == self.problem.works.day[s]).any()
        return not self.blocked[v, s] and (is_single or not _stretched(self.problem, [*near, s], ()))

    def take(self, pair: int) -> None:
        """Add it."""
        v, s = self._of(pair)
        works, day = self.problem.works, self.problem.works.day[s]
        self.taken.append(pair)
        self.mine.setdefault(v, []).append(s)
        self.blocked[v] |= self.problem.conflict[s]
        self.blocked[self.apart.get(v, []), s] = True
        self.day_left[v, day] -= works.minutes[s]
        self.hot_left[v, day] -= works.minutes[s] * works.is_hot[s]
        self.burden[v] += self.problem.burden[s]
        self.free[self.problem.need[pair]] -= 1

    def _of(self, pair: int) -> tuple[int, int]:
        return int(self.problem.who[pair]), int(self.problem.work[self.problem.need[pair]])
