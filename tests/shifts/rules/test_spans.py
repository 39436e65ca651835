"""Days, halves, nights and ways."""

from datetime import date, timedelta

import pytest
from factories.rosters import DAY, KM, ZONE, at, work

from stations.shifts.rules.rows import Half, Limits
from stations.shifts.rules.spans import (
    age_on,
    clock_span,
    gap_minutes,
    halves_of,
    is_at_hours,
    local_day,
    minutes_between,
    minutes_from_home,
    way_minutes,
)

NEXT = DAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        ("07:00", "12:00", [(DAY, "morning")]),
        ("07:00", "12:30", [(DAY, "morning")]),
        ("07:00", "12:31", [(DAY, "morning"), (DAY, "afternoon")]),
        ("11:45", "12:10", [(DAY, "morning")]),
        ("17:00", "19:00", [(DAY, "afternoon"), (DAY, "evening")]),
        ("22:00", "26:00", [(DAY, "evening"), (NEXT, "morning")]),
    ],
)
def test_halves_count_with_more_than_half_an_hour_or_the_start(starts: str, ends: str, expected: list[Half]) -> None:
    assert list(halves_of(at(starts), at(ends), ZONE)) == expected


@pytest.mark.parametrize(
    ("starts", "ends", "is_night"),
    [("22:00", "23:00", True), ("21:00", "22:00", False), ("21:00", "22:01", True), ("04:00", "06:00", True),
     ("06:00", "22:00", False), ("20:00", "30:00", True)],
)  # fmt: skip
def test_night_goes_past_midnight(starts: str, ends: str, is_night: bool) -> None:
    assert is_at_hours(work(starts, ends), 22, 6, ZONE) is is_night


def test_days_and_hours_are_those_of_the_place() -> None:
    early = work("06:30", "09:15")
    assert early.starts_at.utctimetuple().tm_mday == 6
    assert (local_day(early.starts_at, ZONE), early.minutes) == (DAY, 165)
    assert clock_span(early.starts_at, early.ends_at, ZONE) == "06-07 06:30-09:15"
    assert gap_minutes(early, work("09:00", "10:00")) == gap_minutes(work("09:00", "10:00"), early) == -15


def test_ways_are_estimates_rounded_up_and_nothing_within_a_station() -> None:
    limits = Limits()
    assert [way_minutes(metres, limits) for metres in (0, 1, 3000, 12_000)] == [8, 9, 21, 60]
    far = work(station_id=2, lat=39.9 + 3 * KM)
    assert (minutes_between(work(), far, limits), minutes_between(work(), work(lat=40.0), limits)) == (22, 0)
    assert (minutes_from_home(None, 116.4, far, limits), minutes_from_home(39.9, 116.4, far, limits)) == (0, 22)


def test_age_grows_on_the_birthday_and_is_without_end_when_unknown() -> None:
    born = date(2009, 6, 7)
    assert [age_on(born, day) for day in (date(2027, 6, 6), date(2027, 6, 7))] == [17, 18]
    assert age_on(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert age_on(None, DAY) == float("inf")
