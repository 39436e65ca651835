"""Make the roster that the demonstration begins with: who is on which shift, was seen at the roll call, waits or asks.

Run as `python data/make_demo_roster.py` after `make_demo_volunteers.py`. Seeded: the same sheets give the same bytes.
Nobody is placed whom the guard of the shifts would refuse.
"""

import csv
import random
import sys
from dataclasses import astuple, dataclass, field, fields, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from stations.seasons.rules import SessionRow  # noqa: E402
from stations.shifts.actions.enrolling import Enrolment  # noqa: E402
from stations.shifts.rules.orders import coarse  # noqa: E402
from stations.shifts.rules.placing import objections_to_seat  # noqa: E402
from stations.shifts.rules.planning import Planned, StationSpot, TemplateRow, plan_shifts  # noqa: E402
from stations.shifts.rules.rows import Candidate, Held, Limits, Seat, Work  # noqa: E402
from stations.shifts.rules.spans import minutes_from_home  # noqa: E402
from stations.workflows.demo_people import (  # noqa: E402
    Deed,
    read_companions,
    read_sheet,
    read_teams,
    read_templates,
    read_volunteers,
)

DEMO = ROOT / "data" / "demo"
ZONE = ZoneInfo("Asia/Shanghai")
SEED = 20270607
LIMITS = Limits()
HAIDIAN = "YS-BJ-110108"
FIRST_DAY = date(2027, 6, 7)

# Of a hundred places on the first day, and of a union point's on the next, so many are held when the clock shows 07:40.
HELD_BEGUN, HELD_SOON, HELD_LATER, HELD_TOMORROW = 94, 68, 76, 35
COME, SIGN_UP = 95, 92  # of a hundred who are on a shift that has begun, and of those whose shift has not
SIGNED_UP_FROM = datetime(2027, 6, 6, 15, 0)  # noqa: DTZ001 (wall clock, as the sheet has it)
PLACED_AT = datetime(2027, 6, 5, 17, 30)  # noqa: DTZ001
ROLL_AT = (datetime(2027, 6, 7, 6, 45), datetime(2027, 6, 7, 7, 25))  # noqa: DTZ001
LAST_AT = datetime(2027, 6, 7, 7, 32)  # noqa: DTZ001
STARTS = datetime(2027, 6, 7, 7, 40, tzinfo=ZONE)
SOON = timedelta(hours=2)
WAITERS = 4

Place = tuple[str, str, str, str]


@dataclass
class Ground:
    """Stations, seats and people as the guard sees them, and what is held so far."""

    people: dict[int, Candidate]
    numbers: dict[int, str]
    teams: dict[int, str]
    unions: dict[int, str]
    seats: list[Seat]
    places: dict[int, Place]
    stations: dict[str, dict[str, str]]
    held: dict[int, list[Held]] = field(default_factory=dict)
    beside: dict[int, set[int]] = field(default_factory=dict)
    taken: dict[int, list[int]] = field(default_factory=dict)

    def may_take(self, person: int, seat: Seat) -> bool:
        """What the guard says of somebody whom another places: a volunteer who asks is refused no more than that."""
        now = replace(seat, taken=len(self.taken.get(seat.need_id, ())))
        beside = self.beside.get(seat.work.shift_id, set())
        held = self.held.get(person, [])
        return not objections_to_seat(self.people[person], now, held, LIMITS, {}, zone=ZONE, beside=beside)

    def take(self, person: int, seat: Seat) -> None:
        """Keep that somebody has a place."""
        self.held.setdefault(person, []).append(Held(seat.work, need_id=seat.need_id))
        self.beside.setdefault(seat.work.shift_id, set()).add(person)
        self.taken.setdefault(seat.need_id, []).append(person)


def read_ground() -> Ground:
    """All of it out of the sheets."""
    stations = {row["station_code"]: row for row in read_sheet(DEMO / "stations.csv")}
    ids = {code: number for number, code in enumerate(stations, 1)}
    teams = {team.code: (number, team.organization) for number, team in enumerate(read_teams(DEMO / "teams.csv"), 1)}
    rows = dict(enumerate(read_volunteers(DEMO / "volunteers.csv"), 1))
    numbers = {number: row.volunteer.staff_no for number, row in rows.items()}
    people = {n: candidate(n, row, teams[row.volunteer.team][0], ids) for n, row in rows.items()}
    known = {staff_no: number for number, staff_no in numbers.items()}
    for one, other, together in read_companions(DEMO / "volunteers.csv"):
        for mine, theirs in ((known[one], known[other]), (known[other], known[one])):
            side = "together" if together else "apart"
            people[mine] = replace(people[mine], **{side: getattr(people[mine], side) | {theirs}})
    team_of = {number: row.volunteer.team for number, row in rows.items()}
    unions = {number: teams[team][1] for number, team in team_of.items()}
    seats, places = make_seats(stations, ids)
    return Ground(people, numbers, team_of, unions, seats, places, stations)


def candidate(number: int, row: Enrolment, team: int, stations: dict[str, int]) -> Candidate:
    """A volunteer of the sheet as the guard sees them."""
    wishes = {**row.posts, **{stations[code]: liked for code, liked in row.stations.items()}}
    lat, lon = coarse(row.volunteer.point)
    return Candidate(
        number, team, row.standing, row.volunteer.born_on, row.volunteer.has_guardian_consent,
        {skill: until for skill, (_proof, until) in row.skills.items()},
        frozenset(half for half, is_free in row.free.items() if is_free) if row.free else None, lat, lon,
        frozenset(what for what, liked in wishes.items() if liked),
        frozenset(what for what, liked in wishes.items() if not liked),
    )  # fmt: skip


def make_seats(stations: dict[str, dict[str, str]], ids: dict[str, int]) -> tuple[list[Seat], dict[int, Place]]:
    """Every seat that the templates make, in order of time, and which place of which template it is."""
    spots = [StationSpot(ids[code], code, f"{row['organization']}/{code}/") for code, row in stations.items()]
    templates = [
        TemplateRow(
            number, order.code, ids.get(order.station), order.station,
            f"{order.organization}/" if order.organization else "", order.subject, order.post, order.starts_minutes,
            order.ends_from, order.ends_minutes, order.needs, 1,
        )
        for number, order in enumerate(read_templates(DEMO / "shift_templates.csv"), 1)
    ]  # fmt: skip
    sessions = {number: session(number, row) for number, row in enumerate(read_sheet(DEMO / "sessions.csv"), 1)}
    codes = {row.id: row.code for row in templates}
    seats, places = [], {}
    for shift, planned in enumerate(plan_shifts(templates, spots, list(sessions.values())), 1):
        work = make_work(shift, planned, stations[planned.station])
        for skill, count in planned.needs.items():
            number = len(seats) + 1
            seats.append(Seat(number, work, skill, count))
            held_in = sessions[planned.exam_session_id].code
            places[number] = (codes[planned.template_id], held_in, planned.station, skill)
    return sorted(seats, key=lambda seat: (seat.work.starts_at, seat.work.station_id, seat.skill == "")), places


def make_work(shift: int, planned: Planned, station: dict[str, str]) -> Work:
    """A planned shift as the guard sees it."""
    at = (float(station["lat"]), float(station["lon"]))
    span = (planned.starts_at, planned.ends_at)
    return Work(shift, planned.station_id, station["district"], planned.post, *at, *span, station["name"])


def session(number: int, row: dict[str, str]) -> SessionRow:
    """A row of the timetable."""
    clocks = (f"{row['date']}T{row[name]}" for name in ("start", "end"))
    starts, ends = (datetime.fromisoformat(clock).replace(tzinfo=ZONE) for clock in clocks)
    return SessionRow(number, row["code"], row["subject"], "", starts, ends, starts, None, "", "", None, None, 1)


def choose(ground: Ground, seat: Seat, chance: random.Random) -> int | None:
    """Who takes a place: of the union whose station it is, with their team, near; or nobody."""
    station = ground.stations[ground.places[seat.need_id][2]]
    here = {ground.people[one].team_id for one in ground.beside.get(seat.work.shift_id, ())}
    at_station = {
        ground.people[person].team_id
        for person, held in ground.held.items()
        if any(one.work.station_id == seat.work.station_id for one in held)
    }

    def rank(person: int) -> tuple[bool, bool, bool, float]:
        one = ground.people[person]
        way = minutes_from_home(one.lat, one.lon, seat.work, LIMITS)
        is_own = (ground.unions[person] == HAIDIAN) == (station["organization"] == HAIDIAN)
        return not is_own, one.team_id not in here, one.team_id not in at_station, way + chance.uniform(0, 12)

    ranked = sorted(ground.people, key=rank)
    return next((person for person in ranked if ground.may_take(person, seat)), None)


def share_held(seat: Seat, station: dict[str, str]) -> int:
    """Of a hundred such places how many are held."""
    starts = seat.work.starts_at
    if starts.date() == FIRST_DAY:
        return HELD_BEGUN if starts <= STARTS else HELD_SOON if starts <= STARTS + SOON else HELD_LATER
    is_near = starts.date() == FIRST_DAY + timedelta(days=1) and station["organization"] == HAIDIAN
    return HELD_TOMORROW if is_near else 0


def fill(ground: Ground, chance: random.Random) -> list[Deed]:
    """Who holds which place: by themselves, or placed by the account of the district or the city."""
    deeds = []
    for seat in ground.seats:
        place = ground.places[seat.need_id]
        share = share_held(seat, ground.stations[place[2]])
        for _number in range(seat.places):
            person = choose(ground, seat, chance) if chance.randrange(100) < share else None
            if person is None:
                continue
            ground.take(person, seat)
            staff_no = ground.numbers[person]
            if seat.work.starts_at > STARTS and chance.randrange(100) < SIGN_UP:
                at = SIGNED_UP_FROM + timedelta(minutes=person // 3)  # each at one time for all of theirs
                deeds.append(Deed(at, staff_no, "sign_up", staff_no, *place, ""))
            else:
                by, what = ("team", "lead") if ground.unions[person] == HAIDIAN else ("city", "admin")
                deeds.append(Deed(PLACED_AT, by, what, staff_no, *place, ""))
    return deeds


def call_roll(ground: Ground, chance: random.Random) -> list[Deed]:
    """Who was seen at their post; the others are late."""
    deeds = []
    for seat in ground.seats:
        for person in ground.taken.get(seat.need_id, ()) if seat.work.starts_at <= STARTS else ():
            if chance.randrange(100) < COME:
                place = ground.places[seat.need_id]
                by = "lead" if place[2] == "GH-HD-01" else "haidian" if place[2].startswith("GH-HD") else "city"
                at = ROLL_AT[seat.work.starts_at.hour >= 7]
                deeds.append(Deed(at, by, "present", ground.numbers[person], *place, ""))
    return deeds


def ask_and_wait(ground: Ground, deeds: list[Deed], chance: random.Random) -> list[Deed]:
    """Some wait for a place of today that is full, and one asks another to take over theirs."""
    told: list[Deed] = []
    later = [seat for seat in ground.seats if seat.work.starts_at > STARTS + SOON and seat.work.starts_at.day == 7]
    full = [seat for seat in later if len(ground.taken.get(seat.need_id, ())) == seat.places and not seat.skill]
    waiting: set[int] = set()
    for seat in full[:: max(1, len(full) // WAITERS)][:WAITERS]:
        room = replace(seat, places=seat.places + 1)
        person = choose(ground, room, chance)
        if person is not None and person not in waiting:
            waiting.add(person)
            staff_no = ground.numbers[person]
            told.append(Deed(LAST_AT, staff_no, "wait", staff_no, *ground.places[seat.need_id], ""))
    signed = {(deed.place, deed.staff_no) for deed in deeds if deed.what == "sign_up"}
    for seat in full:
        holder = ground.taken[seat.need_id][0]
        if (ground.places[seat.need_id], ground.numbers[holder]) not in signed:
            continue
        room = replace(seat, places=seat.places + 1)
        mates = [one for one in ground.people if ground.teams[one] == ground.teams[holder] and one not in waiting]
        other = next((one for one in mates if ground.may_take(one, room)), None)
        if other is not None:
            by = ground.numbers[holder]
            told.append(Deed(LAST_AT, by, "ask", by, *ground.places[seat.need_id], ground.numbers[other]))
            break
    return told


def main() -> None:
    """Write the sheet."""
    chance = random.Random(SEED)  # noqa: S311 (a demonstration, not a secret)
    ground = read_ground()
    deeds = fill(ground, chance)
    deeds += call_roll(ground, chance) + ask_and_wait(ground, deeds, chance)
    with (DEMO / "roster.csv").open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow([column.name for column in fields(Deed)])
        for deed in sorted(deeds, key=lambda deed: (deed.at, deed.by, deed.what)):
            writer.writerow([deed.at.isoformat(timespec="minutes"), *astuple(deed)[1:]])


if __name__ == "__main__":
    main()
