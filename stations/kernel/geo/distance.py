"""How far apart two points are in metres, and how long that is likely to be on foot."""

from math import ceil

from geopy.distance import geodesic

from stations.kernel.geo.datum import Point

# GB 50180-2018 table 3.0.4 counts 800 to 1,000 m as a walk of 15 minutes, 53 to 67 m of plan distance a minute;
# these two give 58.
DETOUR_FACTOR = 1.3  # way on foot / straight line, in a street grid between 1 and sqrt(2)
WALKING_KM_PER_HOUR = 4.5  # 1.25 m/s, an adult with a bag


def metres_between(one: Point, other: Point) -> float:
    """Geodesic metres on WGS-84 (C. F. F. Karney, Algorithms for geodesics, 2013), to 15 nanometres."""
    return geodesic_metres(one.lat, one.lon, other.lat, other.lon)


def geodesic_metres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """`metres_between` for bare degrees."""
    return float(geodesic((lat, lon), (other_lat, other_lon)).m)


def walk_minutes(metres: float) -> int:
    """An ESTIMATE of the walk over a straight line of `metres`, in minutes rounded up; no street is looked at."""
    return ceil(metres * DETOUR_FACTOR / (WALKING_KM_PER_HOUR * 1000 / 60))
