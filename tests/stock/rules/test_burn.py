"""When a shelf will be empty: by its own rate, by the network's while that is little known, by the hour of day."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from factories.places import BEIJING, beijing, every_day

from stations.stock.rules.burn import WALK_HOURS, Moment, Outlook, forecast

WATER, PENS = 1, 2
Row = tuple[int, int, int, int, int]
OPEN = every_day((390, 1080))


def at(clock: str, *places: int, day: str = "2027-06-07") -> Moment:
    return Moment(beijing(clock, day), BEIJING, dict.fromkeys(places, OPEN))


def issued(place: int, clock_hour: int, taps: int, size: int = 1, item: int = WATER) -> Row:
    """Taps of a size in one hour of the day in Beijing."""
    return place, item, clock_hour, taps * size, taps * size * size


def foresee(
    shelves: list[tuple[int, int, int]], rows: list[Row], moment: Moment, until: datetime | None = None
) -> list[Outlook]:
    """Each row in the latest such hour of the day that has begun."""
    now = int(moment.now.timestamp()) // 3600
    seen = [(place, item, now - (now + 8 - hour) % 24, *sums) for place, item, hour, *sums in rows]
    return forecast(shelves, np.array(seen, dtype=np.int64).reshape(-1, 5), moment, until)


def look(on_hand: int, rows: list[Row], moment: Moment, item: int = WATER) -> Outlook:
    """Of place 1."""
    (outlook,) = foresee([(1, item, on_hand)], rows, moment)
    return outlook


def steady(place: int, per_hour: int, *hours: int) -> list[Row]:
    return [issued(place, hour, per_hour) for hour in hours]


def test_twelve_left_at_six_an_hour_last_about_two_hours() -> None:
    outlook = look(12, steady(1, 6, 7, 8, 9, 10), at("11:00", 1))
    assert outlook.per_hour == pytest.approx(6, abs=3)
    assert outlook.hours is not None
    assert 1 < outlook.hours < 3
    assert outlook.soonest is not None
    assert outlook.latest is not None
    assert 0.5 < outlook.soonest < outlook.hours < outlook.latest < 6


def test_nothing_is_known_where_nothing_goes_out() -> None:
    assert look(50, [], at("08:00", 1)) == Outlook(0.0, None, None, None)
    assert foresee([], steady(1, 6, 7), at("08:00", 1)) == []
    other_item = look(50, steady(2, 40, 7, 8), at("09:00", 1, 2), PENS)
    assert (other_item.per_hour, other_item.hours) == (0.0, None)


def test_an_empty_shelf_is_empty_now() -> None:
    outlook = look(0, steady(1, 6, 7, 8), at("09:00", 1))
    assert (outlook.hours, outlook.soonest, outlook.latest) == (0, 0, 0)


def test_a_station_without_data_takes_after_the_network() -> None:
    network = [row for place in range(2, 12) for row in steady(place, 60, 7, 8)]
    just_open = Moment(beijing("09:00"), BEIJING, dict.fromkeys(range(2, 12), OPEN) | {1: every_day((530, 1080))})
    awake = look(60, network, just_open)
    usual = look(60, [*network, *steady(1, 60, 7, 8)], at("09:00", *range(1, 12)))
    assert awake.hours is not None
    assert usual.hours is not None
    assert 0 < awake.per_hour < usual.per_hour
    assert usual.hours < awake.hours
    # Its band is the wider one.
    assert (awake.latest or 0) / (awake.soonest or 1) > (usual.latest or 0) / (usual.soonest or 1)


def test_a_sleeping_station_is_not_expected_to_wake() -> None:
    network = [row for place in range(2, 12) for row in steady(place, 60, 7, 8, 9, 10, 11)]
    sleeping = look(60, network, at("12:00", *range(1, 12)))
    assert sleeping.per_hour < 5


def test_a_station_that_opens_later_is_not_called_slow() -> None:
    network = [row for place in range(2, 12) for row in steady(place, 60, 7, 8, 9)]
    late = Moment(beijing("10:30"), BEIJING, dict.fromkeys(range(2, 12), OPEN) | {1: every_day((600, 1080))})
    early = at("10:30", *range(1, 12))
    rows = [*network, issued(1, 10, 15)]
    assert look(60, rows, late).per_hour > look(60, rows, early).per_hour


def test_its_own_taps_outweigh_the_network_in_time() -> None:
    network = [row for place in range(2, 12) for row in steady(place, 10, 7, 8, 9, 10)]
    moment = at("11:00", *range(1, 12))
    rates = [
        look(500, [*network, *steady(1, 50, *hours)], moment).per_hour for hours in ((10,), (9, 10), (7, 8, 9, 10))
    ]
    assert rates == sorted(rates)
    assert rates[-1] > 30


def test_one_case_is_one_event_not_a_flood() -> None:
    network = [row for place in range(2, 12) for row in steady(place, 10, 7, 8)]
    moment = at("09:00", *range(1, 12))
    by_case = look(100, [*network, issued(1, 8, 1, size=24), *(issued(p, 8, 1, size=24) for p in range(2, 12))], moment)
    by_bottle = look(100, [*network, issued(1, 8, 24), *(issued(p, 8, 24) for p in range(2, 12))], moment)
    assert (by_case.latest or 0) - (by_case.soonest or 0) > (by_bottle.latest or 0) - (by_bottle.soonest or 0)


def test_one_tap_in_all_is_no_panic() -> None:
    outlook = look(100, [issued(1, 7, 1)], at("07:01", 1))
    assert outlook.per_hour < 5
    assert outlook.hours is None or outlook.hours > 10


def test_nothing_goes_out_while_the_station_is_closed() -> None:
    rows = steady(1, 10, 13, 14, 15, 16, 17)
    evening = look(40, rows, at("18:00", 1))
    assert evening.per_hour == 0
    assert evening.hours is not None
    assert 12.5 < evening.hours < 24  # tomorrow
    stays_open = look(40, rows, Moment(beijing("18:00"), BEIJING))
    assert stays_open.per_hour > 0


def test_yesterday_counts_by_hour_of_day_and_today_by_its_level() -> None:
    """Yesterday nothing went between nine and twelve; twice as much goes today, at eight, as went yesterday then."""
    yesterday = [row for place in range(1, 9) for row in steady(place, 20, 13, 14, 15, 16, 17)]
    quiet = [row for place in range(1, 9) for row in steady(place, 1, 9, 10, 11)]
    today = [row for place in range(1, 9) for row in steady(place, 40, 7)]
    moment = at("08:00", *range(1, 9), day="2027-06-08")
    outlooks = foresee([(1, WATER, 60)], yesterday + quiet + today, moment, moment.now + timedelta(hours=4))
    without = foresee([(1, WATER, 60)], today, moment, moment.now + timedelta(hours=4))
    assert outlooks[0].needed < without[0].needed / 2
    assert (outlooks[0].hours or 0) > (without[0].hours or 0)


def test_a_day_on_which_nobody_kept_the_books_is_no_silence() -> None:
    first_day = look(60, steady(1, 20, 7, 8), at("09:00", 1))
    assert first_day.hours is not None
    assert first_day.hours < 6


def test_units_needed_grow_with_the_time_asked_for() -> None:
    moment = at("09:00", 1)
    rows = steady(1, 20, 7, 8)
    needed = [
        foresee([(1, WATER, 60)], rows, moment, moment.now + timedelta(hours=hours))[0].needed
        for hours in (-1, 0, 1, 4, 9, 14, WALK_HOURS * 2)
    ]
    assert needed[:2] == [0, 0]
    assert needed == sorted(needed)
    assert needed[4] == needed[5]  # closed since 18:00
    assert needed[2] == look(60, rows, moment).per_hour


def test_the_same_gives_the_same_whatever_the_order() -> None:
    rows = [row for place in range(1, 5) for row in steady(place, 5 * place, 7, 8)]
    shelves = [(place, item, 40) for place in range(1, 5) for item in (WATER, PENS)]
    moment = at("09:20", *range(1, 5))
    together = foresee(shelves, rows, moment)
    assert together[::-1] == foresee(shelves[::-1], rows[::-1], moment)


def test_hours_do_not_jump_at_midnight() -> None:
    rows = steady(1, 10, 20, 21, 22, 23)
    always = {1: every_day((0, 1440))}
    before = look(1000, rows, Moment(beijing("23:59:59"), BEIJING, always))
    after = look(1000, rows, Moment(beijing("00:00:01", "2027-06-08"), BEIJING, always))
    assert before.per_hour == pytest.approx(after.per_hour, rel=0.2)
