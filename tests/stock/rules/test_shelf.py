"""How a shelf looks: by the hours that it lasts, unless nobody knows."""

from datetime import timedelta

import pytest
from factories.places import beijing

from stations.stock.rules.limits import Limits
from stations.stock.rules.shelf import shelf_state

NOW = beijing("09:00")
LIMITS = Limits(5, 20, 60)
NONE = Limits()


@pytest.mark.parametrize(
    ("on_hand", "limits", "hours", "needed", "minutes_old", "state"),
    [
        (100, LIMITS, None, 8, 0, "fine"),
        (100, LIMITS, 9.0, 8, 120, "fine"),
        (100, LIMITS, 7.9, 8, 0, "soon"),
        (20, LIMITS, None, 8, 0, "soon"),
        (100, LIMITS, 0.9, 8, 0, "urgent"),
        (4, LIMITS, None, 8, 0, "urgent"),
        (0, LIMITS, None, 8, 0, "empty"),
        (0, NONE, None, 8, 0, "empty"),
        (3, NONE, None, 8, 0, "fine"),
        (3, NONE, 0.5, 0, 0, "fine"),  # the day is over
        (3, NONE, 0.5, 0.4, 0, "fine"),  # it lasts as long as it must
        (0, LIMITS, None, 8, 121, "unknown"),
        (100, LIMITS, 0.1, 8, 121, "unknown"),
    ],
)
def test_shelf_state(
    on_hand: int, limits: Limits, hours: float | None, needed: float, minutes_old: int, state: str
) -> None:
    as_of = NOW - timedelta(minutes=minutes_old)
    assert shelf_state(on_hand, limits, hours, needed, as_of, NOW) == state
