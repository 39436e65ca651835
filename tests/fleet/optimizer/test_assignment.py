"""Ranks in one number, against a solver that takes them one after the other."""

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from stations.fleet.optimizer.assignment import assign


def totals(ranks: list[np.ndarray], pairs: tuple[np.ndarray, np.ndarray]) -> list[int]:
    return [int(rank[pairs].sum()) for rank in ranks]


def one_after_the_other(ranks: list[np.ndarray], allowed: np.ndarray, count: int) -> list[int]:
    """The least of each rank when those before it are held at theirs, by branch and bound over single pairs."""
    n, m = allowed.shape
    rows, columns = np.repeat(np.arange(n), m), np.tile(np.arange(m), n)
    held = [LinearConstraint((rows == i).astype(float)[None], ub=1) for i in range(n)] + [
        LinearConstraint((columns == j).astype(float)[None], ub=1) for j in range(m)
    ]
    held.append(LinearConstraint(np.ones((1, n * m)), lb=count))
    least = []
    for rank in ranks:
        flat = rank.ravel().astype(float)
        solved = milp(
            flat, integrality=np.ones(n * m), bounds=Bounds(0, allowed.ravel().astype(float)), constraints=held
        )
        assert solved.status == 0
        least.append(round(solved.fun))
        held.append(LinearConstraint(flat[None], ub=least[-1] + 0.5))
    return least


@pytest.mark.parametrize("seed", range(25))
def test_the_first_rank_decides_then_the_second_then_the_third(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n, m = (int(k) for k in rng.integers(1, 9, 2))
    ranks = [rng.integers(0, top, (n, m)).astype(float) for top in (3, 4, 9)]
    allowed = rng.random((n, m)) < 0.7
    pairs = assign(ranks, allowed)
    assert allowed[pairs].all()
    assert len(set(pairs[0].tolist())) == len(set(pairs[1].tolist())) == len(pairs[0])
    # As many as can be: one more is not to be had.
    most = milp(
        -allowed.ravel().astype(float), integrality=np.ones(n * m), bounds=Bounds(0, 1),
        constraints=[
            LinearConstraint(np.kron(np.eye(n), np.ones(m)), ub=1), LinearConstraint(np.tile(np.eye(m), n), ub=1)
        ],
    )  # fmt: skip
    assert len(pairs[0]) == round(-most.fun)
    assert totals(ranks, pairs) == one_after_the_other(ranks, allowed, len(pairs[0]))


def test_no_amount_of_minutes_outweighs_a_second_of_lateness() -> None:
    late = np.array([[1.0, 0.0], [0.0, 0.0]])
    minutes = np.array([[0.0, 5000.0], [5000.0, 0.0]])
    rows, columns = assign([late, minutes], np.ones((2, 2), dtype=bool))
    assert list(zip(rows.tolist(), columns.tolist(), strict=True)) == [(0, 1), (1, 0)]


def test_ranks_that_do_not_fit_lose_the_last_ones_first() -> None:
    """Totals of 4,000 times a month in seconds leave no room for a third rank of a million."""
    rng = np.random.default_rng(1)
    first = rng.integers(0, 2_600_000, (60, 70)).astype(float)
    second = rng.integers(0, 2_000_000, (60, 70)).astype(float)
    third = rng.integers(0, 1_000_000, (60, 70)).astype(float)
    allowed = np.ones((60, 70), dtype=bool)
    exact, with_third = (totals([first, second], assign(r, allowed)) for r in ([first, second], [first, second, third]))
    assert with_third == exact
    assert totals([first], assign([first, np.full((60, 70), 2.0**40)], allowed)) == exact[:1]


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (2, 2)])
def test_nothing_to_give_gives_nothing(shape: tuple[int, int]) -> None:
    rows, columns = assign([np.zeros(shape)], np.zeros(shape, dtype=bool))
    assert (len(rows), len(columns)) == (0, 0)
