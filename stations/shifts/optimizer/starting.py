"""A roster to begin with: one assignment (Hungarian method) for each time at which shifts begin, in order of time."""

import numpy as np
from scipy.optimize import linear_sum_assignment

from stations.shifts.optimizer.costs import Hold, unfairness
from stations.shifts.optimizer.pairs import Numbers, Places
from stations.shifts.optimizer.problem import Problem

NEVER = 1e7


def start(problem: Problem, extra: Numbers | None = None, kept: Places | None = None) -> Places:
    """Pairs of a roster that breaks no rule. With `extra`, what each pair costs more by the prices of all others, the
    assignments look beyond their own time; those `kept` come first."""
    hold = Hold(problem)
    for pair in () if kept is None else kept.tolist():
        if hold.may(np.array([pair]))[0] and hold.joins(pair):
            hold.take(pair)
    begins = problem.works.starts[problem.shift]
    for moment in np.unique(begins).tolist():
        pairs = np.flatnonzero(begins == moment)
        for pair in _assign(problem, pairs[hold.may(pairs)], hold.burden, extra):
            if hold.joins(pair):
                hold.take(pair)
    return np.array(sorted(hold.taken), np.intp)


def _assign(problem: Problem, pairs: Places, burden: Numbers, extra: Numbers | None) -> list[int]:
    """The cheapest assignment of volunteers to the places of shifts that begin together."""
    if not len(pairs):
        return []
    who, need = problem.who[pairs], problem.need[pairs]
    people, row = np.unique(who, return_inverse=True)
    needs, column = np.unique(need, return_inverse=True)
    if extra is None:
        after = burden[who] + problem.burden[problem.work[need]]
        paid = problem.cost[pairs] + unfairness(problem, after) - unfairness(problem, burden[who])
    else:
        paid = extra[pairs]
    cost = np.full((len(people), len(needs)), NEVER)
    cost[row, column] = paid - problem.empty[need]
    at = np.full((len(people), len(needs)), -1)
    at[row, column] = pairs
    places = np.repeat(np.arange(len(needs)), problem.free[needs].astype(int))
    rows, columns = linear_sum_assignment(np.minimum(cost[:, places], 0))
    chosen = at[rows, places[columns]]
    is_worth = cost[rows, places[columns]] < 0
    return [int(pair) for pair in chosen[is_worth]]
