"""The built-in estimate, and that its constants agree with the rides that are on record."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from stations.fleet.rules.travel import BuiltIn, Speeds, read_speeds, straight_metres
from stations.kernel.geo.distance import geodesic_metres

ZONE = ZoneInfo("Asia/Shanghai")
FILE = Path(__file__).parents[3] / "data/travel_speeds.csv"
HALF_PAST_EIGHT = datetime(2027, 6, 7, 8, 30, tzinfo=ZONE)
# Three in the middle ring: the straight lines of 10 km lie in it too.
URBAN = np.array([[39.99, 116.33], [39.985, 116.47], [39.835, 116.33]])


def the_speeds() -> Speeds:
    return read_speeds(FILE.read_text(encoding="utf-8").splitlines())


def test_straight_lines_are_those_of_the_ellipsoid() -> None:
    origins, targets = URBAN, np.vstack([URBAN, [[40.4, 116.9]]])
    truth = [[geodesic_metres(*one, *other) for other in targets.tolist()] for one in origins.tolist()]
    assert straight_metres(origins, targets) == pytest.approx(np.array(truth), abs=0.6)  # the last is 60 to 80 km away
    assert straight_metres(origins, targets[:0]).shape == (3, 0)
    assert straight_metres(origins[:0], targets).shape == (0, 4)


def test_a_way_takes_its_detour_at_the_speed_of_the_hour() -> None:
    travel = BuiltIn(the_speeds(), ZONE).travel(URBAN[:1], URBAN, HALF_PAST_EIGHT)
    expected = straight_metres(URBAN[:1], URBAN) * 1.3 / (24 / 3.6)
    assert travel.seconds == pytest.approx(expected)
    assert travel.source == "built-in"
    assert travel.note is None


def test_the_hour_is_the_seasons_and_runs_on_evenly() -> None:
    router = BuiltIn(the_speeds(), ZONE)
    pairs = URBAN[:1], URBAN[1:]
    utc = router.travel(*pairs, HALF_PAST_EIGHT.astimezone(UTC)).seconds
    assert utc == pytest.approx(router.travel(*pairs, HALF_PAST_EIGHT).seconds)
    assert the_speeds().at(8 * 60 + 45) == 24
    assert the_speeds().at(9 * 60 + 30) == 28
    assert the_speeds().at(9 * 60 + 7.5) == pytest.approx(26)
    assert the_speeds().at(23 * 60) == pytest.approx(44)  # across midnight, from 40 at 22:00 to 48


def test_the_middle_is_slower_and_the_rim_faster() -> None:
    router = BuiltIn(the_speeds(), ZONE)
    inner, outer = np.array([[39.91, 116.4], [39.93, 116.42]]), np.array([[40.2, 116.2], [40.22, 116.22]])
    pace = [
        (router.travel(p[:1], p[1:], HALF_PAST_EIGHT).seconds / straight_metres(p[:1], p[1:]))[0, 0]
        for p in (inner, outer, np.vstack([inner[:1], outer[:1]]))
    ]
    assert pace[0] == pytest.approx(1.3 * 3.6 / 24 / 0.85)
    assert pace[1] == pytest.approx(1.3 * 3.6 / 24 / 1.4)
    assert pace[2] == pytest.approx((pace[0] + pace[1]) / 2)


def test_rain_slows_everything() -> None:
    router = BuiltIn(the_speeds(), ZONE)
    dry = router.travel(URBAN, URBAN, HALF_PAST_EIGHT).seconds
    assert router.travel(URBAN, URBAN, HALF_PAST_EIGHT, is_raining=True).seconds == pytest.approx(dry * 1.2)
    assert router.slowness(HALF_PAST_EIGHT, is_raining=True) == pytest.approx(2.4)


def test_the_rehearsed_ride_of_twenty_minutes_takes_forty() -> None:
    """Section 1.4 of the users' log: it is what the free road was calibrated with."""
    router = BuiltIn(the_speeds(), ZONE)
    free, jammed = (
        router.travel(URBAN[:1], URBAN[1:2], datetime(2027, 6, 7, hour, 30, tzinfo=ZONE)).seconds[0, 0]
        for hour in (3, 8)
    )
    assert jammed / free == pytest.approx(2, rel=0.01)
    assert router.slowness(HALF_PAST_EIGHT) == pytest.approx(2)


def test_no_plain_vehicle_is_promised_to_be_as_fast_as_the_police() -> None:
    """20.9 km from 14:31 in 18 minutes and 15 km from 08:35 in 14, both with police, bound the estimate."""
    speeds = the_speeds()
    fastest = max(speeds.ring_factors)
    assert speeds.at(14 * 60 + 31) * fastest < 20.9 / 18 * 60
    assert speeds.at(8 * 60 + 35) * fastest < 15 / 14 * 60


def test_guilins_eight_minutes_to_the_caller_are_a_way_one_expects() -> None:
    """08:36 accepted, 08:44 picked up, 08:52 at the gate; no distance is told, so this checks the order only."""
    speeds = the_speeds()
    straight_km = speeds.at(8 * 60 + 40) * (8 / 60) / speeds.detour
    assert 2 < straight_km < 3


@pytest.mark.parametrize("broken", ["speed,,08:00,0,km/h,x", "factor,inner,,-1,x,x", "speed,,8,30,km/h,x"])
def test_constants_that_cannot_be_are_refused(broken: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_speeds([*FILE.read_text(encoding="utf-8").splitlines(), broken])
    with pytest.raises((ValueError, KeyError)):
        read_speeds(["name,kind,at,value,unit,source"])
