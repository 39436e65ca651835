"""Working days in China: weekends, public holidays and the weekend days that are worked instead.

The State Council announces a year's days off late in the year before; until the calendar library knows them, only
the holidays of the law themselves are certain, and what is counted is a guess."""

from datetime import date
from functools import cache
from typing import NamedTuple

from holidays import HolidayBase, country_holidays

MOST_DAYS = 60


class Deadline(NamedTuple):
    """A day, and whether the year's days off were not announced when the library was made."""

    day: date
    is_guess: bool


def add_working_days(day: date, count: int) -> Deadline:
    """The `count`-th (1 to 60) working day after `day`."""
    if not 1 <= count <= MOST_DAYS:
        raise ValueError(count)
    found = _load(day.year).get_nth_working_day(day, count)
    return Deadline(found, is_guess=any(not is_announced(year) for year in {day.year, found.year}))


def is_announced(year: int) -> bool:
    """Whether the days off of that year are known."""
    return year in _load(year).special_public_holidays


@cache
def _load(year: int) -> HolidayBase:
    return country_holidays("CN", years=[year, year + 1])
