"""Shift templates: the list, each one's form, making the shifts of them after a look at what would change, and a day
copied to another."""

from dataclasses import dataclass

from flask import Blueprint, Response, make_response, render_template, request, url_for

from stations.accounts.queries import list_organizations
from stations.accounts.rules import Actor
from stations.kernel import audit
from stations.kernel.cells import read_last_day
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.forms import CellField, form_data
from stations.kernel.text import Text, _
from stations.seasons.queries import get_calendar
from stations.shifts.actions.templates import archive_template, compare_shifts, copy_day, regenerate, save_template
from stations.shifts.forms import ENDS_FROM, NEED_FIELDS, PressForm, TemplateForm, needs_values
from stations.shifts.queries.templates import find_template, list_templates
from stations.shifts.rules.orders import TemplateOrder
from stations.shifts.rules.planning import TemplateRow
from stations.web.coordination.days import find_day
from stations.web.coordination.words import station_names, words
from stations.web.guard import actor, needs
from stations.web.record_edit import RecordKind, archive_record, save_record
from stations.web.writing import go, read_path_code, write_once

door = Blueprint("coordination_templates", __name__, url_prefix="/coordination/templates")

NO_TEMPLATE: Text = _("There is no such template.")
MOST_SHOWN = 100


class CopyForm(PressForm):
    """Which day is copied to which."""

    day = CellField(_("Day"), read_last_day, is_required=True)
    to = CellField(_("To the day"), read_last_day, is_required=True)


@door.get("/")
@needs("shifts.write")
def page() -> str:
    """The list, and the day that can be copied."""
    return _draw()


def _draw(error: Text | None = None) -> str:
    me = actor()
    return render_template(
        "coordination/templates.html", rows=list_templates(me.paths("shifts.write")), day=find_day(),
        organizations={row.path: row.name for row in list_organizations()}, error=error, ends_from=ENDS_FROM, **words(),
    )  # fmt: skip


@dataclass(frozen=True)
class Named:
    """A stored template as RecordKind asks for it: the row, and its organization's code."""

    row: TemplateRow
    organization: str

    @property
    def code(self) -> str:
        """Its code."""
        return self.row.code

    @property
    def version(self) -> int:
        """What a writer has to have seen."""
        return self.row.version


def _get_mine(code: str, archived: bool = False) -> Named:
    row = find_template(read_path_code(code, NO_TEMPLATE), archived=archived)
    if row is None or not actor().may("shifts.write", row.path):
        raise NotFound("template.unknown", NO_TEMPLATE)
    codes = {one.path: one.code for one in list_organizations()}
    return Named(row, "" if row.station else codes.get(row.path, ""))


def _order(named: Named) -> TemplateOrder:
    row = named.row
    return TemplateOrder(
        row.code, row.post, row.starts_minutes, row.ends_minutes, row.needs, row.station, named.organization,
        row.subject, row.ends_from, row.version,
    )  # fmt: skip


def _draw_one(named: Named | None, form: TemplateForm | None) -> str:
    paths = actor().paths("shifts.write")
    start = {"starts_minutes": "-90", "ends_from": "start", "ends_minutes": "30", "need_anyone": "1"}
    if named is not None:
        start = _order(named).values() | needs_values(named.row.needs) | {"version": str(named.version)}
    subjects = {one.subject: one.subject for one in get_calendar().sessions}
    return render_template(
        "coordination/template_edit.html", template=named, form=form or TemplateForm(form_data(start)),
        organizations={row.code: row.name for row in list_organizations(paths)}, stations=station_names(paths),
        subjects=subjects, ends_from=ENDS_FROM, need_fields=NEED_FIELDS,
        events=audit.list_events(f"template:{named.code}") if named else [], **words(),
    )  # fmt: skip


TEMPLATE = RecordKind(
    "template",
    TemplateForm,
    get=_get_mine,
    order=_order,
    draw=_draw_one,
    save=save_template,
    archive=archive_template,
    title=lambda named: str(named.code),
)


@door.get("/new")
@needs("shifts.write")
def new() -> str:
    """An empty form."""
    return _draw_one(None, None)


@door.post("/new")
@needs("shifts.write")
def create() -> Response:
    """Add it."""
    return save_record(TEMPLATE)


@door.get("/<code>")
@needs("shifts.write")
def edit(code: str) -> str:
    """The template as it stands."""
    return _draw_one(_get_mine(code), None)


@door.post("/<code>")
@needs("shifts.write")
def save(code: str) -> Response:
    """Change it; no shift changes before somebody makes them anew."""
    return save_record(TEMPLATE, code)


@door.post("/<code>/archive")
@needs("shifts.write")
def archive(code: str) -> Response:
    """Make no more shifts of it."""
    return archive_record(TEMPLATE, code)


@door.get("/shifts")
@needs("shifts.write")
def difference() -> str:
    """What making the shifts anew would do."""
    return _draw_difference()


def _draw_difference(error: Text | None = None) -> str:
    paths = actor().paths("shifts.write")
    return render_template(
        "coordination/difference.html", diff=compare_shifts(paths), most=MOST_SHOWN, error=error,
        station_names=station_names(paths), **words(),
    )  # fmt: skip


@door.post("/shifts")
@needs("shifts.write")
def make() -> Response:
    """Do what was shown; refused where it is no longer the same."""
    paths, seen = actor().paths("shifts.write"), request.form.get("seen", "")
    try:
        done = write_once(
            request.form.get("request_id"), "shift.regenerate", lambda by: regenerate(paths, by, seen), _MADE
        )
    except Refused as refused:
        if refused.status == Invalid.status:
            raise
        return make_response(_draw_difference(refused.message), refused.status)
    if not (done["unmoved"] or done["unfit"]):
        return go(url_for("coordination.page"))
    return make_response(render_template("coordination/made.html", done=done))


_MADE: Text = _("The shifts are made; whoever had signed up stays.")


@door.post("/copy")
@needs("shifts.write")
def copy() -> Response:
    """Copy a day's shifts, without people."""
    form, me = CopyForm(request.form), actor()
    try:
        form.require()
        day, to = form.day.value, form.to.value

        def do(by: Actor) -> dict[str, int]:
            return {"added": sum(copy_day(path, day, to, by)["added"] for path in me.paths("shifts.write"))}

        write_once(form.request_id.value, "shift.copy_day", do, _("The day is copied, without people."))
    except Refused as refused:
        return make_response(_draw(refused.message), refused.status)
    return go(url_for("coordination.page", day=to.isoformat()))
