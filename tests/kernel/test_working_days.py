"""Ten working days, over weekends, holidays and the Sundays that are worked."""

from datetime import date

import pytest

from stations.kernel.working_days import Deadline, add_working_days, is_announced


@pytest.mark.parametrize(
    ("day", "count", "due"),
    [
        (date(2026, 6, 8), 10, date(2026, 6, 23)),  # 19 June is the Dragon Boat Festival
        (date(2026, 9, 18), 1, date(2026, 9, 20)),  # a Sunday that is worked
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
    ],
)
def test_a_deadline_in_an_announced_year_is_certain(day: date, count: int, due: date) -> None:
    assert add_working_days(day, count) == Deadline(due, is_guess=False)


def test_a_deadline_in_a_year_to_come_is_a_guess_and_says_so() -> None:
    assert not is_announced(2090)
    assert add_working_days(date(2089, 12, 30), 10).is_guess
    with pytest.raises(ValueError, match="0"):
        add_working_days(date(2026, 6, 8), 0)
