"""Sets of shifts that exclude one another."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stations.shifts.optimizer.cliques import covering, partition


def random_conflict(seed: int, size: int, share: float) -> np.ndarray:
    upper = np.triu(np.random.default_rng(seed).random((size, size)) < share, 1)
    conflict = upper | upper.T
    np.fill_diagonal(conflict, True)
    return conflict


@given(st.integers(0, 10_000), st.integers(1, 12), st.floats(0, 1))
def test_every_conflict_is_in_a_set_and_every_set_is_all_conflict(seed: int, size: int, share: float) -> None:
    conflict = random_conflict(seed, size, share)
    held = np.zeros_like(conflict)
    for members in covering(conflict):
        assert conflict[np.ix_(members, members)].all()
        held[np.ix_(members, members)] = True
    assert (held == conflict).all()


@given(st.integers(0, 10_000), st.integers(1, 12), st.floats(0, 1))
def test_a_partition_puts_each_shift_into_one_set_of_conflicts(seed: int, size: int, share: float) -> None:
    conflict = random_conflict(seed, size, share)
    number = partition(conflict)
    assert sorted(set(number.tolist())) == list(range(int(number.max()) + 1))
    assert conflict[number[:, None] == number].all()
