"""Hours as people say them."""

import pytest

from stations.web.desk.tiles import say_hours


@pytest.mark.parametrize(
    ("hours", "number"),
    [(0.01, 5), (0.5, 30), (0.99, 55), (1, "1"), (1.8, "1.5"), (2.3, "2"), (9.9, "9"), (11.6, "11"), (24, "24")],
)
def test_hours_are_rounded_to_what_matters(hours: float, number: object) -> None:
    assert say_hours(hours).values["number"] == number


def test_more_than_a_day_is_not_counted() -> None:
    assert str(say_hours(1e9)) == "over 24 h"
