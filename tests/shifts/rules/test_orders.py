"""What is typed is checked, and where somebody lives is kept coarse."""

from hypothesis import given
from hypothesis import strategies as st

from stations.kernel.geo.distance import geodesic_metres
from stations.shifts.rules.orders import coarse


@given(st.floats(18, 53), st.floats(74, 135))
def test_a_home_is_kept_to_about_half_a_kilometre(lat: float, lon: float) -> None:
    kept_lat, kept_lon = coarse((lat, lon))
    assert kept_lat is not None
    assert kept_lon is not None
    assert geodesic_metres(lat, lon, kept_lat, kept_lon) < 420
    assert coarse((kept_lat, kept_lon)) == (kept_lat, kept_lon)


def test_many_homes_are_one_point() -> None:
    near = {coarse((39.9001 + step / 10_000, 116.3001)) for step in range(20)}
    assert near == {(39.9, 116.3)}
    assert coarse(None) == (None, None)
