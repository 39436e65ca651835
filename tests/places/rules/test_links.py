"""Links to map apps, read back as those apps read them."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stations.kernel.geo.datum import Datum, Point, convert
from stations.kernel.geo.distance import metres_between
from stations.places.rules.links import amap, apple, baidu, list_links, tencent

points = st.builds(Point, st.floats(18.0, 53.0), st.floats(75.0, 134.0))
names = st.text(max_size=90)
HOSTILE = ["A,B|C:D;E", "站点🏫（东门）", '"><script>', "a&to=1,2&x=#frag?y", "%2C%7C", "\n\r\0", "1,2,3"]


def query(link: str) -> dict[str, str]:
    """The parameters of a link, each given once, whatever the name holds."""
    parts = urlsplit(link)
    assert parts.scheme == "https"
    assert not parts.fragment
    values = parse_qs(parts.query, strict_parsing=True, keep_blank_values=True)
    assert all(len(value) == 1 for value in values.values())
    return {key: value[0] for key, value in values.items()}


def metres_off(point: Point, lat: str, lon: str, datum: Datum) -> float:
    return metres_between(point, convert(Point(float(lat), float(lon)), datum, Datum.WGS84))


@given(points, names | st.sampled_from(HOSTILE))
def test_every_link_leads_within_a_metre(point: Point, name: str) -> None:
    asked = query(amap(point, name))
    lon, lat, _name = asked["to"].split(",")
    assert (asked["mode"], metres_off(point, lat, lon, Datum.GCJ02) < 1) == ("walk", True)

    asked = query(tencent(point, name))
    lat, lon = asked["tocoord"].split(",")
    assert (asked["type"], metres_off(point, lat, lon, Datum.GCJ02) < 1) == ("walk", True)

    asked = query(baidu(point, name))
    place, _bar, named = asked["destination"].partition("|name:")
    lat, lon = place.removeprefix("latlng:").split(",")
    assert not set(named) & set("|:,")
    assert (asked["coord_type"], asked["mode"]) == ("bd09ll", "walking")
    assert metres_off(point, lat, lon, Datum.BD09) < 1

    asked = query(apple(point, name))
    lat, lon = asked["daddr"].split(",")
    assert (asked["dirflg"], metres_off(point, lat, lon, Datum.GCJ02) < 1) == ("w", True)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_change_nothing_but_the_name(name: str) -> None:
    point = Point(39.98, 116.31)
    for _app, link in list_links(point, name):
        assert query(link).keys() == query(dict(list_links(point, "甲"))[_app]).keys()
        assert not set(link) & set("<>\"'\n\r\0 ")


def test_the_four_apps_are_offered_in_order() -> None:
    links = list_links(Point(39.98, 116.31), "东门")
    assert [(str(app), urlsplit(link).netloc) for app, link in links] == [
        ("Amap", "uri.amap.com"),
        ("Tencent Maps", "apis.map.qq.com"),
        ("Baidu Maps", "api.map.baidu.com"),
        ("Apple Maps", "maps.apple.com"),
    ]
