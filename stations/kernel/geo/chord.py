"""The straight line through the Earth between two points of WGS-84, and what it says about the way along the surface.

The curvature radii of the ellipsoid lie between RADIUS_MIN (equator, north-south) and RADIUS_MAX (poles). So a
geodesic over a chord c is no longer than on a sphere of RADIUS_MIN, 2 RADIUS_MIN asin(c / 2 RADIUS_MIN), and no
shorter than on one of RADIUS_MAX: order by chord is order by geodesic, except for pairs closer than `slack`.
"""

from math import asin, cos, dist, inf, radians, sin, sqrt

import numpy as np
from numpy.typing import NDArray

Spot = tuple[float, float, float]

SEMI_MAJOR = 6378137.0
FLATTENING = 1 / 298.257223563
ECCENTRICITY_SQUARED = FLATTENING * (2 - FLATTENING)
SEMI_MINOR = SEMI_MAJOR * (1 - FLATTENING)
RADIUS_MIN = SEMI_MAJOR * (1 - ECCENTRICITY_SQUARED)
RADIUS_MAX = SEMI_MAJOR / sqrt(1 - ECCENTRICITY_SQUARED)

# Rounding of coordinates of 6.4e6 m, with room to spare.
ROUNDING_METRES = 1e-6
# (RADIUS_MIN**-2 - RADIUS_MAX**-2) / 24, rounded up so that the next terms fit in as far as SERIES_METRES.
SLACK_PER_CUBE = 2.1e-17
SERIES_METRES = 1_000_000.0
# Geodesics past a quarter of the Earth leave the plane of their chord, and the bound above with it.
BOUND_METRES = 8_900_000.0
# `arc_metres` is within 1 cm up to here, and within 1 um up to 100 km.
ARC_METRES = 3_000_000.0
# A chord longer than this is measured in two halves; the error grows with the fifth power.
HALVE_METRES = 400_000.0
# `bend`, one curvature for all directions, is within 1 cm up to here (0.1 mm at 20 km).
FLAT_METRES = 100_000.0

_NORMAL_Z = 1 / (1 - ECCENTRICITY_SQUARED)


def spot(lat: float, lon: float) -> Spot:
    """Earth-centred, Earth-fixed x, y, z in metres of a WGS-84 latitude and longitude in degrees, at height 0."""
    phi, lam = radians(lat), radians(lon)
    rise = sin(phi)
    normal = SEMI_MAJOR / sqrt(1 - ECCENTRICITY_SQUARED * rise * rise)
    across = normal * cos(phi)
    return across * cos(lam), across * sin(lam), normal * (1 - ECCENTRICITY_SQUARED) * rise


def spots(lats: NDArray[np.float64], lons: NDArray[np.float64]) -> NDArray[np.float64]:
    """`spot` of n points at once: shape (n, 3), metres."""
    phi, lam = np.radians(lats), np.radians(lons)
    rise = np.sin(phi)
    normal = SEMI_MAJOR / np.sqrt(1 - ECCENTRICITY_SQUARED * rise * rise)
    across = normal * np.cos(phi)
    rows = np.empty((len(phi), 3))
    rows[:, 0] = across * np.cos(lam)
    rows[:, 1] = across * np.sin(lam)
    rows[:, 2] = normal * (1 - ECCENTRICITY_SQUARED) * rise
    return rows


def slack(chord: float) -> float:
    """By how many metres geodesics over this chord can differ: past chord + slack a point is farther for certain."""
    if chord < SERIES_METRES:
        return ROUNDING_METRES + SLACK_PER_CUBE * chord * chord * chord
    if chord > BOUND_METRES:
        return inf
    longest = 2 * RADIUS_MIN * asin(chord / (2 * RADIUS_MIN))
    return ROUNDING_METRES + longest - 2 * RADIUS_MAX * asin(chord / (2 * RADIUS_MAX))


def bend(start: Spot) -> float:
    """What a chord c <= FLAT_METRES from `start` lacks to the geodesic, by c**3: 1 / 24 of Gauss's curvature."""
    rise = start[2] / SEMI_MINOR  # nearly the sine of the latitude
    flatness = 1 - ECCENTRICITY_SQUARED * rise * rise
    return flatness * flatness / (24 * SEMI_MAJOR * RADIUS_MIN)


def arc_metres(start: Spot, end: Spot, chord: float) -> float:
    """Geodesic metres over a chord of at most ARC_METRES.

    On a circle s = c * m / sin(m), m being the angle by which the chord dips below the horizon at either end; the
    mean of both dips brings in the curvature of the way between.
    """
    if chord < 1:
        return chord  # by less than 1e-15 m; and tiny ones have no square
    if chord > HALVE_METRES:
        middle = _rise(start, end)
        return arc_metres(start, middle, dist(start, middle)) + arc_metres(middle, end, dist(middle, end))
    x1, y1, z1 = start
    x2, y2, z2 = end
    dx, dy, dz = x2 - x1, y2 - y1, z2 - z1
    z1 *= _NORMAL_Z
    z2 *= _NORMAL_Z
    dip = (x2 * dx + y2 * dy + z2 * dz) / sqrt(x2 * x2 + y2 * y2 + z2 * z2)
    dip -= (x1 * dx + y1 * dy + z1 * dz) / sqrt(x1 * x1 + y1 * y1 + z1 * z1)
    squared = dip * dip / (4 * chord * chord)
    return chord * (1 + squared * (1 / 6 + squared * 0.075))


def _rise(start: Spot, end: Spot) -> Spot:
    """The point of the ellipsoid over the middle of a chord, straight up as the ground there has it."""
    x, y, z = ((one + other) / 2 for one, other in zip(start, end, strict=True))
    up = z * _NORMAL_Z
    # (m + t n) lies on x2 + y2 + z2 / (1 - e2) = a2, which is a quadratic in t.
    square = x * x + y * y + up * up * _NORMAL_Z
    mixed = x * x + y * y + up * z * _NORMAL_Z
    short = x * x + y * y + z * z * _NORMAL_Z - SEMI_MAJOR * SEMI_MAJOR
    t = (sqrt(mixed * mixed - square * short) - mixed) / square
    return x + t * x, y + t * y, z + t * up
