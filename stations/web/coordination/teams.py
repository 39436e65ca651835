"""The teams within one's scope: the list, and each one's file."""

from flask import Blueprint, Response, make_response, render_template, request

from stations.accounts.queries import list_organizations
from stations.accounts.rules import Actor
from stations.kernel import audit
from stations.kernel.errors import NotFound
from stations.kernel.forms import CellField, CellForm, form_data, text_reader
from stations.kernel.sheets.writing import Value
from stations.kernel.text import _
from stations.shifts.actions.teams import archive_team, save_team
from stations.shifts.forms import TeamForm
from stations.shifts.queries.volunteers import NO_TEAM, TeamRow, find_team, list_teams, list_volunteers, team_order
from stations.shifts.rules.orders import TEAM_KINDS
from stations.web.coordination.words import words
from stations.web.downloads import send_sheet
from stations.web.guard import actor, needs
from stations.web.paging import make_page
from stations.web.record_edit import RecordKind, archive_record, save_record
from stations.web.writing import read_path_code

door = Blueprint("coordination_teams", __name__, url_prefix="/coordination/teams")

HEADINGS = (_("Team code"), _("Name"), _("English name"), _("Kind"), _("Organization"), _("Members"))


class SearchForm(CellForm):
    """The search of a list."""

    q = CellField(_("Number, name or team"), text_reader(80))


@door.get("/")
@needs("shifts.read")
def page() -> Response:
    """The list."""
    form, me = SearchForm(request.args), actor()
    refusal = None if form.validate() else next(iter(form.problems.values()))
    text = form.q.value or ""
    mine = list_teams(me.paths("shifts.read"))
    rows = [row for row in mine if text.casefold() in f"{row.code} {row.name}".casefold()]
    drawn = render_template(
        "coordination/teams.html", kinds=TEAM_KINDS, asked={"q": text}, refusal=refusal,
        page=make_page(len(rows), lambda limit, offset: rows[offset : offset + limit], {"q": text}),
    )  # fmt: skip
    return make_response(drawn, 400 if refusal else 200)


@door.get("/teams.<ending>")
@needs("shifts.read")
def export(ending: str) -> Response:
    """Every team of one's scope, as .csv or .xlsx."""
    rows: list[list[Value]] = [
        [row.code, row.name, row.name_en, str(TEAM_KINDS[row.kind]), row.organization, row.members]
        for row in list_teams(actor().paths("shifts.read"))
    ]
    return send_sheet("teams", ending, HEADINGS, rows)


def get_mine(code: str, me: Actor, *, archived: bool = False) -> TeamRow:
    """The team, if this person may look at it."""
    row = find_team(read_path_code(code, NO_TEAM))
    if row is None or not me.may("shifts.read", row.path) or (row.is_archived and not archived):
        raise NotFound("team.unknown", NO_TEAM)
    return row


def draw_team(row: TeamRow | None, me: Actor, form: TeamForm | None = None) -> str:
    """Its file; with what was typed and refused."""
    values = team_order(row).values() | {"version": str(row.version)} if row else {"kind": "team"}
    own = {one.code: one.name for one in list_organizations(me.paths("volunteers.write"))}
    return render_template(
        "coordination/team_edit.html", team=row, form=form or TeamForm(form_data(values)), kinds=TEAM_KINDS,
        organizations=own | ({row.organization: own.get(row.organization, row.organization)} if row else {}),
        may_write=me.may("volunteers.write", row.path if row else None),
        members=list_volunteers(me.paths("shifts.read"), team=row.code) if row else [],
        events=audit.list_events(f"team:{row.code}") if row else [], **words(),
    )  # fmt: skip


TEAM = RecordKind(
    "team",
    TeamForm,
    get=lambda code, archived: get_mine(code, actor(), archived=archived),
    order=team_order,
    draw=lambda row, form: draw_team(row, actor(), form),
    save=save_team,
    archive=archive_team,
    title=lambda row: str(row.name),
)


@door.get("/new")
@needs("volunteers.write")
def new() -> str:
    """An empty form."""
    return draw_team(None, actor())


@door.post("/new")
@needs("volunteers.write")
def create() -> Response:
    """Add it."""
    return save_record(TEAM)


@door.get("/<code>")
@needs("shifts.read")
def edit(code: str) -> str:
    """The team as it stands."""
    me = actor()
    return draw_team(get_mine(code, me), me)


@door.post("/<code>")
@needs("volunteers.write")
def save(code: str) -> Response:
    """Change it."""
    return save_record(TEAM, code)


@door.post("/<code>/archive")
@needs("volunteers.write")
def archive(code: str) -> Response:
    """Take it off every list."""
    return archive_record(TEAM, code)
