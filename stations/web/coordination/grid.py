"""Stations down, hours across: how many of each shift's places are taken, the emptiest stations first."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, make_response, render_template, request

from stations.kernel.cells import read_last_day
from stations.kernel.forms import CellField, CellForm, choice_reader, text_reader
from stations.kernel.text import _
from stations.seasons.queries import get_calendar
from stations.shifts.queries.shifts import list_shifts
from stations.shifts.rules.planning import NeedRow, ShiftRow
from stations.web.coordination.days import find_day
from stations.web.coordination.words import ANYONE, POST_NAMES, SEATS, district_names, words
from stations.web.guard import actor, needs

door = Blueprint("coordination", __name__, url_prefix="/coordination")


class GridForm(CellForm):
    """What of the grid is asked for."""

    day = CellField(_("Day"), read_last_day)
    district = CellField(_("District"), text_reader(12))
    post = CellField(_("Post"), choice_reader(POST_NAMES, {}))
    skill = CellField(_("Skill"), choice_reader(SEATS, {}))
    gaps = CellField(_("Only what has gaps"), choice_reader({"1": ""}, {}))


@dataclass(frozen=True)
class Entry:
    """One shift of a cell; of its needs those that were asked for."""

    shift: ShiftRow
    needs: tuple[NeedRow, ...]

    @property
    def places(self) -> int:
        """How many there are."""
        return sum(need.places for need in self.needs)

    @property
    def taken(self) -> int:
        """How many are coming."""
        return sum(need.taken for need in self.needs)

    @property
    def gaps(self) -> tuple[NeedRow, ...]:
        """The needs that miss somebody."""
        return tuple(need for need in self.needs if need.taken < need.places)

    @property
    def state(self) -> str:
        """full, part or none."""
        return "full" if not self.gaps else "part" if self.taken else "none"


@dataclass(frozen=True)
class Line:
    """A station with its shifts by the hour in which they begin."""

    code: str
    name: str
    cells: Mapping[int, list[Entry]]
    missing: int


@dataclass(frozen=True)
class Grid:
    """The stations that miss most first."""

    hours: list[int]
    lines: list[Line]
    places: int
    taken: int


@door.get("/")
@needs("shifts.read")
def page() -> Response:
    """The grid of a day."""
    form = GridForm(request.args)
    refusal = None if form.validate() else next(iter(form.problems.values()))
    asked = {name: value or "" for name, value in form.values.items()}
    day = find_day(form.day.value)
    rows = list_shifts(actor().paths("shifts.read"), day.since, day.until)
    drawn = render_template(
        "coordination/grid.html", day=day, asked=asked, refusal=refusal, has_shifts=bool(rows),
        grid=make_grid(list_entries(rows, asked), get_calendar().zone), districts=district_names(), **words(),
    )  # fmt: skip
    return make_response(drawn, 400 if refusal else 200)


def list_entries(rows: Sequence[ShiftRow], asked: Mapping[str, str]) -> list[Entry]:
    """The shifts that fit what is asked for, each with the needs that do."""
    skill = "" if asked["skill"] == ANYONE else asked["skill"]
    found = []
    for row in rows:
        if asked["district"] not in ("", row.district) or asked["post"] not in ("", row.post):
            continue
        entry = Entry(row, tuple(n for n in row.needs if n.places and (not asked["skill"] or n.skill == skill)))
        if entry.needs and (entry.gaps or not asked["gaps"]):
            found.append(entry)
    return found


def make_grid(entries: Sequence[Entry], zone: ZoneInfo) -> Grid:
    """The entries by station and hour."""
    cells: dict[tuple[str, str], dict[int, list[Entry]]] = defaultdict(lambda: defaultdict(list))
    for entry in entries:
        hour = entry.shift.starts_at.astimezone(zone).hour
        cells[entry.shift.station, entry.shift.station_name][hour].append(entry)
    lines = [Line(code, name, by_hour, _missing(by_hour)) for (code, name), by_hour in cells.items()]
    lines.sort(key=lambda line: (-line.missing, line.code))
    hours = sorted({hour for line in lines for hour in line.cells})
    return Grid(hours, lines, sum(one.places for one in entries), sum(one.taken for one in entries))


def _missing(by_hour: Mapping[int, list[Entry]]) -> int:
    return sum(need.places - need.taken for listed in by_hour.values() for one in listed for need in one.gaps)
