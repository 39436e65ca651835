"""Links that open a map app at a place, each in the datum that the app expects (protocols: section 4)."""

from urllib.parse import quote, urlencode

from stations.kernel.geo.datum import Datum, Point, convert
from stations.kernel.text import Text, _

SOURCE = "bankao"


def amap(point: Point, name: str, *, by_car: bool = False) -> str:
    """The way there in Amap, on foot unless said otherwise: longitude first, GCJ-02."""
    there = convert(point, Datum.WGS84, Datum.GCJ02)
    to = f"{there.lon:.6f},{there.lat:.6f},{_plain(name)}"
    return "https://uri.amap.com/navigation?" + urlencode(
        {"to": to, "mode": "car" if by_car else "walk", "callnative": "1", "src": SOURCE}, quote_via=quote, safe=","
    )


def tencent(point: Point, name: str, *, by_car: bool = False) -> str:
    """As `amap`, in Tencent Maps: latitude first, GCJ-02."""
    there = convert(point, Datum.WGS84, Datum.GCJ02)
    return "https://apis.map.qq.com/uri/v1/routeplan?" + urlencode(
        {
            "type": "drive" if by_car else "walk", "to": _plain(name),
            "tocoord": f"{there.lat:.6f},{there.lon:.6f}", "referer": SOURCE,
        },
        quote_via=quote, safe=",",
    )  # fmt: skip


def baidu(point: Point, name: str, *, by_car: bool = False) -> str:
    """As `amap`, in Baidu Maps: latitude first, BD-09."""
    there = convert(point, Datum.WGS84, Datum.BD09)
    destination = f"latlng:{there.lat:.6f},{there.lon:.6f}|name:{_plain(name)}"
    return "https://api.map.baidu.com/direction?" + urlencode(
        {
            "destination": destination, "mode": "driving" if by_car else "walking", "coord_type": "bd09ll",
            "output": "html", "src": SOURCE,
        },
        quote_via=quote, safe=",:|",
    )  # fmt: skip


def apple(point: Point, _name: str, *, by_car: bool = False) -> str:
    """As `amap`, in Apple Maps, whose mainland data is GCJ-02."""
    there = convert(point, Datum.WGS84, Datum.GCJ02)
    return f"https://maps.apple.com/?daddr={there.lat:.6f},{there.lon:.6f}&dirflg={'d' if by_car else 'w'}"


def list_links(point: Point, name: str, *, by_car: bool = False) -> list[tuple[Text, str]]:
    """(name of the app, address) for each."""
    apps = ((_("Amap"), amap), (_("Tencent Maps"), tencent), (_("Baidu Maps"), baidu), (_("Apple Maps"), apple))
    return [(app, link(point, name, by_car=by_car)) for app, link in apps]


def _plain(name: str) -> str:
    """A name without the characters that separate the parts of these links."""
    return "".join(" " if c in ",|:;" else c for c in name)[:60]
