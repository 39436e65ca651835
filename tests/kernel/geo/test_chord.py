"""The chord's promises, against Karney's geodesics."""

from math import dist

import numpy as np
import pytest
from geopy.distance import geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.kernel.geo.chord import ARC_METRES, FLAT_METRES, arc_metres, bend, slack, spot, spots

lats = st.floats(min_value=-90, max_value=90)
lons = st.floats(min_value=-180, max_value=180)
bearings = st.floats(min_value=0, max_value=360)


def walk(lat, lon, bearing, metres):
    end = geodesic(meters=metres).destination((lat, lon), bearing)
    return spot(lat, lon), spot(end.latitude, end.longitude), geodesic((lat, lon), (end.latitude, end.longitude)).m


@settings(deadline=None)
@given(lats, lons, bearings, st.floats(min_value=0, max_value=FLAT_METRES))
def test_bend_gives_the_geodesic_within_1_cm(lat, lon, bearing, metres):
    start, end, truth = walk(lat, lon, bearing, metres)
    chord = dist(start, end)
    assert chord + bend(start) * chord**3 == pytest.approx(truth, rel=0, abs=0.01)


@settings(deadline=None)
@given(lats, lons, bearings, st.floats(min_value=0, max_value=ARC_METRES))
def test_arc_gives_the_geodesic_within_1_cm(lat, lon, bearing, metres):
    start, end, truth = walk(lat, lon, bearing, metres)
    assert arc_metres(start, end, dist(start, end)) == pytest.approx(truth, rel=0, abs=0.01)


@settings(deadline=None)
@given(lats, lons, bearings, bearings, st.floats(min_value=0, max_value=9_900_000))
def test_slack_bounds_what_equal_geodesics_differ_by_in_chord(lat, lon, one_way, other_way, metres):
    one = dist(*walk(lat, lon, one_way, metres)[:2])
    other = dist(*walk(lat, lon, other_way, metres)[:2])
    assert abs(one - other) <= slack(min(one, other))


def test_slack_is_nothing_in_a_city_and_everything_at_the_antipodes():
    assert slack(0) == 1e-6
    assert slack(20_000) < 0.001
    assert slack(999_999) == pytest.approx(slack(1_000_001), rel=0.05)
    assert slack(12_000_000) == float("inf")


def test_spots_is_spot_of_each():
    degrees = [(39.9, 116.4), (-90.0, 0.0), (0.0, 180.0), (53.6, -73.3)]
    rows = spots(*np.array(degrees).T)
    assert rows.shape == (4, 3)
    for row, one in zip(rows.tolist(), degrees, strict=True):
        assert row == pytest.approx(spot(*one), abs=1e-8)
    assert spot(0.0, 0.0) == (6378137.0, 0.0, 0.0)
    assert spot(90.0, 0.0)[2] == pytest.approx(6356752.314245, abs=1e-5)
