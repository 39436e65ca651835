"""Make the sheets in data/ and data/demo/ out of the source files that SOURCES.md describes.

Run as `python data/make_demo.py SOURCE_FOLDER`. Seeded: the same sources give the same bytes. What it adds to the
source rows (phones, access features, gates, other names, verification times, pauses) is invented.
"""

import csv
import json
import math
import random
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
SEED = 20270607
DAY = "2027-06-07"
METRES_PER_DEGREE = 111_320.0

# Exam sites that get invented names which people mix up (code -> name, campus); the source name stays as an alias.
OTHER_NAMES = {
    "KD0108-12": ("演示十一学校", "主校区"),
    "KD0101-03": ("演示第十一中学", ""),
    "KD0102-05": ("演示育才学校", ""),
    "KD0108-07": ("演示育英学校", "西翠路校区"),
    "KD0112-02": ("演示潞河中学", ""),
    "KD0112-04": ("演示运河中学", "东校区"),
}
GATE_NAMES = (("E", "东门", 1, 0), ("S", "南门", 0, -1), ("N", "北门", 0, 1), ("W", "西门", -1, 0))
ENGLISH = {
    "语文": "Chinese", "数学": "Mathematics", "英语（笔试）": "English (written)",
    "其他外语（含听力）": "Other languages (with listening)", "物理": "Physics", "思想政治": "Politics",
    "化学": "Chemistry", "历史": "History", "生物": "Biology", "地理": "Geography",
}  # fmt: skip
COMPANY, CITY = "YS-QY", "YS-BJ"
EXIT = re.compile(r"[A-Z]{1,2}\d{0,2}[东西南北]?(?![a-z])|\d{1,2}")


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def write(name: str, headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """One CSV file under data/."""
    with (HERE / name).open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(headings)
        writer.writerows(rows)


def moved(lat: float, lon: float, east: float, north: float) -> tuple[float, float]:
    """A point some metres away."""
    return (
        round(lat + north / METRES_PER_DEGREE, 6),
        round(lon + east / (METRES_PER_DEGREE * math.cos(math.radians(lat))), 6),
    )


def district_sheets(outlines: Path) -> dict[str, str]:
    """Districts and the organizations above the stations; district name -> organization code."""
    areas = [f["properties"] for f in json.loads(outlines.read_text())["features"]]
    write(
        "districts.csv", ("code", "name", "name_en", "lat", "lon"),
        ([a["code"], a["name"], a["name_en"], a["label_lat"], a["label_lon"]] for a in areas),
    )  # fmt: skip
    unions = [
        (f"{CITY}-{a['code']}", f"演示·{a['name']}总工会", f"Demo {a['name_en']} Union", "district_union", CITY)
        for a in areas
    ]
    write(
        "demo/organizations.csv", ("code", "name", "name_en", "kind", "parent"),
        [
            (CITY, "演示市总工会", "Demo City Federation of Trade Unions", "union_federation", ""),
            *unions,
            (COMPANY, "演示门店企业", "Demo Shopfront Company", "company", CITY),
        ],
    )  # fmt: skip
    return {a["name"]: f"{CITY}-{a['code']}" for a in areas}


def station_sheet(rows: list[dict[str, str]], unions: dict[str, str], chance: random.Random) -> None:
    """Stations with an invented phone, access features and a verification in the last hour for most."""
    made = []
    for number, row in enumerate(rows, 1):
        minutes = chance.randint(2, 38) if chance.random() < 0.93 else chance.randint(70, 140)
        hour, minute = divmod(7 * 60 + 40 - minutes, 60)
        access = [name for name, share in (("step_free", 0.55), ("accessible_toilet", 0.2)) if chance.random() < share]
        services = row["services"].split(";") + (["toilet"] if chance.random() < 0.4 else [])
        organization = COMPANY if row["kind"] == "shopfront" else unions[row["district"]]
        made.append(
            [
                row["station_code"], row["name"], row["kind"], organization, row["district"],
                f"{row['district']}（演示地址）", row["lat"], row["lon"], "wgs84", f"010-00{number:06}",
                ";".join(services), ";".join(access), row["hours"], f"{DAY}T{hour:02}:{minute:02}:00+08:00",
            ]
        )  # fmt: skip
    headings = (
        "station_code", "name", "kind", "organization", "district", "address", "lat", "lon", "crs", "phone",
        "services", "access", "hours", "verified_at",
    )  # fmt: skip
    write("demo/stations.csv", headings, made)


def site_sheets(rows: list[dict[str, str]], chance: random.Random) -> None:
    """Exam sites, and two or three gates each at 60 to 130 m."""
    sites, gates = [], []
    for row in rows:
        code, lat, lon = row["site_code"], float(row["lat"]), float(row["lon"])
        other, campus = OTHER_NAMES.get(code, ("", ""))
        address = f"{row['district']}{row['anchor']}附近（演示地址）"
        name, alias = (other, row["name"]) if other else (row["name"], "")
        sites.append([code, name, alias, row["district"], campus, address, lat, lon, "wgs84", row["examinees"]])
        for gate, name, east, north in chance.sample(GATE_NAMES, chance.choice((2, 2, 3))):
            metres = chance.uniform(60, 130)
            at = moved(lat, lon, east * metres, north * metres)
            gates.append([code, gate, name, *at, "wgs84", chance.choice(("yes", "yes", "no", ""))])
    headings = ("site_code", "name", "aliases", "district", "campus", "address", "lat", "lon", "crs", "examinees")
    write("demo/exam_sites.csv", headings, sites)
    write("demo/gates.csv", ("site_code", "gate_code", "name", "lat", "lon", "crs", "step_free"), sorted(gates))


def session_sheet(rows: list[dict[str, str]]) -> None:
    """The timetable of the demonstration season. Where sources disagree both times stand."""
    made = []
    for number, row in enumerate(rows, 1):
        other = "15:15" if row["subject"].startswith("英语") else ""
        source = f"{row['source']} ({row['times_as_stated_for']}); {row['rule_status']}"
        made.append(
            [
                f"S{number:02}", row["subject"], ENGLISH[row["subject"]], f"2027-{row['day']}", row["start"],
                row["end"], row["entry_closes"], other, source, row["entry_rule"],
            ]
        )  # fmt: skip
    headings = (
        "code", "subject", "subject_en", "date", "start", "end", "entry_closes", "other_entry_closes", "source",
        "entry_rule",
    )  # fmt: skip
    write("demo/sessions.csv", headings, made)


def vehicle_sheet(rows: list[dict[str, str]], unions: dict[str, str], chance: random.Random) -> None:
    """Vehicles with an invented phone and papers: two lack one, four drivers were not checked today."""
    lacking = chance.sample(range(len(rows)), 6)
    ramps = set(chance.sample(range(len(rows)), 8))
    made = []
    for number, row in enumerate(rows):
        days = [
            f"20{chance.choice((28, 29, 30, 31))}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
            for _paper in range(2)
        ]
        papers = [*days, f"2027-{chance.randint(7, 12):02}-{chance.randint(1, 28):02}", DAY]
        for lacks, field, value in ((lacking[0], 2, "2027-05-31"), (lacking[1], 1, "")):
            papers[field] = value if number == lacks else papers[field]
        papers[3] = "2027-06-06" if number in lacking[2:] else papers[3]
        is_ramp = number in ramps
        made.append(
            [
                row["vehicle_code"], row["plate_demo"], "wheelchair_van" if is_ramp else row["kind"], row["seats"],
                unions[row["district"]] if chance.random() < 0.2 else COMPANY, row["base_station"],
                f"{number + 1:03}", f"010-0001{number + 1:04}", *papers, "yes" if is_ramp else "no",
                chance.choice(("06:00-19:00",) * 5 + ("06:00-18:30",)),
            ]
        )  # fmt: skip
    headings = (
        "vehicle_code", "plate", "kind", "seats", "organization", "base_station", "sticker_no", "crew_phone",
        "licence_until", "registration_until", "insurance_until", "driver_checked_on", "wheelchair", "duty",
    )  # fmt: skip
    write("demo/vehicles.csv", headings, made)


def landmark_sheet(stops: list[dict[str, str]], exits: list[dict[str, str]]) -> None:
    """Metro stations and their exits."""
    english = {row["name"]: row["name_en"] for row in stops}
    rows = [
        [f"osm-{row['osm_node']}", "metro_station", _stop(row["name"]), row["name_en"], row["lat"], row["lon"], ""]
        for row in stops
    ]
    for row in exits:
        found = EXIT.search(row["ref"])
        ref = found[0] if found else ""
        step_free = "yes" if row["step_free"] == "yes" else ""
        name, name_en = f"{_stop(row['station'])}{ref}口", f"{english.get(row['station'], '')} exit {ref}".strip()
        rows.append([f"osm-{row['osm_node']}", "metro_exit", name, name_en, row["lat"], row["lon"], step_free])
    unique = {row[0]: row for row in reversed(rows)}
    write(
        "landmarks.csv", ("landmark_code", "kind", "name", "name_en", "lat", "lon", "step_free"),
        sorted(unique.values()),
    )  # fmt: skip


def _stop(name: str) -> str:
    return name if name.endswith(("站", "航站楼")) else f"{name}站"


def main(sources: Path) -> None:
    """Write every sheet."""
    chance = random.Random(SEED)  # noqa: S311 (a demonstration, not a secret)
    unions = district_sheets(sources / "beijing_districts.geojson")
    station_sheet(read(sources / "demo_stations.csv"), unions, chance)
    site_sheets(read(sources / "demo_exam_sites.csv"), chance)
    session_sheet(read(sources / "gaokao_timetable_beijing.csv"))
    landmark_sheet(read(sources / "beijing_metro_stations.csv"), read(sources / "beijing_metro_entrances.csv"))
    vehicle_sheet(read(sources / "demo_vehicles.csv"), unions, chance)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
