"""How many talked with counsellors within one's scope, of what: never a count from which somebody could be guessed."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, make_response, render_template, request

from stations.feedback.queries import list_station_days
from stations.feedback.rules import ALL, FEW, FEW_OR_MORE, TOPIC_NAMES, WHO_NAMES, Table, add_tables, protect
from stations.kernel.cells import read_last_day
from stations.kernel.forms import CellField, CellForm
from stations.kernel.sheets.writing import Value
from stations.kernel.text import Text, _
from stations.seasons.queries import get_calendar
from stations.web.context import shown_date
from stations.web.downloads import send_sheet
from stations.web.guard import actor, needs

door = Blueprint("coordination_counselling", __name__, url_prefix="/coordination/counselling")

WHO: dict[str, Text] = {**WHO_NAMES, ALL: _("Together")}
TOPICS: dict[str, Text] = {**TOPIC_NAMES, ALL: _("All topics")}
HEADINGS = (_("Station code"), _("Station"), _("Day"), _("Who"), _("Topic"), _("Talks"))


class DayForm(CellForm):
    """Of one day, or of the season."""

    day = CellField(_("Day"), read_last_day)


@dataclass(frozen=True)
class Line:
    """A station with what may be shown of it."""

    code: str
    name: str
    table: Table


@door.get("/")
@needs("shifts.read")
def page() -> Response:
    """The totals of one's scope and of each station."""
    form = DayForm(request.args)
    refusal = None if form.validate() else next(iter(form.problems.values()))
    lines = list_lines(actor().paths("shifts.read"), form.day.value)
    drawn = render_template(
        "coordination/counselling.html", lines=lines, whole=add_tables([line.table for line in lines]), refusal=refusal,
        day=form.day.value, days={one.isoformat(): shown_date(one) for one in _list_days(form.day.value)},
        who_names=WHO, topic_names=TOPICS, everything=ALL, few=FEW.text, few_or_more=FEW_OR_MORE.text,
    )  # fmt: skip
    answer = make_response(drawn, 400 if refusal else 200)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@door.get("/counselling.<ending>")
@needs("shifts.read")
def export(ending: str) -> Response:
    """The same as .csv or .xlsx, hidden as on the page."""
    form = DayForm(request.args)
    form.require()
    return send_sheet("counselling", ending, HEADINGS, _list_rows(actor().paths("shifts.read"), form.day.value))


def list_lines(paths: Sequence[str], day: date | None) -> list[Line]:
    """The stations below `paths` where somebody talked, on one day or in the season, those with most first."""
    season_id = get_calendar().season_id
    found: dict[tuple[str, str], list[Table]] = defaultdict(list)
    for row in list_station_days(paths, season_id, day) if season_id is not None else ():
        found[row.station, row.station_name].append(protect(row.counts))
    lines = [Line(code, name, add_tables(tables)) for (code, name), tables in found.items()]
    return sorted(lines, key=lambda line: (-line.table[ALL, ALL].known, line.code))


def _list_days(asked: date | None) -> list[date]:
    return sorted({*get_calendar().days, *([asked] if asked else [])})


def _list_rows(paths: Sequence[str], day: date | None) -> Iterator[tuple[Value, ...]]:
    for line in list_lines(paths, day):
        for who, topic in protect({}):
            figure = line.table[who, topic]
            shown = figure.text if figure.mark else figure.known
            yield line.code, line.name, day, str(WHO[who]), str(TOPICS[topic]), shown
