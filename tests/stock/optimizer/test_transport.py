"""The transport problem against the Hungarian method, which knows single cases only."""

import time

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from stations.stock.optimizer.transport import Problem, Whole, solve


def whole(*numbers: int) -> Whole:
    return np.array(numbers, dtype=np.int64)


def least_by_hungarian(problem: Problem) -> int:
    """Every case a row, every wanted case a column; those that are short a row that costs nothing where it may go."""
    rows = np.repeat(np.arange(len(problem.supply)), problem.supply)
    sure = np.repeat(np.arange(len(problem.sure)), problem.sure)
    perhaps = np.repeat(np.arange(len(problem.sure)), problem.perhaps)
    cost = problem.metres[rows][:, np.concatenate([sure, perhaps])].astype(float)
    nothing = np.concatenate([np.full(len(sure), 1e9), np.zeros(len(perhaps))])
    cost = np.vstack([cost, np.tile(nothing, (problem.short, 1))])
    return int(cost[linear_sum_assignment(cost)].sum())


def a_problem(seed: int) -> Problem:
    rng = np.random.default_rng(seed)
    sources, targets = rng.integers(1, 9, 2)
    supply = rng.integers(1, 12, sources)
    sure, perhaps = rng.integers(0, 9, (2, targets))
    if not perhaps.any():
        perhaps[0] = 1
    while sure.sum() > supply.sum():
        sure //= 2
    short = max(int(sure.sum() + perhaps.sum() - supply.sum()), 0)
    if not short:
        sure, perhaps = sure + perhaps, np.zeros_like(perhaps)
    # A coarse grid: many ways of the same length, and some of none.
    spots = rng.integers(0, 4, (sources + targets, 2)) * 700
    metres = np.abs(spots[:sources, None] - spots[None, sources:]).sum(axis=2)
    return Problem(supply, sure, perhaps, short, metres)


@pytest.mark.parametrize("seed", range(60))
def test_a_flow_is_the_shortest_and_proven(seed: int) -> None:
    problem = a_problem(seed)
    flow = solve(problem, time.monotonic() + 30)
    assert flow.cost == flow.bound == (flow.cases * problem.metres).sum() == least_by_hungarian(problem)
    given, got = flow.cases.sum(axis=1), flow.cases.sum(axis=0)
    assert (flow.cases >= 0).all()
    assert (given <= problem.supply).all()
    assert (problem.sure <= got).all()
    assert (got <= problem.sure + problem.perhaps).all()
    assert got.sum() == problem.sure.sum() + problem.perhaps.sum() - problem.short
    assert np.array_equal(solve(problem, time.monotonic() + 30).cases, flow.cases)


def test_nearest_first_would_be_longer() -> None:
    """The first source is nearest to both; giving it away to the near one sends the other's the long way round."""
    problem = Problem(whole(5, 5), whole(5, 5), whole(0, 0), 0, np.array([[100, 200], [300, 2000]]))
    flow = solve(problem, time.monotonic() + 30)
    assert flow.cases.tolist() == [[0, 5], [5, 0]]
    assert (flow.cost, flow.bound) == (2500, 2500)


def test_without_time_the_flow_is_feasible_and_says_that_it_is_not_proven() -> None:
    problem = Problem(whole(5, 5), whole(5, 5), whole(0, 0), 0, np.array([[100, 200], [300, 2000]]))
    flow = solve(problem, time.monotonic() - 1)
    assert flow.cases.sum(axis=0).tolist() == [5, 5]
    assert flow.bound < flow.cost


def test_nothing_to_give_or_nobody_to_get_moves_nothing() -> None:
    nobody = solve(Problem(whole(5), whole(), whole(), 0, np.zeros((1, 0), dtype=np.int64)), time.monotonic() + 30)
    nothing = solve(Problem(whole(), whole(0), whole(4), 4, np.zeros((0, 1), dtype=np.int64)), time.monotonic() + 30)
    assert (nobody.cost, nobody.bound, nobody.cases.size) == (0, 0, 0)
    assert (nothing.cost, nothing.bound, nothing.cases.size) == (0, 0, 0)
