"""Sets of shifts of which nobody can hold two: fewer and stronger rows than one for each two that conflict."""

import numpy as np

from stations.shifts.optimizer.pairs import Flags, Places


def covering(conflict: Flags) -> list[Places]:
    """Sets that hold every conflict of n shifts (their own with themselves as well), each grown as far as it goes."""
    open_, is_held = conflict.copy(), np.zeros(len(conflict), bool)
    np.fill_diagonal(open_, False)
    found: list[Places] = []
    for first in range(len(conflict)):
        while open_[first].any() or not is_held[first]:
            members = _grow(conflict, open_, first)
            open_[np.ix_(members, members)] = False
            is_held[members] = True
            found.append(np.array(members, np.intp))
    return found


def _grow(conflict: Flags, open_: Flags, first: int) -> list[int]:
    members, common = [first], conflict[first].copy()
    common[first] = False
    while common.any():
        fresh = common & open_[members].any(axis=0)
        each = int(np.argmax(fresh if fresh.any() else common))
        members.append(each)
        common &= conflict[each]
        common[each] = False
    return members


def partition(conflict: Flags) -> Places:
    """The number of the set that each shift is put into, so that no shift is in two; shifts are in order of time."""
    number = np.full(len(conflict), -1, np.intp)
    count = 0
    for first in range(len(conflict)):
        if number[first] >= 0:
            continue
        common = conflict[first] & (number < 0)
        number[first] = count
        common[first] = False
        while common.any():
            each = int(np.argmax(common))
            number[each] = count
            common &= conflict[each]
            common[each] = False
        count += 1
    return number
