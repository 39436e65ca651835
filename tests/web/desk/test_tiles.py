"""Hours as people say them."""

import pytest

from stations.web.desk.tiles import say_hours


@pytest.mark.parametrize(
    ("hours", "number"),
    [(0.01, 5), (0.5, 30), (0.99, 60), (1, "1"), (1.8, "2"), (2.3, "2.5"), (9.9, "10"), (11.6, "12"), (1e9, "999")],
)
def test_hours_are_rounded_to_what_matters(hours: float, number: object) -> None:
    assert say_hours(hours).values["number"] == number
