"""Make the volunteers of the demonstration: teams, volunteers and the shift templates of its stations.

Run as `python data/make_demo_volunteers.py`, then `make_demo_roster.py`. Seeded: the same stations give the same bytes.
How many there are, when they are on post and how many a station has follow reported figures (SOURCES.md); every team
and volunteer is invented and has a number for a name.
"""

import csv
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

DATA = Path(__file__).resolve().parent
DEMO = DATA / "demo"
SEED = 20270607
VOLUNTEERS = 1000
GRID_DEGREES = 0.005
FIRST_DAY = date(2027, 6, 7)
DAYS = 4

# code's end, name, share of the volunteers; the other district unions share the rest by their shopfronts.
COMPANY = "YS-QY"
SHARES = {"YS-BJ-110108": 0.34, "YS-BJ-110117": 0.04, COMPANY: 0.12}
CLUBS = {"YS-BJ-110108": 17}  # as many as one court union reports
SQUADS = ("YS-BJ-110101", "YS-BJ-110102", "YS-BJ-110105", "YS-BJ-110108")  # of senior-high pupils
KINDS = {"club": ("俱乐部", "Club"), "team": ("志愿队", "Team"), "squad": ("学生小队", "School squad")}

# skill, share, the proof that was seen, for how many years one holds (0: for good)
SKILLS = (
    ("counsellor", 0.08, "心理咨询师证书（演示）", 0), ("first_aid", 0.10, "救护员证（演示）", 3),
    ("driver", 0.06, "驾驶证（演示）", 6), ("traffic_order", 0.08, "交通文明引导培训（演示）", 1),
    ("guide", 0.15, "队长核实（演示）", 0), ("sign_language", 0.02, "手语等级证书（演示）", 0),
    ("english", 0.12, "队长核实（演示）", 0),
)  # fmt: skip
# How somebody is free on the four days: the halves of a day, and how many of a hundred say so.
HABITS = ((("ma", ""), 24), (("m", "ma", ""), 20), (("a", "ma", ""), 16), (("m", "", ""), 14), (("a", "", ""), 14),
          (("mae", "ma", ""), 6), (None, 6))  # fmt: skip
LIKED = ("guidance", "supplies", "rest_area", "queue", "photo_wall", "deposit")
AVOIDED = ("drop_off", "traffic", "queue", "deposit")

LEAD_AND_TWO = "leader:1;any:2"
# post, from when (minutes from the start), until when (minutes from start or end), places
FIRST = (
    ("drop_off", -150, "start", 15, "any:2"), ("queue", -150, "start", 15, "any:1"),
    ("guidance", -150, "start", 15, "any:2"), ("supplies", -150, "end", 30, LEAD_AND_TWO),
    ("rest_area", 0, "end", 30, "any:2"), ("deposit", -120, "end", 30, "any:1"),
    ("counselling", -90, "end", 0, "counsellor:1"), ("first_aid", -90, "end", 30, "first_aid:1"),
)  # fmt: skip
AFTERNOON = (
    ("drop_off", -90, "start", 15, "any:2"), ("guidance", -90, "start", 15, "any:2"),
    ("supplies", -150, "end", 30, LEAD_AND_TWO), ("rest_area", -30, "end", 30, "any:2"),
    ("deposit", -90, "end", 30, "any:1"), ("counselling", -90, "end", 0, "counsellor:1"),
    ("first_aid", -90, "end", 30, "first_aid:1"),
)  # fmt: skip
GRADED = (
    ("guidance", -75, "start", 15, "any:4"), ("supplies", -75, "end", 30, LEAD_AND_TWO),
    ("rest_area", 0, "end", 30, "any:2"), ("first_aid", -60, "end", 30, "first_aid:1"),
)  # fmt: skip
# Of the two foreign-language papers of the second afternoon the one that ends last.
UNION_SHIFTS = (
    ("S01", "语文", FIRST), ("S02", "数学", AFTERNOON), ("S04", "其他外语（含听力）", AFTERNOON),
    ("S05", "物理", GRADED), ("S06", "思想政治", GRADED), ("S07", "化学", GRADED), ("S08", "历史", GRADED),
    ("S09", "生物", GRADED), ("S10", "地理", GRADED),
)  # fmt: skip
REST_ZONES = (
    ("GH-PG-01", "rest_area", -60, "end", 30, LEAD_AND_TWO), ("GH-PG-02", "counselling", -60, "end", 0, "counsellor:1"),
    ("GH-PG-03", "traffic", -120, "start", 15, "traffic_order:2"),
)  # fmt: skip
SHOPS_PER_STAFFED = 3  # one shopfront in so many has volunteers
SHOPS_PER_GUIDED = 3  # and of those one in so many guides people outside too

Point = tuple[float, float]
Row = tuple[object, ...]


@dataclass(frozen=True)
class Places:
    """The stations by district, the unions and about where people live."""

    stations: dict[str, list[dict[str, str]]]
    unions: dict[str, tuple[str, str]]
    homes: dict[str, list[Point]]


def read(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def write(name: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """One CSV file under data/demo/."""
    with (DEMO / name).open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(headings)
        writer.writerows(rows)


def read_places() -> Places:
    """What the teams are spread over: homes are metro stations, or stations where a district has no metro."""
    stations: dict[str, list[dict[str, str]]] = {}
    for row in read(DEMO / "stations.csv"):
        stations.setdefault(row["district"], []).append(row)
    homes: dict[str, list[Point]] = {}
    for row in read(DATA / "beijing_metro_stations.csv"):
        homes.setdefault(row["district"], []).append((float(row["lat"]), float(row["lon"])))
    for district, rows in stations.items():
        homes.setdefault(district, [(float(row["lat"]), float(row["lon"])) for row in rows])
    unions = {
        row["code"]: (row["name"].removeprefix("演示·").removesuffix("总工会"), row["name_en"].split()[1])
        for row in read(DEMO / "organizations.csv")
        if row["kind"] == "district_union"
    }
    return Places(stations, unions, homes)


def count_by_union(places: Places) -> dict[str, int]:
    """How many volunteers each organization has; VOLUNTEERS together."""
    counts = {code: round(VOLUNTEERS * share) for code, share in SHARES.items()}
    others = [code for code in places.unions if code not in SHARES]
    shops = {code: len(places.stations.get(places.unions[code][0], ())) for code in others}
    left = VOLUNTEERS - sum(counts.values())
    counts |= {code: round(left * shops[code] / sum(shops.values())) for code in others}
    counts[max(others, key=lambda code: counts[code])] += VOLUNTEERS - sum(counts.values())
    return dict(sorted(counts.items()))


def make_teams(places: Places, chance: random.Random) -> Iterator[tuple[Row, int]]:
    """A row of every team, and how many are in it."""
    for union, count in count_by_union(places).items():
        name, english = places.unions.get(union, ("门店", "Shopfronts"))
        sizes = []
        while sum(sizes) < count:
            sizes.append(min(chance.choice((5, 6, 7, 8, 8, 9, 10, 12)), count - sum(sizes)))
        if len(sizes) > 1 and sizes[-1] < 4:
            sizes[-2:] = [sizes[-2] + sizes[-1]]
        for number, size in enumerate(sizes, 1):
            is_squad = union in SQUADS and number == len(sizes)
            kind = "squad" if is_squad else "club" if number <= CLUBS.get(union, 1) else "team"
            chinese_kind, english_kind = KINDS[kind]
            code = f"{union.removeprefix('YS-').replace('BJ-11', 'D')}-{number:02}"
            shown = (f"演示{chinese_kind}·{name}{number:02}", f"Demo {english} {english_kind} {number:02}")
            yield (code, *shown, kind, union), size


def make_skills(is_minor: bool, chance: random.Random) -> str:
    """`skill|proof|until;...`; some proofs end on the second day, or ended before the first."""
    said = []
    for skill, share, proof, years in SKILLS:
        if chance.random() >= share or (is_minor and skill in ("counsellor", "driver", "first_aid", "traffic_order")):
            continue
        until = ""
        if years:
            days = chance.choice((-8, 1)) if chance.random() < 0.08 else chance.randint(30, 365 * years)
            until = (FIRST_DAY + timedelta(days=days)).isoformat()
        said.append(f"{skill}|{proof}|{until}")
    return ";".join(said)


def make_free(chance: random.Random) -> list[str]:
    """The halves of each day (m, a, e) or '-' for none of them; '' on all four for one who has not said."""
    (habit,) = chance.choices([habit for habit, _share in HABITS], [share for _habit, share in HABITS])
    return [""] * DAYS if habit is None else [chance.choice(habit) or "-" for _day in range(DAYS)]


def make_born(kind: str, position: int, chance: random.Random) -> tuple[str, str]:
    """(birthday or '', whether a guardian agreed): pupils of 13 to 17 in a squad behind its leader."""
    if kind == "squad" and position > 1:
        born = date(2009, 9, 1) + timedelta(days=chance.randrange(1500))
        return born.isoformat(), "no" if position == 3 else "yes"
    if chance.random() < 0.4:
        return "", ""
    return (date(1966, 1, 1) + timedelta(days=chance.randrange(14500))).isoformat(), ""


def make_volunteers(teams: list[tuple[Row, int]], places: Places, chance: random.Random) -> Iterator[Row]:
    """A row of every volunteer, team by team."""
    number = 0
    everywhere = sorted(places.stations)
    for (code, _name, _english, kind, union), size in teams:
        deputies = chance.randint(1, 2) if kind == "club" else chance.randint(0, 1)
        district = places.unions[str(union)][0] if union in places.unions else chance.choice(everywhere)
        for position in range(size):
            number += 1
            standing = "leader" if position == 0 else "deputy" if position <= deputies and kind != "squad" else ""
            born, consent = make_born(str(kind), position, chance)
            lat, lon = (round(round(part / GRID_DEGREES) * GRID_DEGREES, 3) for part in
                        chance.choice(places.homes[district]))  # fmt: skip
            likes, refuses = make_wishes(places.stations.get(district, []), chance)
            yield (
                f"ZY{number:04}", f"志愿者 {number:04}", code, standing, f"010-0002{number:04}", born, consent,
                lat, lon, make_skills(kind == "squad" and position > 1, chance), *make_free(chance), likes, refuses,
                *make_companions(number, position, chance),
            )  # fmt: skip


def make_wishes(stations: list[dict[str, str]], chance: random.Random) -> tuple[str, str]:
    """Posts and a station that they would like, and a post that they refuse."""
    likes = chance.sample(LIKED, chance.choice((0, 0, 1, 2)))
    if stations and chance.random() < 0.12:
        likes.append("@" + chance.choice(stations)["station_code"])
    avoided = [post for post in AVOIDED if post not in likes]
    refuses = [chance.choice(avoided)] if chance.random() < 0.09 else []
    return ";".join(likes), ";".join(refuses)


def make_companions(number: int, position: int, chance: random.Random) -> tuple[str, str]:
    """Whom of the two before them in the team they are to be posted with, and with whom not."""
    if position < 3:
        return "", ""
    return (
        f"ZY{number - 1:04}" if chance.random() < 0.02 else "",
        f"ZY{number - 2:04}" if chance.random() < 0.01 else "",
    )


def make_templates(places: Places) -> Iterator[Row]:
    """The templates of the union points, of the rest zones and of the shopfronts that have volunteers."""
    for session, subject, posts in UNION_SHIFTS:
        for post, since, ends_from, until, needs in posts:
            yield f"HD-{session}-{post}", "", "YS-BJ-110108", subject, post, since, ends_from, until, needs
    for station, post, since, ends_from, until, needs in REST_ZONES:
        yield f"{station}-{post}", station, "", "", post, since, ends_from, until, needs
    staffed = 0
    for district in sorted(places.stations):
        shops = [row for row in places.stations[district] if row["kind"] == "shopfront"]
        for row in shops[::SHOPS_PER_STAFFED]:
            code, staffed = row["station_code"], staffed + 1
            post = "rest_area" if "rest" in row["services"].split(";") else "supplies"
            yield f"{code}-{post}", code, "", "", post, -60, "end", 0, "any:2"
            if staffed % SHOPS_PER_GUIDED == 0:
                yield f"{code}-guidance", code, "", "", "guidance", -60, "start", 15, "any:2"


def main() -> None:
    """Write every sheet."""
    chance = random.Random(SEED)  # noqa: S311 (a demonstration, not a secret)
    places = read_places()
    teams = list(make_teams(places, chance))
    write("teams.csv", ("code", "name", "name_en", "kind", "organization"), [row for row, _size in teams])
    headings = (
        "staff_no", "name", "team", "standing", "phone", "born_on", "guardian_consent", "lat", "lon", "skills",
        *(f"free_{FIRST_DAY + timedelta(days=day)}" for day in range(DAYS)), "likes", "refuses", "with", "not_with",
    )  # fmt: skip
    write("volunteers.csv", headings, make_volunteers(teams, places, chance))
    columns = ("code", "station", "organization", "subject", "post", "starts", "ends_from", "ends", "needs")
    write("shift_templates.csv", columns, make_templates(places))


if __name__ == "__main__":
    main()
