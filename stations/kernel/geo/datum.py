"""The three datums of Chinese maps: WGS-84 (GPS, and everything stored), GCJ-02 (Amap, Tencent) and BD-09 (Baidu).

GCJ-02 is WGS-84 shifted by 100 to 700 m; no official text of it is public, the series is the one all map libraries
agree on (github.com/googollee/eviltransform). Outside the box GCJ_LAT x GCJ_LON it is WGS-84 unchanged. BD-09 shifts
GCJ-02 once more. The way back has no formula and is found by iteration, to far below a millimetre.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from math import atan2, cos, hypot, isfinite, pi, radians, sin, sqrt

from stations.kernel.errors import Invalid
from stations.kernel.text import _

GCJ_LAT = (0.8293, 55.8271)
GCJ_LON = (72.004, 137.8347)
CHINA_LAT = (3.5, 53.60)
CHINA_LON = (73.33, 135.10)

_SEMI_MAJOR = 6378245.0  # Krasovsky 1940, as the published series has it
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BD_WAVE = pi * 3000 / 180
_CLOSE_DEGREES = 1e-11
_ROUNDS = 30


class Datum(StrEnum):
    """How a latitude and longitude in degrees are meant."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


@dataclass(frozen=True, slots=True)
class Point:
    """Latitude and longitude in degrees; WGS-84 wherever no datum is named."""

    lat: float
    lon: float


def convert(point: Point, source: Datum, target: Datum) -> Point:
    """The same spot of ground, `point` being given in `source`, in `target`; there and back within 1 mm in China."""
    if source == target:
        return point
    if source == Datum.BD09:
        point, source = _invert(_gcj_to_bd, point), Datum.GCJ02
    if source == Datum.GCJ02 and target == Datum.WGS84:
        return _invert(_wgs_to_gcj, point)
    if source == Datum.WGS84:
        point = _wgs_to_gcj(point)
    return _gcj_to_bd(point) if target == Datum.BD09 else point


def read_point(lat: float, lon: float, datum: Datum = Datum.WGS84) -> Point:
    """The WGS-84 point of a latitude and longitude given in `datum`; raises Invalid unless it is in China's box."""
    if not (isfinite(lat) and isfinite(lon)):
        raise Invalid("point.not_finite", _("Latitude and longitude must be ordinary numbers."), field="lat")
    if _is_within(lat, CHINA_LON) and _is_within(lon, CHINA_LAT):
        message = _("Latitude %(lat)s and longitude %(lon)s look swapped.", lat=lat, lon=lon)
        raise Invalid("point.swapped", message, field="lat")
    if abs(lat) > 90:
        message = _("Latitude %(lat)s is not between -90 and 90 degrees.", lat=lat)
        raise Invalid("point.lat_range", message, field="lat")
    if abs(lon) > 180:
        message = _("Longitude %(lon)s is not between -180 and 180 degrees.", lon=lon)
        raise Invalid("point.lon_range", message, field="lon")
    if not (_is_within(lat, CHINA_LAT) and _is_within(lon, CHINA_LON)):
        message = _("Latitude %(lat)s, longitude %(lon)s is not in China.", lat=lat, lon=lon)
        raise Invalid("point.outside", message, field="lon" if _is_within(lat, CHINA_LAT) else "lat")
    return convert(Point(lat, lon), datum, Datum.WGS84)


def _is_within(degrees: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= degrees <= bounds[1]


def _invert(shift: Callable[[Point], Point], wanted: Point) -> Point:
    """The point that `shift` sends to `wanted`; each round leaves about a thousandth of the error before it."""
    guess = wanted
    for _round in range(_ROUNDS):
        reached = shift(guess)
        off_lat, off_lon = wanted.lat - reached.lat, wanted.lon - reached.lon
        if abs(off_lat) < _CLOSE_DEGREES and abs(off_lon) < _CLOSE_DEGREES:
            break
        guess = Point(guess.lat + off_lat, guess.lon + off_lon)
    return guess


def _wgs_to_gcj(point: Point) -> Point:
    if not (_is_within(point.lat, GCJ_LAT) and _is_within(point.lon, GCJ_LON)):
        return point
    east, north = point.lon - 105.0, point.lat - 35.0
    root, both = 0.2 * sqrt(abs(east)), 0.1 * east * north
    shared = 20.0 * (sin(6.0 * east * pi) + sin(2.0 * east * pi))
    north_metres = shared + _waves(north, ((1, 20.0), (3, 40.0), (12, 160.0), (30, 320.0)))
    east_metres = shared + _waves(east, ((1, 20.0), (3, 40.0), (12, 150.0), (30, 300.0)))
    north_metres = north_metres * 2 / 3 - 100.0 + 2.0 * east + 3.0 * north + 0.2 * north * north + both + root
    east_metres = east_metres * 2 / 3 + 300.0 + east + 2.0 * north + 0.1 * east * east + both + root / 2
    phi = radians(point.lat)
    bend = 1 - _ECCENTRICITY_SQUARED * sin(phi) ** 2
    meridian = _SEMI_MAJOR * (1 - _ECCENTRICITY_SQUARED) / (bend * sqrt(bend))
    parallel = _SEMI_MAJOR / sqrt(bend) * cos(phi)
    return Point(
        point.lat + north_metres * 180.0 / (meridian * pi),
        point.lon + east_metres * 180.0 / (parallel * pi),
    )


def _waves(degrees: float, parts: tuple[tuple[int, float], ...]) -> float:
    return sum(height * sin(degrees * pi / length) for length, height in parts)


def _gcj_to_bd(point: Point) -> Point:
    radius = hypot(point.lon, point.lat) + 2e-5 * sin(point.lat * _BD_WAVE)
    angle = atan2(point.lat, point.lon) + 3e-6 * cos(point.lon * _BD_WAVE)
    return Point(radius * sin(angle) + 0.006, radius * cos(angle) + 0.0065)
