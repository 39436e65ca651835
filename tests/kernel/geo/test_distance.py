"""Metres against published geodesics; minutes on foot."""

import pytest

from stations.kernel.geo.datum import Point
from stations.kernel.geo.distance import geodesic_metres, metres_between, walk_minutes


def test_metres_between_agrees_with_vincentys_australian_line():
    """Flinders Peak to Buninyong, 54,972.271 m: the check line of the GDA technical manual, on GRS80."""
    flinders = Point(-(37 + 57 / 60 + 3.72030 / 3600), 144 + 25 / 60 + 29.52440 / 3600)
    buninyong = Point(-(37 + 39 / 60 + 10.15610 / 3600), 143 + 55 / 60 + 35.38390 / 3600)
    assert metres_between(flinders, buninyong) == pytest.approx(54972.271, abs=0.001)
    assert metres_between(buninyong, flinders) == metres_between(flinders, buninyong)


def test_metres_between_over_pole_and_dateline():
    quarter = 10001965.729
    assert metres_between(Point(0.0, 0.0), Point(90.0, 0.0)) == pytest.approx(quarter, abs=0.001)
    assert metres_between(Point(-90.0, 0.0), Point(90.0, 50.0)) == pytest.approx(2 * quarter, abs=0.002)
    assert metres_between(Point(0.0, 179.5), Point(0.0, -179.5)) == pytest.approx(111319.4908, abs=0.001)
    assert metres_between(Point(39.9, 116.4), Point(39.9, 116.4)) == 0


def test_geodesic_metres_is_metres_between_of_bare_degrees():
    assert geodesic_metres(39.9, 116.4, 31.2, 121.5) == metres_between(Point(39.9, 116.4), Point(31.2, 121.5))


def test_walk_minutes_rounds_up_and_lies_in_the_standards_range():
    assert [walk_minutes(metres) for metres in (0, 1, 57, 58, 500)] == [0, 1, 1, 2, 9]
    assert walk_minutes(800) <= 15 <= walk_minutes(1000)
