"""Shifts, seats and volunteers for tests of the guard and the roster; a plain one of each, and random ones."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from stations.kernel.text import Text
from stations.shifts.rules.rows import Busy, Candidate, Half, Seat, Work
from stations.shifts.rules.skills import HALVES, POSTS, SKILLS

ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2027, 6, 7)
DAYS = tuple(DAY + timedelta(days=days) for days in range(4))
HOME = (39.9, 116.4)
# About a kilometre of latitude.
KM = 1 / 111.0


def at(clock: str, days: int = 0) -> datetime:
    """A time on the exam's first day, or so many days later."""
    hours, minutes = map(int, clock.split(":"))
    return datetime(DAY.year, DAY.month, DAY.day, tzinfo=ZONE) + timedelta(days=days, hours=hours, minutes=minutes)


def work(starts: str = "07:00", ends: str = "09:00", days: int = 0, **fields: Any) -> Work:
    plain: dict[str, Any] = {
        "shift_id": 1, "station_id": 1, "district": "A", "post": "supplies", "lat": HOME[0], "lon": HOME[1],
        "starts_at": at(starts, days), "ends_at": at(ends, days), "station_name": "North Gate",
    }  # fmt: skip
    return Work(**plain | fields)


def every_half(days: int = 4) -> frozenset[Half]:
    return frozenset((day, half) for day in DAYS[:days] for half in HALVES)


def volunteer(number: int = 1, **fields: Any) -> Candidate:
    plain: dict[str, Any] = {"volunteer_id": number, "available": every_half(), "lat": HOME[0], "lon": HOME[1]}
    return Candidate(**plain | fields)


def random_seats(rng: np.random.Generator, shifts: int, stations: int = 4, days: int = 2) -> list[Seat]:
    """Shifts of one to five hours at stations some kilometres apart, of every post, each with one or two seats."""
    places = HOME + rng.normal(0, 4 * KM, (stations, 2))
    posts, skills = [*POSTS, "unheard_of"], ["", "", "leader", *SKILLS]
    seats = []
    for shift_id in range(1, shifts + 1):
        station = int(rng.integers(stations))
        starts_at = at("05:00", int(rng.integers(days))) + timedelta(minutes=30 * int(rng.integers(0, 34)))
        one = Work(
            shift_id, station + 1, "AB"[station % 2], str(rng.choice(posts)), *places[station].tolist(), starts_at,
            starts_at + timedelta(minutes=30 * int(rng.integers(2, 10))), f"Station {station + 1}",
        )  # fmt: skip
        for skill in rng.choice(skills, int(rng.integers(1, 3)), replace=False).tolist():
            seats.append(Seat(len(seats) + 1, one, skill, int(rng.integers(1, 3))))
    return seats


def random_volunteers(rng: np.random.Generator, count: int) -> list[Candidate]:
    """Of all ages and standings, with some skills, some wishes, and at times other duty."""
    homes = HOME + rng.normal(0, 6 * KM, (count, 2))
    return [_random_volunteer(rng, number, count, homes[number - 1].tolist()) for number in range(1, count + 1)]


def _random_volunteer(rng: np.random.Generator, number: int, count: int, home: list[float]) -> Candidate:
    is_young = rng.random() < 0.2
    halves = frozenset(half for half in sorted(every_half()) if rng.random() < 0.8)
    skills = {
        skill: None if rng.random() < 0.5 else DAY + timedelta(days=int(rng.integers(-1, 3)))
        for skill in SKILLS if rng.random() < 0.4
    }  # fmt: skip
    starts_at = at("06:00") + timedelta(minutes=30 * int(rng.integers(0, 24)))
    duty = Busy(starts_at, starts_at + timedelta(hours=2), Text("driving"), str(rng.choice(["", "driver"])))
    others = [int(other) for other in rng.integers(1, count + 1, 2) if other != number]
    return Candidate(
        number, int(rng.integers(1, 4)), str(rng.choice(["", "", "leader", "deputy"])),
        date(2027 - int(rng.integers(12, 19)), 6, 8) if is_young else None, bool(rng.random() < 0.8), skills,
        None if rng.random() < 0.1 else halves, *home,
        likes=frozenset(rng.choice([*POSTS], 2).tolist()) | {1},
        dislikes=frozenset([str(rng.choice([*POSTS]))]) if rng.random() < 0.3 else frozenset(),
        together=frozenset(others[:1]) if rng.random() < 0.2 else frozenset(),
        apart=frozenset(others[1:]) if rng.random() < 0.2 else frozenset(),
        minutes_before=int(rng.integers(0, 4)) * 120, busy=(duty,) if rng.random() < 0.2 else (),
    )  # fmt: skip
