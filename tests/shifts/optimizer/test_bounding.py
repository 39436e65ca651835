"""Nothing costs less than the bound, and a roster with a pair costs at least what the pair adds to it."""

from time import monotonic

import numpy as np
from factories.rosters import ZONE, random_seats, random_volunteers
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.shifts.optimizer.bounding import price
from stations.shifts.optimizer.costs import cost_of
from stations.shifts.optimizer.exact import Effort, solve
from stations.shifts.optimizer.pairs import Given
from stations.shifts.optimizer.problem import Problem, build
from stations.shifts.optimizer.starting import start
from stations.shifts.rules.rows import Limits

NOBODY = np.zeros(0, np.intp)


def random_problem(seed: int, shifts: int = 10, people: int = 14) -> Problem:
    rng = np.random.default_rng(seed)
    return build(random_seats(rng, shifts), random_volunteers(rng, people), {}, Given(Limits(), {}, ZONE))


@given(st.integers(0, 100_000), st.integers(1, 60))
@settings(max_examples=15, deadline=None)
def test_no_roster_is_below_the_bound_however_early_the_prices_stop(seed: int, rounds: int) -> None:
    problem = random_problem(seed)
    first = start(problem)
    prices = price(problem, cost_of(problem, first), rounds, monotonic() + 60)
    solved = solve(problem, np.arange(len(problem.who)), NOBODY, Effort(60))
    assert solved is not None
    best = cost_of(problem, solved.chosen)
    assert prices.bound <= best + 1e-6
    assert best <= cost_of(problem, first) + 1e-6
    assert (prices.extra >= -1e-9).all()
    for chosen in (solved.chosen, first):
        assert prices.bound + prices.extra[chosen].max(initial=0) <= cost_of(problem, chosen) + 1e-6


def test_more_rounds_bring_the_bound_nearer_and_prices_a_better_beginning() -> None:
    problem = random_problem(1, shifts=30, people=60)
    first = cost_of(problem, start(problem))
    bounds = [price(problem, first, rounds, monotonic() + 60).bound for rounds in (1, 10, 300)]
    assert bounds == sorted(bounds)
    later = cost_of(problem, start(problem, price(problem, first, 300, monotonic() + 60).extra))
    assert 0.75 * later <= bounds[-1] <= later < first


def test_nobody_to_ask_costs_what_it_costs() -> None:
    problem = random_problem(2, people=0)
    prices = price(problem, cost_of(problem, NOBODY), 10, monotonic() + 60)
    assert (prices.bound, len(prices.extra)) == (cost_of(problem, NOBODY), 0)
