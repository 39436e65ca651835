"""The best roster of a part, proven, by integer programming (HiGHS in SciPy), while the rest of the roster stays."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from stations.shifts.optimizer.cliques import covering
from stations.shifts.optimizer.costs import burden_of, overlong
from stations.shifts.optimizer.pairs import Flags, Numbers, Places
from stations.shifts.optimizer.problem import Problem
from stations.shifts.optimizer.rows import ALONE, BANDS, GREEN

# Stretches of three shifts and more are forbidden when they turn up; they are rare.
MOST_CUTS = 6


@dataclass(frozen=True, slots=True)
class Effort:
    """When to stop: seconds, branches (the same on every machine), and the gap to the bound that is close enough."""

    seconds: float = 10.0
    nodes: int = 10_000
    gap: float = 1e-6


@dataclass(frozen=True, slots=True)
class Solved:
    """The pairs chosen among those given, and by how much no other choice among them can cost less."""

    chosen: Places
    slack: float


class _Rows:
    """Rows of a sparse matrix, in blocks."""

    def __init__(self) -> None:
        self.count = 0
        self.parts: list[tuple[Places, Places, Numbers]] = []
        self.low: list[Numbers] = []
        self.high: list[Numbers] = []

    def add(self, rows: Places, columns: Places, values: Numbers, low: Numbers, high: Numbers) -> None:
        """A block of len(low) rows; `rows` counts from its first."""
        self.parts.append((rows + self.count, columns, values))
        self.low.append(low)
        self.high.append(high)
        self.count += len(low)

    def at_most(self, keys: Places, columns: Places, values: Numbers, high: Numbers | float, *, least: int = 1) -> None:
        """Rows of the entries with the same key; `high` is by key, or one for all. Rows of fewer than `least` entries
        are left out."""
        names, row, counts = np.unique(keys, return_inverse=True, return_counts=True)
        keep = counts >= least
        place = np.cumsum(keep) - 1
        entries = keep[row]
        top = np.full(len(names), high) if np.isscalar(high) else np.asarray(high)[names]
        kept = top[keep].astype(float)
        self.add(place[row[entries]], columns[entries], values[entries], np.full(len(kept), -np.inf), kept)

    def constraint(self, width: int) -> LinearConstraint:
        """All rows over `width` columns."""
        row, column, value = (np.concatenate(part) for part in zip(*self.parts, strict=True))
        matrix = csr_array((value, (row, column)), shape=(self.count, width))
        return LinearConstraint(matrix, np.concatenate(self.low), np.concatenate(self.high))


class _Model:
    """Columns: the pairs, the empty places, the burden in each band, shifts without experience, companions who meet."""

    def __init__(self, problem: Problem, pairs: Places, held: Places, cliques: list[Places] | None) -> None:
        self.problem, self.pairs, self.held = problem, pairs, held
        self.who, self.need = problem.who[pairs], problem.need[pairs]
        self.shift = problem.work[self.need]
        self.rows = _Rows()
        self.cost: list[Numbers] = [problem.cost[pairs]]
        self.high: list[Numbers] = [np.ones(len(pairs))]
        self.width = len(pairs)
        self._places()
        self._one_at_a_time(cliques)
        self._minutes()
        self._burden()
        self._experience()
        self._companions()

    def columns(self, cost: Numbers, high: Numbers) -> Places:
        """New columns from 0 to `high`."""
        self.cost.append(cost)
        self.high.append(high)
        self.width += len(cost)
        return np.arange(self.width - len(cost), self.width)

    def _places(self) -> None:
        problem = self.problem
        needs, row = np.unique(self.need, return_inverse=True)
        left = (problem.free - np.bincount(problem.need[self.held], minlength=len(problem.free)))[needs]
        empty = self.columns(problem.empty[needs], left)
        row, column = np.r_[row, np.arange(len(needs))], np.r_[np.arange(len(self.pairs)), empty]
        self.rows.add(row, column, np.ones(len(row)), left, left)

    def _one_at_a_time(self, cliques: list[Places] | None) -> None:
        shifts, place = np.unique(self.shift, return_inverse=True)
        sets = covering(self.problem.conflict[np.ix_(shifts, shifts)]) if cliques is None else cliques
        member = np.zeros((len(shifts), len(sets)), bool)
        for k, each in enumerate(sets):
            member[each, k] = True
        entry, clique = np.nonzero(member[place])
        key = self.who[entry] * len(sets) + clique
        self.rows.at_most(key, entry, np.ones(len(entry)), 1.0, least=2)

    def _minutes(self) -> None:
        problem, works = self.problem, self.problem.works
        days = len(works.days)
        key = self.who * days + works.day[self.shift]
        held_shift = problem.work[problem.need[self.held]]
        held_key = problem.who[self.held] * days + works.day[held_shift]
        for left, counts in ((problem.day_left, np.ones(len(works))), (problem.hot_left, works.is_hot)):
            minutes = works.minutes * counts
            rest = left.ravel() - np.bincount(held_key, minutes[held_shift], left.size)
            most = np.bincount(key, minutes[self.shift], left.size)
            tight = np.flatnonzero((most[key] > rest[key]) & (minutes[self.shift] > 0))
            self.rows.at_most(key[tight], tight, minutes[self.shift][tight], rest)

    def _burden(self) -> None:
        problem = self.problem
        people, row = np.unique(self.who, return_inverse=True)
        before = burden_of(problem, self.held)[people] / 60
        edges = [share * problem.fair / 60 for share, _slope in BANDS] + [np.inf]
        above = []
        for (_share, slope), low, high in zip(BANDS, edges[:-1], edges[1:], strict=True):
            width = np.maximum(high - np.maximum(before, low), 0)
            above.append(self.columns(np.full(len(people), slope), width))
        column = np.r_[np.arange(len(self.pairs)), *above]
        value = np.r_[problem.burden[self.shift] / 60, np.full(len(people) * len(BANDS), -1.0)]
        room = np.maximum(edges[0] - before, 0)
        row = np.r_[row, np.tile(np.arange(len(people)), len(BANDS))]
        self.rows.add(row, column, value, np.full(len(people), -np.inf), room)

    def _experience(self) -> None:
        problem = self.problem
        held = self.held[problem.is_experienced[problem.who[self.held]]]
        is_green = problem.is_green.copy()
        is_green[problem.work[problem.need[held]]] = False
        shifts = np.unique(self.shift)
        shifts = shifts[is_green[shifts]]
        if not len(shifts):
            return
        green = self.columns(np.full(len(shifts), GREEN), np.ones(len(shifts)))
        mine = np.flatnonzero(is_green[self.shift] & problem.is_experienced[self.who])
        row = np.r_[np.searchsorted(shifts, self.shift[mine]), np.arange(len(shifts))]
        column = np.r_[mine, green]
        self.rows.add(row, column, np.ones(len(row)), np.ones(len(shifts)), np.full(len(shifts), np.inf))

    def _companions(self) -> None:
        problem = self.problem
        if not problem.apart and not problem.together:
            return
        mine: dict[tuple[int, int], list[int]] = {}
        for place, key in enumerate(zip(self.who.tolist(), self.shift.tolist(), strict=True)):
            mine.setdefault(key, []).append(place)
        held = set(zip(problem.who[self.held].tolist(), problem.work[problem.need[self.held]].tolist(), strict=True))
        shifts = sorted({s for _v, s in mine})
        for v, w in problem.apart:
            for s in shifts:
                self._apart(mine.get((v, s), []), mine.get((w, s), []), (v, s) in held, (w, s) in held)
        for v, w in problem.together:
            for s in shifts:
                self._meet(mine.get((v, s), []), mine.get((w, s), []), (v, s) in held, (w, s) in held)

    def _apart(self, one: list[int], other: list[int], has_one: bool, has_other: bool) -> None:
        most = 1.0 - has_one - has_other
        if (one and other) or (most < 1 and (one or other)):
            self._row([*one, *other], np.ones(len(one) + len(other)), max(most, 0.0))

    def _meet(self, one: list[int], other: list[int], has_one: bool, has_other: bool) -> None:
        """A column that saves what both would cost alone; not above either's sum."""
        if not (one or has_one) or not (other or has_other) or not (one or other):
            return
        (meets,) = self.columns(np.array([-2 * ALONE]), np.ones(1)).tolist()
        for part, has in ((one, has_one), (other, has_other)):
            if not has:
                self._row([meets, *part], np.r_[1.0, -np.ones(len(part))], 0.0)

    def _row(self, columns: list[int], values: Numbers, high: float) -> None:
        self.rows.add(
            np.zeros(len(columns), np.intp), np.array(columns, np.intp), values, np.array([-np.inf]), np.array([high])
        )

    def forbid(self, pairs: list[int]) -> None:
        """Not all of these together; those held count as chosen."""
        mine = np.flatnonzero(np.isin(self.pairs, pairs)).tolist()
        self._row(mine, np.ones(len(mine)), len(mine) - 1.0)

    def at_most_changed(self, most: int) -> None:
        """No more volunteers than that get or lose anything, against what was proposed before."""
        kept = np.isin(self.pairs, self.problem.kept)
        people, row = np.unique(self.who, return_inverse=True)
        changed = self.columns(np.zeros(len(people)), np.ones(len(people)))
        entries = np.arange(len(self.pairs))
        sign = np.where(kept, -1.0, 1.0)
        column = np.r_[entries, changed[row]]
        limit = np.where(kept, -1.0, 0.0)
        self.rows.add(np.r_[entries, entries], column, np.r_[sign, -np.ones(len(entries))],
                      np.full(len(entries), -np.inf), limit)  # fmt: skip
        self._row(changed.tolist(), np.ones(len(changed)), float(most))

    def solve(self, effort: Effort) -> tuple[Flags | None, float]:
        """Which pairs are chosen (None when none was found in time), and what could be saved at most."""
        whole = np.zeros(self.width)
        whole[: len(self.pairs)] = 1
        solved = milp(
            np.concatenate(self.cost), integrality=whole, bounds=Bounds(0, np.concatenate(self.high)),
            constraints=self.rows.constraint(self.width),
            options={"time_limit": max(effort.seconds, 0.01), "node_limit": effort.nodes, "mip_rel_gap": effort.gap},
        )  # fmt: skip
        if solved.x is None:
            return None, np.inf
        bound = -np.inf if solved.mip_dual_bound is None else float(solved.mip_dual_bound)
        return solved.x[: len(self.pairs)] > 0.5, max(float(solved.fun) - bound, 0.0)


def solve(
    problem: Problem, pairs: Places, held: Places, effort: Effort, *, most_changed: int | None = None,
    cliques: list[Places] | None = None,
) -> Solved | None:  # fmt: skip
    """The best choice among `pairs`, none of which conflicts with those `held`; None when time ran out before any."""
    if not len(pairs):
        return Solved(pairs, 0.0)
    model = _Model(problem, pairs, held, cliques)
    if most_changed is not None:
        model.at_most_changed(most_changed)
    for _cut in range(MOST_CUTS):
        taken, slack = model.solve(effort)
        if taken is None:
            return None
        chosen = pairs[taken]
        bad = overlong(problem, np.sort(np.r_[held, chosen]))
        if not bad:
            return Solved(chosen, slack)
        for each in bad:
            model.forbid(each)
    return None
