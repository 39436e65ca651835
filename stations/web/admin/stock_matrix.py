"""What every station has of every item, by the hours that it will last; the live alerts above it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flask import Blueprint, Response, make_response, render_template, request, url_for

from stations.accounts.queries import OrganizationRow, list_organizations
from stations.accounts.rules import Actor
from stations.kernel import clock
from stations.kernel.errors import Refused
from stations.kernel.forms import CellField, CellForm, choice_reader, text_reader
from stations.kernel.text import Text, _
from stations.seasons.queries import get_calendar
from stations.seasons.rules import hours_left
from stations.stock.actions.alerts import acknowledge
from stations.stock.queries.alerts import list_alerts
from stations.stock.queries.items import ItemRow, list_items
from stations.stock.queries.levels import LevelRow, list_levels
from stations.stock.queries.matrix import StationHead, list_heads
from stations.stock.rules.items import CATEGORIES
from stations.stock.rules.shelf import SHELF_NAMES, SHORT, ShelfState, shelf_state
from stations.web.admin.stock_words import ALERT_NAMES, in_words, say_minutes, shown_units
from stations.web.guard import actor, needs
from stations.web.units import round_minutes
from stations.web.writing import go, write_once

door = Blueprint("admin_stock", __name__, url_prefix="/admin/stock")

FIRST_ALERTS = 3
TAKEN: Text = _("You take care of this. It rings again only when it gets worse.")


class MatrixForm(CellForm):
    """What of the matrix is asked for."""

    organization = CellField(_("Organization"), text_reader(40))
    district = CellField(_("District"), text_reader(12))
    category = CellField(_("Category"), choice_reader(CATEGORIES, {}))
    short = CellField(_("Only what runs short"), choice_reader({"1": ""}, {}))


class Cell(NamedTuple):
    """One item at one station: its look, the units, and a word about them; `expired` units are extra."""

    look: str
    units: int | str
    word: str
    expired: str


class Total(NamedTuple):
    """All stations of the matrix together, by place."""

    name: Text
    units: list[int]


@dataclass(frozen=True)
class Matrix:
    """Items across, stations down."""

    items: list[ItemRow]
    lines: list[tuple[StationHead, list[Cell]]]
    totals: list[Total]
    counts: Mapping[ShelfState, int]


TOTALS: tuple[Text, ...] = (_("On the shelves"), _("Expired"), _("Held"), _("In transit"), _("Lent"))
NOTHING = Cell("none", "", "", "")


@door.get("/")
@needs("stock.read")
def page() -> Response:
    """The matrix."""
    return _draw()


def _draw(refusal: Text | None = None, status: int = 200) -> Response:
    me, form = actor(), MatrixForm(request.args)
    if not form.validate():
        refusal, status = next(iter(form.problems.values())), 400
    asked = {name: value or "" for name, value in form.values.items()}
    paths = me.paths("stock.read")
    alerts = list_alerts(paths)
    mine = list_heads(paths)
    matrix = _Making(mine, asked).make(list_levels(paths, clock.now(), get_calendar().zone))
    shown = len(alerts) if request.args.get("alerts") == "all" else FIRST_ALERTS
    drawn = render_template(
        "admin/stock_matrix.html", matrix=matrix, asked=asked, refusal=refusal, alerts=alerts[:shown],
        alerts_left=len(alerts[shown:]), alert_names=ALERT_NAMES, shelf_names=SHELF_NAMES, in_words=in_words,
        shown_units=shown_units, mine_to_take=[alert.id for alert in alerts if me.may("stock.write", alert.path)],
        organizations=_with_stations(paths, mine),
        districts={head.district_code: in_words(head.district, head.district_en) for head in mine.values()},
        categories=CATEGORIES, station_url=url_for("admin_stock_station.page", code="-CODE-"),
    )  # fmt: skip
    return make_response(drawn, status)


def _with_stations(paths: Sequence[str], mine: Mapping[str, StationHead]) -> list[OrganizationRow]:
    used = {head.path[: end + 1] for head in mine.values() for end, mark in enumerate(head.path) if mark == "/"}
    return [row for row in list_organizations(tuple(paths)) if row.path in used]


class _Making:
    """A matrix while it is made. Words that many cells share are said once."""

    def __init__(self, heads: Mapping[str, StationHead], asked: Mapping[str, str]) -> None:
        self.now, calendar = clock.now(), get_calendar()
        self.needed = hours_left(calendar.sessions, self.now, calendar.zone)
        wanted = next((row.path for row in list_organizations() if row.code == asked["organization"]), "")
        self.heads = {
            code: head
            for code, head in heads.items()
            if head.path.startswith(wanted) and asked["district"] in ("", head.district_code)
        }
        self.is_short = bool(asked["short"])
        self.category = asked["category"]
        self.counts = dict.fromkeys(ShelfState, 0)
        self.words = {ShelfState.EMPTY: str(_("none left")), ShelfState.UNKNOWN: str(_("unknown"))}
        self.said = {-1: str(_("none issued"))}

    def make(self, levels: list[LevelRow]) -> Matrix:
        """The matrix of the levels that were asked for."""
        items = {row.id: row for row in list_items().values() if self.category in ("", row.category)}
        shown = [level for level in levels if level.item_id in items and level.station in self.heads]
        cells: dict[str, dict[int, Cell]] = {}
        for level in shown:
            cell = self._cell(level)
            if not self.is_short or cell.look in SHORT:
                cells.setdefault(level.station, {})[level.item_id] = cell
        if self.is_short:
            used = {item_id for of_station in cells.values() for item_id in of_station}
            items = {item_id: row for item_id, row in items.items() if item_id in used}
        order = list(items)
        heads = [head for head in self.heads.values() if head.code in cells or not self.is_short]
        lines = [(head, [cells.get(head.code, {}).get(item_id, NOTHING) for item_id in order]) for head in heads]
        return Matrix(list(items.values()), lines, _total(shown, order), self.counts)

    def _cell(self, level: LevelRow) -> Cell:
        hours = level.outlook.hours
        state = shelf_state(level.on_hand, level.limits, hours, self.needed, level.as_of, self.now)
        self.counts[state] += 1
        expired = str(_("%(units)s expired", units=level.expired)) if level.expired else ""
        return Cell(state, level.on_hand, self.words.get(state) or self._lasts(hours), expired)

    def _lasts(self, hours: float | None) -> str:
        minutes = -1 if hours is None else round_minutes(hours)
        word = self.said.get(minutes)
        if word is None:
            word = self.said[minutes] = say_minutes(minutes)
        return word


def _total(levels: list[LevelRow], order: list[int]) -> list[Total]:
    """The units of each item by place; places where nothing is are left out, the shelves never."""
    sums = {item_id: [0] * len(TOTALS) for item_id in order}
    for level in levels:
        of_item = sums.get(level.item_id)
        if of_item is not None:
            of_item[0] += level.on_hand
            for place, units in enumerate((level.expired, level.held, level.in_transit, level.lent), 1):
                if units:
                    of_item[place] += units
    rows = [Total(name, [sums[item_id][place] for item_id in order]) for place, name in enumerate(TOTALS)]
    return [row for place, row in enumerate(rows) if place == 0 or any(row.units)]


@door.post("/alerts/<id:alert_id>/acknowledge")
@needs("stock.write")
def take_care(alert_id: int) -> Response:
    """Say by name that I take care of it."""

    def do(by: Actor) -> dict[str, str]:
        return acknowledge(alert_id, by)

    try:
        write_once(request.form.get("request_id"), f"alert.acknowledge {alert_id}", do, TAKEN)
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        return _draw(refused.message, refused.status)
    return go(url_for(".page"))
