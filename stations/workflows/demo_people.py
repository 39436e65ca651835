"""What the sheets of the demonstration's volunteers say, as the orders of the shifts' own actions."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from stations.shifts.actions.enrolling import Enrolment
from stations.shifts.rules.orders import TeamOrder, TemplateOrder, VolunteerOrder
from stations.shifts.rules.rows import Half
from stations.shifts.rules.skills import HALVES

ANYONE = "any"
FREE = "free_"
STATION = "@"
LETTERS = {half[0]: half for half in HALVES}

Row = dict[str, str]


@dataclass(frozen=True)
class Deed:
    """One row of `demo/roster.csv`: at `at`, `by` (an account, or a volunteer's number) does `what` about a volunteer
    and a place. `other` is whom they ask."""

    at: datetime
    by: str
    what: str
    staff_no: str
    template: str
    session: str
    station: str
    skill: str
    other: str

    @property
    def place(self) -> tuple[str, str, str, str]:
        """Template, session, station and skill: a need."""
        return self.template, self.session, self.station, self.skill


def read_sheet(path: Path) -> Iterator[Row]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def read_teams(path: Path) -> list[TeamOrder]:
    """`demo/teams.csv`."""
    rows = read_sheet(path)
    return [TeamOrder(row["code"], row["name"], row["name_en"], row["kind"], row["organization"]) for row in rows]


def read_templates(path: Path) -> list[TemplateOrder]:
    """`demo/shift_templates.csv`."""
    return [
        TemplateOrder(
            row["code"], row["post"], int(row["starts"]), int(row["ends"]), _needs(row["needs"]), row["station"],
            row["organization"], row["subject"], row["ends_from"],
        )
        for row in read_sheet(path)
    ]  # fmt: skip


def _needs(said: str) -> dict[str, int]:
    pairs = (part.split(":") for part in said.split(";"))
    return {"" if skill == ANYONE else skill: int(places) for skill, places in pairs}


def read_volunteers(path: Path) -> list[Enrolment]:
    """`demo/volunteers.csv`."""
    return [_enrolment(row) for row in read_sheet(path)]


def _enrolment(row: Row) -> Enrolment:
    order = VolunteerOrder(
        row["staff_no"], row["name"], team=row["team"], phone=row["phone"], born_on=_day(row["born_on"]),
        has_guardian_consent=row["guardian_consent"] == "yes", point=(float(row["lat"]), float(row["lon"])),
    )  # fmt: skip
    skills = dict(_skill(part) for part in _parts(row["skills"]))
    return Enrolment(
        order, row["standing"], skills, dict(_halves(row)), _wishes(row, lambda said: not said.startswith(STATION)),
        {code.removeprefix(STATION): liked for code, liked in _wishes(row, lambda s: s.startswith(STATION)).items()},
    )  # fmt: skip


def _skill(part: str) -> tuple[str, tuple[str, date | None]]:
    skill, proof, until = part.split("|")
    return skill, (proof, _day(until))


def _halves(row: Row) -> Iterator[tuple[Half, bool]]:
    for column, letters in row.items():
        if column.startswith(FREE) and letters:
            day = date.fromisoformat(column.removeprefix(FREE))
            yield from (((day, half), letter in letters) for letter, half in LETTERS.items())


def _wishes(row: Row, is_wanted: Callable[[str], bool]) -> dict[str, bool]:
    wishes = {said: True for said in _parts(row["likes"])} | {said: False for said in _parts(row["refuses"])}
    return {said: liked for said, liked in wishes.items() if is_wanted(said)}


def read_companions(path: Path) -> list[tuple[str, str, bool]]:
    """Of `demo/volunteers.csv`, who is to be posted with whom, or not."""
    columns = (("with", True), ("not_with", False))
    return [
        (row["staff_no"], row[column], together)
        for row in read_sheet(path)
        for column, together in columns
        if row[column]
    ]


def read_deeds(path: Path, zone: ZoneInfo) -> list[Deed]:
    """`demo/roster.csv`, in its order."""
    return [
        Deed(**{**row, "at": datetime.fromisoformat(row["at"]).replace(tzinfo=zone)})  # type: ignore[arg-type]
        for row in read_sheet(path)
    ]


def _parts(said: str) -> list[str]:
    return said.split(";") if said else []


def _day(said: str) -> date | None:
    return date.fromisoformat(said) if said else None
