"""Sheets in and out: upload or paste, look at every change, apply, undo the last one; templates and exports."""

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from stations.accounts.rules import Actor
from stations.kernel.errors import Forbidden, Invalid, Refused
from stations.kernel.imports import ImportRun
from stations.kernel.sheets import write_csv, write_xlsx
from stations.kernel.text import Text, _
from stations.web.admin.paging import make_page
from stations.web.guard import actor, needs
from stations.web.writing import go, write_once
from stations.workflows import history, importing
from stations.workflows.sheet_kinds import KINDS, SheetKind

door = Blueprint("admin_imports", __name__, url_prefix="/admin/imports")

MOST_SHOWN_ROWS = 200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WRITERS = {"csv": (write_csv, "text/csv"), "xlsx": (write_xlsx, XLSX)}


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
        name, rows = _read(kind, pasted)

        def do(by: Actor) -> dict[str, Any]:
            return {"run": importing.keep_rows(kind, rows, name, by)}

        kept = write_once(request.form.get("request_id"), "import.keep", do, None)
    except Refused as refused:
        return make_response(_draw_new(asked, pasted, refused.message), refused.status)
    return go(url_for(".preview", run_id=kept["run"]))


def _read(kind: SheetKind, pasted: str) -> tuple[str, list[tuple[int, dict[str, str]]]]:
    """The name and the rows of what was sent; a file goes before what was pasted."""
    sent = request.files.get("file")
    if sent is not None and sent.filename:
        return sent.filename, importing.read_file(kind, sent.filename, sent.stream.read())
    if not pasted.strip():
        raise Invalid("import.nothing", _("Please choose a file or paste the cells."), field="file")
    return str(_("pasted cells")), importing.read_cells(kind, pasted)


@door.get("/<int:run_id>")
@needs("places.import")
def preview(run_id: int) -> str:
    """Everything that applying it would do, and every error."""
    return _draw_preview(_get_run(run_id), None)


def _get_run(run_id: int) -> ImportRun:
    return importing.get_run(run_id, actor())


def _draw_preview(run: ImportRun, refusal: Text | None) -> str:
    plan = importing.plan_run(run, actor())
    kind = importing.get_kind(run.kind)
    wrong = [row for row in plan.rows if row.errors]
    return render_template(
        "admin/import_preview.html",
        run=run,
        kind=kind,
        plan=plan,
        labels={field.name: field.label.text for field in kind.form()},
        wrong_rows=wrong[:MOST_SHOWN_ROWS],
        wrong_left=len(wrong[MOST_SHOWN_ROWS:]),
        written_rows=plan.writes[:MOST_SHOWN_ROWS],
        written_left=len(plan.writes[MOST_SHOWN_ROWS:]),
        refusal=refusal,
    )


@door.post("/<int:run_id>/apply")
@needs("places.import")
def apply(run_id: int) -> Response:
    """Write the rows that are not wrong."""
    run = _get_run(run_id)
    try:
        write_once(
            request.form.get("request_id"),
            f"import.apply {run.id}",
            lambda by: importing.apply_run(importing.get_run(run_id, by), by),
            _("The rows are written."),
        )
    except Refused as refused:
        return make_response(_draw_preview(_get_run(run_id), refused.message), refused.status)
    return go(url_for(".page"))


@door.post("/<int:run_id>/undo")
@needs("places.import")
def undo(run_id: int) -> Response:
    """Put back what the last import changed."""
    run = _get_run(run_id)
    write_once(
        request.form.get("request_id"),
        f"import.undo {run.id}",
        lambda by: {"rows": importing.undo_run(importing.get_run(run_id, by), by)},
        _("The import was undone; everything is as it was before."),
    )
    return go(url_for(".page"))


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
