"""Datums against two published libraries, there and back, and what is refused."""

import pytest
from geopy.distance import geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.kernel.errors import Invalid
from stations.kernel.geo.datum import Datum, Point, convert, read_point

WGS, GCJ, BD = Datum.WGS84, Datum.GCJ02, Datum.BD09

lats = st.floats(min_value=3.5, max_value=53.6)
lons = st.floats(min_value=73.33, max_value=135.1)


def metres(one: Point, other: Point) -> float:
    return geodesic((one.lat, one.lon), (other.lat, other.lon)).m


# Computed by coord-convert 0.2.1 (wgs2gcj, wgs2bd), which takes the Krasovsky ellipsoid as the series does.
COORD_CONVERT = [
    ((39.9042, 116.4074), (39.90560334316507, 116.41364225378803), (39.91186533561899, 116.42004633029816)),
    ((31.2304, 121.4737), (31.22845773757727, 121.47822305927693), (31.234310593689997, 121.484781468503)),
    ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363), (22.546667437751108, 113.92368472926734)),
    ((43.8256, 87.6168), (43.82680539311119, 87.61964994946926), (43.83294979479328, 87.62609977081571)),
    ((18.2528, 109.5119), (18.25109479173564, 109.51598429482667), (18.256876553759117, 109.52253179173881)),
    ((53.48, 122.37), (53.48206012132788, 122.37755948832367), (53.4881943458128, 122.38398086140995)),
    ((29.652, 91.1721), (29.64921049417371, 91.17356737181642), (29.65526415629464, 91.18005967492859)),
]
# Computed by eviltransform 0.1.1 (wgs2gcj), which takes WGS-84's own ellipsoid: centimetres apart.
EVILTRANSFORM = [
    ((39.9042, 116.4074), (39.90560336692766, 116.41364235948714)),
    ((22.543847, 113.912316), (22.54079608003489, 113.91717656313807)),
    ((43.8256, 87.6168), (43.82680541352192, 87.61964999772701)),
]


@pytest.mark.parametrize(("wgs", "gcj", "bd"), COORD_CONVERT)
def test_convert_agrees_with_coord_convert(wgs, gcj, bd):
    assert metres(convert(Point(*wgs), WGS, GCJ), Point(*gcj)) < 1e-6
    assert metres(convert(Point(*wgs), WGS, BD), Point(*bd)) < 1e-6
    assert metres(convert(Point(*gcj), GCJ, BD), Point(*bd)) < 1e-6
    assert metres(convert(Point(*gcj), GCJ, WGS), Point(*wgs)) < 1e-4
    assert metres(convert(Point(*bd), BD, WGS), Point(*wgs)) < 1e-4


@pytest.mark.parametrize(("wgs", "gcj"), EVILTRANSFORM)
def test_convert_agrees_with_eviltransform_to_its_ellipsoid(wgs, gcj):
    assert metres(convert(Point(*wgs), WGS, GCJ), Point(*gcj)) < 0.02


@settings(deadline=None)
@given(lats, lons, st.sampled_from(Datum), st.sampled_from(Datum))
def test_convert_there_and_back_is_the_same_spot(lat, lon, source, target):
    start = Point(lat, lon)
    assert metres(convert(convert(start, source, target), target, source), start) < 0.001


@settings(deadline=None)
@given(lats, lons)
def test_convert_by_way_of_gcj_is_the_same_as_straight(lat, lon):
    start = Point(lat, lon)
    assert convert(convert(start, WGS, GCJ), GCJ, BD) == convert(start, WGS, BD)
    assert metres(convert(convert(start, BD, GCJ), GCJ, WGS), convert(start, BD, WGS)) < 0.001


def test_datums_lie_hundreds_of_metres_apart_in_haidian():
    haidian = Point(39.9599, 116.2981)
    assert metres(haidian, convert(haidian, WGS, GCJ)) == pytest.approx(541, abs=5)
    assert metres(haidian, convert(haidian, WGS, BD)) > 1000


@pytest.mark.parametrize("abroad", [Point(48.8566, 2.3522), Point(-33.87, 151.21), Point(0.5, 110.0)])
def test_gcj_is_wgs_outside_its_box(abroad):
    assert convert(abroad, WGS, GCJ) == abroad
    assert convert(abroad, GCJ, WGS) == abroad


def test_read_point_gives_wgs_whatever_the_datum():
    assert read_point(39.9042, 116.4074) == Point(39.9042, 116.4074)
    for wgs, gcj, bd in COORD_CONVERT:
        assert metres(read_point(*gcj, GCJ), Point(*wgs)) < 1e-4
        assert metres(read_point(*bd, BD), Point(*wgs)) < 1e-4


@pytest.mark.parametrize("corner", [(3.5, 73.33), (3.5, 135.1), (53.6, 73.33), (53.6, 135.1)])
def test_read_point_takes_the_corners_of_the_box(corner):
    assert read_point(*corner) == Point(*corner)


REFUSED = [
    ((float("nan"), 116.4), "point.not_finite", "lat", "Latitude and longitude must be ordinary numbers."),
    ((39.9, float("-inf")), "point.not_finite", "lat", "Latitude and longitude must be ordinary numbers."),
    ((116.4, 39.9), "point.swapped", "lat", "Latitude 116.4 and longitude 39.9 look swapped."),
    ((80.0, 40.0), "point.swapped", "lat", "Latitude 80.0 and longitude 40.0 look swapped."),
    ((95.0, 116.4), "point.lat_range", "lat", "Latitude 95.0 is not between -90 and 90 degrees."),
    ((39.9, 216.4), "point.lon_range", "lon", "Longitude 216.4 is not between -180 and 180 degrees."),
    ((0.0, 0.0), "point.outside", "lat", "Latitude 0.0, longitude 0.0 is not in China."),
    ((53.7, 116.4), "point.outside", "lat", "Latitude 53.7, longitude 116.4 is not in China."),
    ((39.9, 73.3), "point.outside", "lon", "Latitude 39.9, longitude 73.3 is not in China."),
]


@pytest.mark.parametrize(("sent", "code", "field", "sentence"), REFUSED)
def test_read_point_refuses_with_a_sentence(sent, code, field, sentence):
    with pytest.raises(Invalid) as refusal:
        read_point(*sent)
    assert (refusal.value.code, refusal.value.field) == (code, field)
    assert str(refusal.value.message) == sentence
