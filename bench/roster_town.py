"""Invented exam seasons for the roster: stations, four days of shifts with seats by skill, and uneven volunteers.

After what is reported of such days (10 to 30 volunteers a station and day, about a hundred stations a city, teams of
ten or so with a leader and a deputy or two): homes crowd the centre while stations do not, half of the half-days are
free, proofs end, some posts are outdoors on hot days, some volunteers are minors, drive, or want to be kept apart.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from stations.kernel.text import Text
from stations.shifts.rules.rows import Busy, Candidate, Seat, Work
from stations.shifts.rules.skills import HALVES

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = tuple(date(2027, 6, 7) + timedelta(days=days) for days in range(4))
KM = 1 / 111.2
TURNS = (
    ("06:30", "09:15", ("drop_off", "queue", "traffic", "guidance", "supplies")),
    ("08:45", "12:15", ("rest_area", "supplies", "deposit", "counselling", "first_aid")),
    ("13:15", "17:15", ("rest_area", "supplies", "first_aid", "deposit")),
)
# Skill -> the share of volunteers who have it, and how often a shift asks for it.
SKILLS = {
    "first_aid": (0.12, 0.25), "counsellor": (0.05, 0.08), "driver": (0.15, 0.03), "traffic_order": (0.10, 0.12),
    "guide": (0.30, 0.10), "sign_language": (0.04, 0.03), "english": (0.20, 0.08),
}  # fmt: skip
POST_SKILL = {"counselling": "counsellor", "first_aid": "first_aid", "traffic": "traffic_order"}
LIKED, DISLIKED = ("supplies", "guidance", "rest_area", "queue"), ("drop_off", "deposit", "queue")
TEAM = 10
STATION_SHIFTS = 12


def make_town(volunteers, shifts, seed, *, radius_km=9.0, centre=(39.91, 116.40), first=0):
    """Seats, volunteers and heat of one town; the same for a seed. Numbers begin after `first`."""
    rng = np.random.default_rng((seed, volunteers, shifts, first))
    suburbs = np.array(centre) + rng.normal(0, radius_km * 1.2 * KM, (4, 2))
    seats = make_seats(rng, shifts, centre, suburbs, radius_km, first)
    crew = make_crew(rng, volunteers, centre, suburbs, radius_km, first)
    districts = sorted({seat.work.district for seat in seats})
    heat = {(code, day): celsius for code in districts
            for day, celsius in zip(DAYS, rng.choice([31.0, 33.0, 35.5, 37.5], 4), strict=True)}  # fmt: skip
    return seats, crew, heat


def make_seats(rng, shifts, centre, suburbs, radius_km, first):
    """Three turns a day at each station, a leader and some skills for each, and anyone for the rest."""
    seats, stations = [], -(-shifts // STATION_SHIFTS)
    for number in range(shifts):
        station, turn = divmod(number, STATION_SHIFTS)
        if turn == 0:
            at = spot(rng, centre, suburbs, radius_km, crowd=0.4)
            late = timedelta(minutes=15 * int(rng.integers(-1, 3)))
        day, which = divmod(turn, len(TURNS))
        starts, ends, posts = TURNS[which]
        post = str(rng.choice(posts))
        district = f"{first}-{station * 8 // stations}"
        times = clock(DAYS[day], starts) + late, clock(DAYS[day], ends) + late
        work = Work(first + number + 1, first + station + 1, district, post, *at, *times, f"Station {station + 1}")
        own = POST_SKILL.get(post)
        anyone = int(rng.integers(2, 6)) if own != "counsellor" and own != "first_aid" else 0
        asked = [skill for skill, (_share, often) in SKILLS.items() if rng.random() < often and anyone]
        asked = list(dict.fromkeys([*asked, *([own] if own else [])]))[:2]
        for skill, places in [("leader", int(anyone > 0)), *((skill, 1) for skill in asked), ("", anyone)]:
            if places:
                seats.append(Seat(first * 10 + len(seats) + 1, work, skill, places))
    return seats


def make_crew(rng, count, centre, suburbs, radius_km, first):
    """Teams of people who live near one another."""
    crew = []
    for number in range(1, count + 1):
        if number % TEAM == 1:
            base = spot(rng, centre, suburbs, radius_km, crowd=0.7)
        standing = {1: "leader", 2: "deputy"}.get(number % TEAM, "deputy" if rng.random() < 0.06 else "")
        home = [base[axis] + rng.normal(0, 3 * KM) for axis in (0, 1)]
        if rng.random() < 0.3:
            home = spot(rng, centre, suburbs, radius_km, crowd=0.7)
        crew.append(make_volunteer(rng, first + number, first + (number - 1) // TEAM + 1, standing, home, first, count))
    return crew


def make_volunteer(rng, number, team, standing, home, first, count):
    """One of all sorts."""
    often = rng.choice([0.9, 0.5, 0.2], p=[0.15, 0.4, 0.45])
    free = frozenset((day, half) for day in DAYS for half in HALVES if rng.random() < often)
    is_young = not standing and rng.random() < 0.08
    skills = {skill: DAYS[int(rng.integers(0, 3))] if rng.random() < 0.1 else None
              for skill, (share, _often) in SKILLS.items() if rng.random() < share}  # fmt: skip
    drives = clock(DAYS[int(rng.integers(4))], "06:00")
    busy = (Busy(drives, drives + timedelta(hours=8), Text("on a vehicle")),) if rng.random() < 0.04 else ()
    named = frozenset(first + int(other) for other in rng.integers(1, count + 1, 1))
    return Candidate(
        number, team, standing, date(2011, 3, 1) if is_young else None, bool(rng.random() < 0.9), skills,
        None if rng.random() < 0.05 else free, *home,
        likes=frozenset(rng.choice(LIKED, 2).tolist()) if rng.random() < 0.3 else frozenset(),
        dislikes=frozenset([str(rng.choice(DISLIKED))]) if rng.random() < 0.1 else frozenset(),
        together=frozenset([number + 1]) if number % TEAM and rng.random() < 0.05 else frozenset(),
        apart=named if rng.random() < 0.02 else frozenset(),
        minutes_before=int(rng.exponential(180)) // 30 * 30, busy=busy,
    )  # fmt: skip


def spot(rng, centre, suburbs, radius_km, crowd):
    """A place in the centre or in a suburb."""
    if rng.random() < crowd:
        return [centre[axis] + rng.normal(0, radius_km * 0.5 * KM) for axis in (0, 1)]
    suburb = suburbs[int(rng.integers(len(suburbs)))]
    return [suburb[axis] + rng.normal(0, radius_km * 0.4 * KM) for axis in (0, 1)]


def clock(day, time):
    """A time on the clock of the place."""
    hours, minutes = map(int, time.split(":"))
    return datetime(day.year, day.month, day.day, hours, minutes, tzinfo=ZONE)


def make_nation(cities, volunteers, shifts, seed):
    """Towns far apart in one instance."""
    rng = np.random.default_rng((seed, cities))
    seats, crew, heat = [], [], {}
    for city in range(cities):
        centre = (24 + 3.4 * (city // 5) + rng.uniform(0, 1), 101 + 4 * (city % 5) + rng.uniform(0, 1))
        part = make_town(volunteers, shifts, seed, radius_km=7.0, centre=centre, first=(city + 1) * 100_000)
        seats, crew, heat = seats + part[0], crew + part[1], heat | part[2]
    return seats, crew, heat
