"""Sheets in and out: upload or paste, look at every change, apply, undo the last one; templates and exports."""

from collections.abc import Callable
from time import monotonic
from typing import Any

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for

from stations.accounts.rules import Actor
from stations.kernel.errors import Forbidden, Invalid, Refused
from stations.kernel.imports import ImportRun
from stations.kernel.sheets import Sheet, read_pasted, read_sheet
from stations.kernel.text import Text, _
from stations.web.downloads import WRITERS
from stations.web.guard import actor, needs
from stations.web.paging import make_page
from stations.web.working import LONG_ROWS, PART, WHOLE, Do, show_work
from stations.web.writing import go, write_once
from stations.workflows import history, importing, sheet_runs
from stations.workflows.planning import Plan
from stations.workflows.sheet_kind import SheetKind
from stations.workflows.sheet_kinds import KINDS

door = Blueprint("admin_imports", __name__, url_prefix="/admin/imports")

MOST_SHOWN_ROWS = 200
MOST_DIGITS = 7
UNDONE: Text = _("The import was undone; everything is as it was before.")


@door.get("/")
@needs("places.import")
def page() -> str:
    """My imports, the newest first."""
    me = actor()
    listed = make_page(history.count_runs(me), lambda limit, offset: history.list_runs(me, limit, offset), {})
    titles = {name: kind.title for name, kind in KINDS.items()}
    last = importing.find_last_applied(me)
    return render_template("admin/imports.html", page=listed, titles=titles, undo_id=last.id if last else None)


@door.get("/new")
@needs("places.import")
def new() -> str:
    """Choose a file, or paste."""
    return _draw_new(request.args.get("kind", ""), "", None)


def _draw_new(kind: str, pasted: str, refusal: Text | None) -> str:
    return render_template(
        "admin/import.html",
        kinds=_my_kinds(actor()),
        asked={"kind": kind, "pasted": pasted},
        most_rows=importing.LIMITS.max_rows,
        refusal=refusal,
    )


def _my_kinds(me: Actor) -> list[SheetKind]:
    """The kinds of which this person may save some row."""
    return [kind for kind in KINDS.values() if me.may(kind.permission)]


def _get_my_kind(name: str) -> SheetKind:
    kind = importing.get_kind(name)
    if not actor().may(kind.permission):
        raise Forbidden("permission.missing", _("Your account may not do this here."))
    return kind


@door.post("/new")
@needs("places.import")
def upload() -> Response:
    """Read the sheet and keep its rows for the preview. Nothing else is written."""
    asked, pasted = request.form.get("kind", ""), request.form.get("pasted", "")
    try:
        if asked not in KINDS:
            raise Invalid("import.kind", _("Please choose what is in the list."), field="kind")
        kind = _get_my_kind(asked)
        name, sheet = _read(pasted)

        def do(by: Actor) -> dict[str, Any]:
            return {"run": sheet_runs.keep_sheet(kind, sheet, name, by)}

        kept = write_once(request.form.get("request_id"), "import.keep", do, None)
    except Refused as refused:
        return make_response(_draw_new(asked, pasted, refused.message), refused.status)
    return go(url_for(".preview", run_id=kept["run"]))


def _read(pasted: str) -> tuple[str, Sheet]:
    """The name and the sheet that was sent; a file goes before what was pasted."""
    sent = request.files.get("file")
    if sent is not None and sent.filename:
        return sent.filename, read_sheet(sent.filename, sent.stream.read(), limits=importing.LIMITS)
    if not pasted.strip():
        raise Invalid("import.nothing", _("Please choose a file or paste the cells."), field="file")
    return str(_("pasted cells")), read_pasted(pasted, limits=importing.LIMITS)


@door.get("/<id:run_id>")
@needs("places.import")
def preview(run_id: int) -> Response:
    """Everything that applying it would do, and every error."""
    run = _get_run(run_id)
    if len(run.rows) < LONG_ROWS:
        return make_response(_draw_preview(run, None))
    return _watch(_("Check the import"), lambda: _draw_preview(_get_run(run_id), None, PART))


def _watch(title: Text, do: Do) -> Response:
    return show_work(title, do, back=(url_for(".page"), _("Imports")))


def _get_run(run_id: int) -> ImportRun:
    return importing.get_run(run_id, actor())


def _draw_preview(run: ImportRun, refusal: Text | None, layout: str = WHOLE) -> str:
    kind = importing.get_kind(run.kind)
    began, plan = monotonic(), Plan(kind.name)
    try:
        plan = importing.plan_run(run, actor())
    except Refused as refused:  # a column is missing: choose it
        refusal = refusal or refused.message
    wrong = [(position, row) for position, row in enumerate(plan.rows) if row.errors]
    return render_template(
        "admin/import_preview.html",
        layout=layout,
        run=run,
        kind=kind,
        plan=plan,
        seconds=f"{monotonic() - began:.1f}",
        headings=sheet_runs.list_headings(run) if run.columns else {},
        fields={heading: name for name, heading in run.columns.items()},
        labels={field.name: field.label.text for field in kind.form()},
        wrong_rows=wrong[:MOST_SHOWN_ROWS],
        wrong_left=len(wrong[MOST_SHOWN_ROWS:]),
        written_rows=plan.writes[:MOST_SHOWN_ROWS],
        written_left=len(plan.writes[MOST_SHOWN_ROWS:]),
        refusal=refusal,
    )


@door.post("/<id:run_id>/columns")
@needs("places.import")
def choose_columns(run_id: int) -> Response:
    """Say which column stands for what, and look again."""
    columns = [(name, heading) for heading, name in _list_sent("column:") if name]

    def do(kind: SheetKind, by: Actor) -> None:
        if len(dict(columns)) < len(columns):
            raise Invalid("import.column", _("Two columns cannot stand for the same. Please choose one."))
        sheet_runs.set_columns(kind, run_id, dict(columns), by)

    return _change(run_id, "import.columns", do)


@door.post("/<id:run_id>/cells")
@needs("places.import")
def fix_cells(run_id: int) -> Response:
    """Correct cells in place, and look again."""
    cells = {}
    for place, text in _list_sent("cell:"):
        position, _colon, name = place.partition(":")
        if position.isdecimal() and len(position) < MOST_DIGITS:
            cells[int(position), name] = text
    return _change(run_id, "import.fix", lambda kind, by: sheet_runs.fix_cells(kind, run_id, cells, by))


def _list_sent(prefix: str) -> list[tuple[str, str]]:
    return [(name.removeprefix(prefix), text) for name, text in request.form.items() if name.startswith(prefix)]


def _change(run_id: int, action: str, do: Callable[[SheetKind, Actor], None]) -> Response:
    """Change what is kept of a sheet; nothing else is written."""
    kind = _get_my_kind(_get_run(run_id).kind)

    def change(by: Actor) -> dict[str, Any]:
        do(kind, by)
        return {}

    try:
        write_once(request.form.get("request_id"), f"{action} {run_id}", change, None)
    except Refused as refused:
        return make_response(_draw_preview(_get_run(run_id), refused.message), refused.status)
    return go(url_for(".preview", run_id=run_id))


@door.post("/<id:run_id>/apply")
@needs("places.import")
def apply(run_id: int) -> Response:
    """Write the rows that are not wrong."""
    if len(_get_run(run_id).rows) >= LONG_ROWS:
        return _watch(_("Import"), lambda: _apply_watched(run_id))
    try:
        flash(str(_apply(run_id)), "success")
    except Refused as refused:
        return make_response(_draw_preview(_get_run(run_id), refused.message), refused.status)
    return go(url_for(".page"))


def _apply_watched(run_id: int) -> Text | str:
    try:
        return _apply(run_id)
    except Refused as refused:
        return _draw_preview(_get_run(run_id), refused.message, PART)


def _apply(run_id: int) -> Text:
    began = monotonic()
    counts = write_once(
        request.form.get("request_id"),
        f"import.apply {run_id}",
        lambda by: importing.apply_run(importing.get_run(run_id, by), by),
        None,
    )
    rows, seconds = counts["new"] + counts["changed"], f"{monotonic() - began:.1f}"
    return _("%(rows)s of %(of)s rows written in %(seconds)s s.", rows=rows, of=sum(counts.values()), seconds=seconds)


@door.post("/<id:run_id>/undo")
@needs("places.import")
def undo(run_id: int) -> Response:
    """Put back what the last import changed."""
    if len(_get_run(run_id).changes) >= LONG_ROWS:
        return _watch(_("Undo this import"), lambda: _undo(run_id, None))
    _undo(run_id, UNDONE)
    return go(url_for(".page"))


def _undo(run_id: int, done: Text | None) -> Text:
    write_once(
        request.form.get("request_id"),
        f"import.undo {run_id}",
        lambda by: {"rows": importing.undo_run(importing.get_run(run_id, by), by)},
        done,
    )
    return UNDONE


@door.get("/template/<kind>.<ending>")
@needs("places.import")
def template(kind: str, ending: str) -> Response:
    """An empty sheet with the headings."""
    return _send(_get_my_kind(kind), ending, [])


@door.get("/export/<kind>.<ending>")
@needs("places.import")
def export(kind: str, ending: str) -> Response:
    """The rows that are there now and that this person may save."""
    sheet = _get_my_kind(kind)
    return _send(sheet, ending, importing.list_mine(sheet, actor()))


def _send(kind: SheetKind, ending: str, records: list[dict[str, str]]) -> Response:
    if ending not in WRITERS:
        raise Invalid("sheet.ending", _("Only .csv and .xlsx can be downloaded."))
    write, mimetype = WRITERS[ending]
    headings = [names[0] for names in kind.headings.values()]
    rows = [[record.get(name, "") for name in kind.headings] for record in records]
    response = Response(write(headings, rows), mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{kind.name}.{ending}"'
    return response
