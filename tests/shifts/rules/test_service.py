"""Minutes of service: none twice, rounded by the rule of the place."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stations.shifts.rules.service import ROUNDINGS, Presence, count_minutes, tally

START = datetime(2027, 6, 7, tzinfo=UTC)


def minute(n: int) -> datetime:
    return START + timedelta(minutes=n)


def a_presence(volunteer: int, starts: int, ends: int, came: int | None = None, left: int | None = None) -> Presence:
    return Presence(
        volunteer, minute(starts), minute(ends), minute(starts if came is None else came),
        minute(ends if left is None else left),
    )  # fmt: skip


SPANS = st.tuples(st.integers(1, 3), st.integers(0, 300), st.integers(1, 120)).map(
    lambda one: a_presence(one[0], one[1], one[1] + one[2])
)


@given(st.lists(SPANS, max_size=12))
def test_every_minute_of_a_volunteer_counts_exactly_once(presences: list[Presence]) -> None:
    counted = count_minutes(presences)
    for volunteer in (1, 2, 3):
        mine = [one for one in presences if one.volunteer_id == volunteer]
        union = {m for m in range(500) if any(one.since <= minute(m) < one.until for one in mine)}
        pairs = zip(presences, counted, strict=True)
        assert sum(minutes for one, minutes in pairs if one.volunteer_id == volunteer) == len(union)


def test_only_the_time_of_the_shift_counts() -> None:
    assert count_minutes([a_presence(1, 60, 120, came=10, left=170)]) == [60]
    assert count_minutes([a_presence(1, 60, 120, came=130, left=170)]) == [0]
    assert count_minutes([a_presence(1, 60, 120, came=75, left=100)]) == [25]


def test_a_presence_inside_another_does_not_shorten_what_comes_after() -> None:
    assert count_minutes([a_presence(1, 0, 100), a_presence(1, 10, 20), a_presence(1, 90, 120)]) == [100, 0, 20]


@pytest.mark.parametrize(
    ("rounding", "minutes", "counted"),
    [
        ("exact", 47, 47), ("half_hours", 15, 0), ("half_hours", 16, 30), ("half_hours", 45, 30),
        ("half_hours", 46, 60), ("half_hours", 60, 60), ("half_hours", 135, 120), ("half_hours", 136, 150),
        ("most_of_it", 71, 0), ("most_of_it", 72, 72), ("most_of_it", 120, 120),
    ],
)  # fmt: skip
def test_each_place_rounds_by_its_rule(rounding: str, minutes: int, counted: int) -> None:
    assert ROUNDINGS[rounding].minutes(minutes, 120) == counted
    assert sum(count_minutes([a_presence(1, 0, minutes)], rounding)) == ROUNDINGS[rounding].minutes(minutes, minutes)


def test_persons_attendances_and_minutes_are_three_figures() -> None:
    figures = tally([(1, 60), (1, 30), (2, 45)])
    assert (figures.persons, figures.attendances, figures.minutes, figures.hours) == (2, 3, 135, 2.25)
