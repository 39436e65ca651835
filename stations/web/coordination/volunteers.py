"""The volunteers within one's scope: the list, and each one's file."""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from stations.accounts.rules import Actor
from stations.kernel import clock
from stations.kernel.errors import NotFound
from stations.kernel.forms import CellField, CellForm, text_reader
from stations.kernel.masking import mask_phone
from stations.kernel.sheets.writing import Value
from stations.kernel.text import _
from stations.shifts.actions.volunteers import save_volunteer, withdraw_volunteer
from stations.shifts.forms import VolunteerForm, keep_phone
from stations.shifts.queries.known import list_valid_skills
from stations.shifts.queries.volunteers import (
    NO_VOLUNTEER,
    VolunteerRow,
    count_volunteers,
    find_volunteer,
    list_teams,
    list_volunteers,
    volunteer_order,
)
from stations.shifts.rules.orders import VolunteerOrder
from stations.shifts.rules.skills import SKILLS, STANDINGS
from stations.web.coordination.volunteer_page import draw_volunteer
from stations.web.coordination.words import words
from stations.web.downloads import send_sheet
from stations.web.guard import actor, needs
from stations.web.paging import make_page
from stations.web.record_edit import RecordKind, archive_record, save_record
from stations.web.writing import read_path_code

door = Blueprint("coordination_volunteers", __name__, url_prefix="/coordination/volunteers")

HEADINGS = (
    _("Staff number"), _("Name"), _("Team"), _("Standing"), _("Organization"), _("Phone"), _("Skills"),
    _("Last heard of"),
)  # fmt: skip


class SearchForm(CellForm):
    """The search of the list."""

    q = CellField(_("Number, name or team"), text_reader(80))
    team = CellField(_("Team"), text_reader(40))


@door.get("/")
@needs("shifts.read")
def page() -> Response:
    """The list."""
    form, me = SearchForm(request.args), actor()
    refusal = None if form.validate() else next(iter(form.problems.values()))
    asked = {"q": form.q.value or "", "team": form.team.value or ""}
    paths = me.paths("shifts.read")
    listed = make_page(
        count_volunteers(paths, asked["q"], asked["team"]),
        lambda limit, offset: list_volunteers(paths, asked["q"], asked["team"], limit, offset),
        asked,
    )
    drawn = render_template(
        "coordination/volunteers.html", page=listed, asked=asked, refusal=refusal,
        teams={row.code: row.name for row in list_teams(paths)},
        skills=list_valid_skills([row.id for row in listed.rows], clock.now().date()), **words(),
    )  # fmt: skip
    return make_response(drawn, 400 if refusal else 200)


@door.get("/volunteers.<ending>")
@needs("volunteers.write")
def export(ending: str) -> Response:
    """Every volunteer of one's scope, phones masked, as .csv or .xlsx."""
    return send_sheet("volunteers", ending, HEADINGS, _list_rows(actor()))


def _list_rows(me: Actor) -> Iterator[list[Value]]:
    rows = list_volunteers(me.paths("volunteers.write"))
    skills = list_valid_skills([row.id for row in rows], clock.now().date())
    for row in rows:
        held = "、".join(str(SKILLS[skill].name) for skill in skills.get(row.id, ()))
        yield [
            row.staff_no, row.name, row.team_name, str(STANDINGS[row.standing]) if row.standing else "",
            row.organization_name, mask_phone(row.phone), held, row.seen_at.isoformat() if row.seen_at else "",
        ]  # fmt: skip


def get_mine(code: str, me: Actor, *, withdrawn: bool = False) -> VolunteerRow:
    """The volunteer, if this person may look at them."""
    row = find_volunteer(read_path_code(code, NO_VOLUNTEER))
    if row is None or not me.may("shifts.read", row.path) or (row.is_withdrawn and not withdrawn):
        raise NotFound("volunteer.unknown", NO_VOLUNTEER)
    return row


def _save(order: VolunteerOrder, by: Actor) -> dict[str, Any]:
    known = find_volunteer(order.staff_no)
    return save_volunteer(keep_phone(order, known.phone if known else ""), by)


VOLUNTEER = RecordKind(
    "volunteer",
    VolunteerForm,
    get=lambda code, archived: get_mine(code, actor(), withdrawn=archived),
    order=volunteer_order,
    draw=lambda row, form: draw_volunteer(row, actor(), form),
    save=_save,
    archive=withdraw_volunteer,
    title=lambda row: str(row.name),
    unseen=frozenset({"phone"}),
)


@door.get("/new")
@needs("volunteers.write")
def new() -> str:
    """An empty form."""
    return draw_volunteer(None, actor())


@door.post("/new")
@needs("volunteers.write")
def create() -> Response:
    """Add them."""
    return save_record(VOLUNTEER)


@door.get("/<code>")
@needs("shifts.read")
def edit(code: str) -> str:
    """The volunteer's file."""
    me = actor()
    return draw_volunteer(get_mine(code, me), me)


@door.post("/<code>")
@needs("volunteers.write")
def save(code: str) -> Response:
    """Change it."""
    return save_record(VOLUNTEER, code)


@door.post("/<code>/archive")
@needs("volunteers.write")
def archive(code: str) -> Response:
    """They withdraw: places ahead are free again."""
    return archive_record(VOLUNTEER, code)
