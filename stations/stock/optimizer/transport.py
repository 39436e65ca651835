"""The transport problem: goods from sources to targets at the least distance in all, with its proof.

A linear program whose corners are whole numbers, over few arcs at first; its prices then tell which of all arcs would
help (L. R. Ford and D. R. Fulkerson, A suggested computation for maximal multi-commodity network flows, 1958). Prices
that no arc undercuts prove the plan: its cost equals a lower bound, compared in whole numbers.
"""

import time
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array

NEAREST = 6  # arcs that a source and a target begin with
FORBIDDEN = 10**9  # metres; dearer than any chain of ways round the Earth that it could replace

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Problem:
    """Cases by source; by target those it gets for certain and those it may get, of which `short` are not there; metres
    from each source to each target."""

    supply: Whole
    sure: Whole
    perhaps: Whole
    short: int
    metres: Whole


@dataclass(frozen=True, slots=True)
class Flow:
    """Cases from each source to each target."""

    cases: Whole
    cost: int
    bound: int


def solve(problem: Problem, stop_at: float) -> Flow:
    """The cheapest flow, or the best known when the time is over. A last source, to which nothing is far, stands for
    what is short; it may only serve the class that is covered in part."""
    columns = np.concatenate([np.flatnonzero(problem.sure), np.flatnonzero(problem.perhaps)])
    demand = np.concatenate([problem.sure[problem.sure > 0], problem.perhaps[problem.perhaps > 0]])
    moved = np.zeros_like(problem.metres)
    if not len(problem.supply) or not len(columns):
        return Flow(moved, 0, 0)
    supply = np.append(problem.supply, problem.short)
    cost = np.vstack([problem.metres[:, columns], np.zeros((1, len(columns)), dtype=np.int64)])
    cost[-1, : np.count_nonzero(problem.sure)] = FORBIDDEN
    flow = _fill(supply, demand, cost)
    total, bound = int((flow * cost).sum()), 0
    arcs = _near(cost) | (flow > 0)
    while bound < total and (left := stop_at - time.monotonic()) > 0:
        found = _solve_over(arcs, supply, demand, cost, left)
        if found is None:
            break
        flow, levies, prices = found
        total = int((flow * cost).sum())
        reduced = cost - prices
        # The levies on sources that make no arc too cheap: with them the prices are a bound, whatever was solved.
        bound = max(bound, int(np.minimum(reduced.min(axis=1), 0) @ supply + prices @ demand))
        fresh = _cheapest(reduced - levies[:, None]) & ~arcs
        if not fresh.any():
            break
        arcs |= fresh
    np.add.at(moved.T, columns, flow[:-1].T)
    return Flow(moved, total, bound)


def _fill(supply: Whole, demand: Whole, cost: Whole) -> Whole:
    """A flow to begin with: target by target from the nearest that have any left."""
    left, flow = supply.copy(), np.zeros_like(cost)
    for j, order in enumerate(np.argsort(cost[:-1], axis=0, kind="stable").T.tolist()):
        missing = demand[j]
        for i in (*order, len(supply) - 1):
            flow[i, j] = min(missing, left[i])
            left[i] -= flow[i, j]
            missing -= flow[i, j]
            if not missing:
                break
    return flow


def _near(cost: Whole) -> Flags:
    """The few nearest arcs of each source and of each target."""
    arcs = np.zeros(cost.shape, dtype=np.bool_)
    rows, columns = (min(NEAREST, count) for count in cost.shape)
    np.put_along_axis(arcs, np.argpartition(cost, rows - 1, axis=0)[:rows], True, axis=0)
    np.put_along_axis(arcs, np.argpartition(cost, columns - 1, axis=1)[:, :columns], True, axis=1)
    return arcs & np.less(cost, FORBIDDEN)


def _cheapest(reduced: Whole) -> Flags:
    """Of the arcs that would help, the best of each source and of each target."""
    best: Flags = (reduced == reduced.min(axis=0)) | (reduced == reduced.min(axis=1)[:, None])
    return best & np.less(reduced, 0)


def _solve_over(
    arcs: Flags, supply: Whole, demand: Whole, cost: Whole, seconds: float
) -> tuple[Whole, Whole, Whole] | None:
    """The optimum over some arcs, with the levies on sources and the prices at targets; None when time ran out."""
    rows, columns = np.nonzero(arcs)
    at, ones = np.arange(len(rows)), np.ones(len(rows))
    solved = linprog(
        cost[arcs], method="highs-ds", options={"time_limit": seconds},
        A_ub=coo_array((ones, (rows, at)), shape=(len(supply), len(rows))), b_ub=supply,
        A_eq=coo_array((ones, (columns, at)), shape=(len(demand), len(rows))), b_eq=demand,
    )  # fmt: skip
    if solved.status != 0:
        return None
    flow = np.zeros_like(cost)
    flow[rows, columns] = np.rint(solved.x).astype(np.int64)
    levies, prices = (np.rint(part.marginals).astype(np.int64) for part in (solved.ineqlin, solved.eqlin))
    return flow, levies, prices
