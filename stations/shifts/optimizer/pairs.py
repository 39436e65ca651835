"""The guard for every volunteer and every shift at once, and for every two shifts of one volunteer.

The tests are those of `rules/`, in columns; tests/shifts/optimizer prove on random cases that they say the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

import numpy as np
from numpy.typing import NDArray

from stations.kernel.geo.chord import spots
from stations.shifts.rules.fitness import celsius_at
from stations.shifts.rules.hours import is_hot
from stations.shifts.rules.rows import Candidate, Half, Heat, Limits, Work
from stations.shifts.rules.skills import LEADER, post_of
from stations.shifts.rules.spans import age_on, halves_of, is_at_hours, local_day

Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Given:
    """What binds everybody."""

    limits: Limits
    heat: Heat
    zone: tzinfo


@dataclass(frozen=True, slots=True)
class Works:
    """Shifts in columns; times are minutes. `day` is a place in `days`, `stretch` the longest stretch it may be in."""

    rows: tuple[Work, ...]
    days: tuple[date, ...]
    day: Places
    starts: Numbers
    ends: Numbers
    minutes: Numbers
    stretch: Numbers
    is_hot: Flags
    spots: Numbers
    station: Places

    def __len__(self) -> int:
        return len(self.rows)


def works_in_columns(rows: Sequence[Work], given: Given) -> Works:
    """The shifts as they are told, with what heat and the local day make of them."""
    limits, zone = given.limits, given.zone
    on = [local_day(row.starts_at, zone) for row in rows]
    days = tuple(sorted(set(on)))
    is_warm = np.array([(celsius_at(row, given.heat, zone) or 0) >= limits.heat_warm_celsius for row in rows], bool)
    warm = min(limits.stretch_minutes, limits.heat_warm_stretch_minutes)
    return Works(
        rows=tuple(rows),
        days=days,
        day=np.array([days.index(day) for day in on], np.intp),
        starts=np.array([row.starts_at.timestamp() / 60 for row in rows]),
        ends=np.array([row.ends_at.timestamp() / 60 for row in rows]),
        minutes=np.array([row.minutes for row in rows], float),
        stretch=np.where(is_warm, warm, limits.stretch_minutes).astype(float),
        is_hot=np.array([is_hot(row, limits, given.heat, zone) for row in rows], bool),
        spots=_spots([(row.lat, row.lon) for row in rows]),
        station=np.unique([row.station_id for row in rows], return_inverse=True)[1].astype(np.intp),
    )


def _spots(points: Sequence[tuple[float | None, float | None]]) -> Numbers:
    """Metres from the Earth's centre, shape (n, 3); nan where no place is known."""
    known = np.array([(np.nan, np.nan) if None in point else point for point in points], float).reshape(-1, 2)
    return spots(known[:, 0], known[:, 1])


def _way(metres: Numbers, limits: Limits) -> Numbers:
    minutes: Numbers = np.ceil(metres * limits.way_detour / limits.way_metres_per_minute + limits.way_fixed_minutes)
    return minutes


def way_minutes(candidates: Sequence[Candidate], works: Works, limits: Limits) -> Numbers:
    """Minutes from home to each shift, shape (volunteers, shifts); 0 from nowhere known."""
    homes = _spots([(one.lat, one.lon) for one in candidates])
    targets, which = np.unique(works.spots, axis=0, return_inverse=True)
    metres = np.sqrt(sum((homes[:, None, axis] - targets[None, :, axis]) ** 2 for axis in range(3)))
    minutes = np.where(np.isnan(metres), 0.0, _way(np.asarray(metres), limits))
    return minutes[:, which.reshape(-1)]


def conflicts(works: Works, limits: Limits) -> Flags:
    """Which two shifts nobody can hold both, shape (shifts, shifts); every shift conflicts with itself."""
    gap = np.maximum.outer(works.starts, works.starts) - np.minimum.outer(works.ends, works.ends)
    span = np.maximum.outer(works.ends, works.ends) - np.minimum.outer(works.starts, works.starts)
    targets, which = np.unique(works.spots, axis=0, return_inverse=True)
    metres = np.sqrt(sum((targets[:, None, axis] - targets[None, :, axis]) ** 2 for axis in range(3)))
    way = _way(np.asarray(metres), limits)[np.ix_(which.reshape(-1), which.reshape(-1))]
    way[works.station[:, None] == works.station] = 0
    clash = (gap < 0) | (gap < way)
    clash |= (works.day[:, None] != works.day) & (gap < limits.rest_minutes)
    clash |= (gap < limits.break_minutes) & (span > np.minimum.outer(works.stretch, works.stretch))
    np.fill_diagonal(clash, True)
    return clash


def fitness(candidates: Sequence[Candidate], works: Works, given: Given, way: Numbers) -> dict[str, Flags]:
    """Which shifts each volunteer may hold, by test, each of shape (volunteers, shifts); skills apart."""
    minors = is_minor(candidates, works.days, given.limits)[:, works.day]
    return {
        "heat": _by_heat(works, given, minors),
        "age": _by_age(candidates, works, given, minors),
        "free": _by_time(candidates, works, given.zone) & _by_duty(candidates, works),
        "near": way <= given.limits.way_most_minutes,
        "wish": _by_wishes(candidates, works),
    }


def is_minor(candidates: Sequence[Candidate], days: Sequence[date], limits: Limits) -> Flags:
    """Who is under age on which day, shape (volunteers, days)."""
    young = np.zeros((len(candidates), len(days)), bool)
    for v, one in enumerate(candidates):
        if one.born_on is not None:
            young[v] = [age_on(one.born_on, day) < limits.adult_age for day in days]
    return young


def most_minutes(candidates: Sequence[Candidate], days: Sequence[date], limits: Limits) -> Numbers:
    """Minutes a day, shape (volunteers, days)."""
    young = is_minor(candidates, days, limits)
    return np.where(young, float(limits.minor_day_minutes), float(limits.day_minutes))


def _by_heat(works: Works, given: Given, minors: Flags) -> Flags:
    limits, zone = given.limits, given.zone
    celsius = np.array([celsius_at(row, given.heat, zone) or 0 for row in works.rows])
    is_noon = np.array(
        [is_at_hours(row, limits.heat_hottest_from_hour, limits.heat_hottest_until_hour, zone) for row in works.rows],
        bool,
    )
    good = (celsius < limits.heat_stop_celsius) & ~((celsius >= limits.heat_hot_celsius) & is_noon)
    good &= ~(works.is_hot & (works.minutes > limits.heat_hot_day_minutes))
    good &= works.ends - works.starts <= works.stretch
    allowed: Flags = good & ~(minors & (celsius >= limits.heat_warm_celsius))
    return allowed


def _by_age(candidates: Sequence[Candidate], works: Works, given: Given, minors: Flags) -> Flags:
    limits = given.limits
    least = np.array([post_of(row.post).least_age for row in works.rows])
    is_night = np.array(
        [is_at_hours(row, limits.minor_night_from_hour, limits.minor_night_until_hour, given.zone)
         for row in works.rows], bool,
    )  # fmt: skip
    consent = np.array([one.has_guardian_consent for one in candidates], bool)
    most = np.where(minors, limits.minor_day_minutes, limits.day_minutes)
    allowed = ~(minors & (~consent[:, None] | is_night)) & (works.minutes <= most)
    for v, one in enumerate(candidates):
        if one.born_on is not None:
            ages = np.array([age_on(one.born_on, day) for day in works.days])[works.day]
            allowed[v] &= ages >= least
    return np.asarray(allowed)


def _by_time(candidates: Sequence[Candidate], works: Works, zone: tzinfo) -> Flags:
    needed = [halves_of(row.starts_at, row.ends_at, zone) for row in works.rows]
    columns: dict[Half, int] = {}
    for halves in needed:
        for half in halves:
            columns.setdefault(half, len(columns))
    asks = np.zeros((len(columns), len(works)), np.float32)
    for s, halves in enumerate(needed):
        asks[[columns[half] for half in halves], s] = 1
    lacks = np.ones((len(candidates), len(columns)), np.float32)
    for v, one in enumerate(candidates):
        lacks[v, [columns[half] for half in one.available or () if half in columns]] = 0
    return np.asarray(lacks @ asks == 0)


def _by_duty(candidates: Sequence[Candidate], works: Works) -> Flags:
    allowed = np.ones((len(candidates), len(works)), bool)
    needs = np.array([post_of(row.post).needs for row in works.rows])
    for v, one in enumerate(candidates):
        for busy in one.busy:
            starts, ends = busy.starts_at.timestamp() / 60, busy.ends_at.timestamp() / 60
            is_the_post = (needs == busy.skill) & (busy.skill != "")
            allowed[v] &= is_the_post | (np.minimum(works.ends, ends) <= np.maximum(works.starts, starts))
    return allowed


def _by_wishes(candidates: Sequence[Candidate], works: Works) -> Flags:
    return ~matches([one.dislikes for one in candidates], works)


def matches(wishes: Sequence[frozenset[str | int]], works: Works) -> Flags:
    """Whose wishes name the post or the station of which shift, shape (volunteers, shifts)."""
    places: dict[str | int, list[int]] = {}
    for s, row in enumerate(works.rows):
        places.setdefault(row.post, []).append(s)
        places.setdefault(row.station_id, []).append(s)
    found = np.zeros((len(wishes), len(works)), bool)
    for v, named in enumerate(wishes):
        for each in named:
            found[v, places.get(each, [])] = True
    return found


def skilled(candidates: Sequence[Candidate], skill: str, days: Sequence[date]) -> Flags:
    """Who has a skill on which day, shape (volunteers, days); everybody has ''."""
    if not skill:
        return np.ones((len(candidates), len(days)), bool)
    if skill == LEADER:
        return np.repeat(np.array([bool(one.standing) for one in candidates], bool)[:, None], len(days), axis=1)
    has = np.zeros((len(candidates), len(days)), bool)
    for v, one in enumerate(candidates):
        has[v] = _valid(one.skills, skill, days)
    return has


def _valid(skills: Mapping[str, date | None], skill: str, days: Sequence[date]) -> list[bool]:
    if skill not in skills:
        return [False] * len(days)
    until = skills[skill]
    return [until is None or until >= day for day in days]
