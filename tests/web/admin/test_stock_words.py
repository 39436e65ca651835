"""Hours in words: as exactly as it is worth saying, never longer than it lasts."""

import pytest

from stations.web.admin.stock_words import round_minutes


@pytest.mark.parametrize(
    ("hours", "minutes"),
    [
        (0, 0),
        (0.16, 5),
        (0.99, 55),
        (1.4, 60),
        (1.5, 90),
        (4.99, 270),
        (5.9, 300),
        (24.5, 1440),
        (25, 1500),
        (900, 1500),
    ],
)
def test_hours_are_rounded_down(hours: float, minutes: int) -> None:
    assert round_minutes(hours) == minutes
