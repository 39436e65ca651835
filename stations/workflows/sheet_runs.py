"""Sheets that somebody looks at before they are applied: kept as read, their columns matched and cells corrected."""

from collections.abc import Mapping, Sequence

from sqlalchemy import update

from stations.accounts.rules import Actor
from stations.kernel import clock
from stations.kernel.db import changed_one, db
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.imports import ImportRun
from stations.kernel.sheets import Limits, Sheet, guess_headings, too_many_rows
from stations.kernel.text import Text, _
from stations.workflows.sheet_kind import SheetKind, Values

LIMITS = Limits(max_rows=5000)  # about two seconds of reading and comparing
MOST_UNFOLDED = Limits(max_rows=10_000)
APPLIED: Text = _("This import was already applied.")

NumberedRows = list[tuple[int, Values]]


def unfold(kind: SheetKind, sheet: Sheet) -> Sheet:
    """The rows of a cross table; any other sheet as it is."""
    if kind.unfold is None:
        return sheet
    unfolded = kind.unfold(sheet)
    if len(unfolded.rows) > MOST_UNFOLDED.max_rows:
        raise too_many_rows(MOST_UNFOLDED)
    return unfolded


def fill_down(kind: SheetKind, rows: NumberedRows) -> NumberedRows:
    """Give the empty cells of the columns that are filled down the value above: what was merged, once pasted."""
    above: Values = {}
    for _number, values in rows:
        for name in kind.filled_down:
            if name in values:
                values[name] = above[name] = values[name] or above.get(name, "")
    return rows


def list_missing(kind: SheetKind, columns: Mapping[str, str]) -> list[str]:
    """The headings that must be there and are not."""
    return [kind.headings[name][0] for name in kind.required if name not in columns]


def refuse_missing(kind: SheetKind, columns: Mapping[str, str]) -> None:
    """Refuse a sheet without a column that must be there."""
    missing = list_missing(kind, columns)
    if missing:
        names = "、".join(missing)
        raise Refused(
            "import.columns", _("These columns are missing: %(names)s.", names=names), field="file", status=400
        )


def keep_sheet(kind: SheetKind, sheet: Sheet, filename: str, actor: Actor) -> int:
    """Keep a sheet with its columns as guessed, for looking at and applying later; the run's id."""
    sheet = unfold(kind, sheet)
    columns = guess_headings(sheet.headings, kind.headings)
    if not columns:
        refuse_missing(kind, columns)
    return keep(kind, [(row.number, row.cells) for row in sheet.rows], columns, filename, actor)


def keep(
    kind: SheetKind, rows: Sequence[tuple[int, Values]], columns: dict[str, str], filename: str, actor: Actor
) -> int:
    """Keep rows by heading; the run's id."""
    actor.require("places.import")
    actor.require(kind.permission)
    run = ImportRun(
        kind=kind.name, filename=filename[-200:], actor=actor.username, state="previewed", changes=[],
        columns=columns, rows=[{"number": number, "values": values} for number, values in rows],
        created_at=clock.now(),
    )  # fmt: skip
    db.session.add(run)
    db.session.flush()
    return run.id


def get_run(run_id: int, actor: Actor) -> ImportRun:
    """A run that this person made."""
    run = db.session.get(ImportRun, run_id)
    if run is None or run.actor != actor.username:
        raise NotFound("import.unknown", _("There is no such import."))
    return run


def read_run(kind: SheetKind, run: ImportRun) -> NumberedRows:
    """The rows by field name, with what was corrected since. Refused where a column is missing."""
    columns = run.columns
    if columns:
        refuse_missing(kind, columns)
    rows = [(row["number"], _by_field(row["values"], columns)) for row in run.rows]
    return [
        (number, values | row.get("fixed", {}))
        for (number, values), row in zip(fill_down(kind, rows), run.rows, strict=True)
    ]


def _by_field(cells: Values, columns: Mapping[str, str]) -> Values:
    if not columns:
        return dict(cells)
    return {name: cells.get(heading, "").strip() for name, heading in columns.items()}


def list_headings(run: ImportRun) -> dict[str, str]:
    """Every heading of the sheet with its first value."""
    first: dict[str, str] = {}
    for row in run.rows:
        for heading, text in row["values"].items():
            first[heading] = first.get(heading) or text
    return first


def set_columns(kind: SheetKind, run_id: int, columns: Mapping[str, str], actor: Actor) -> None:
    """Say which heading stands for which field. What was corrected is kept."""
    run = _lock(run_id, actor)
    is_known = set(columns.values()) <= list_headings(run).keys() and columns.keys() <= kind.headings.keys()
    if not is_known:
        raise Invalid("import.column", _("Please choose what is in the list."), field="columns")
    refuse_missing(kind, columns)
    _write(run, columns=dict(columns))


def fix_cells(kind: SheetKind, run_id: int, cells: Mapping[tuple[int, str], str], actor: Actor) -> None:
    """Correct cells, by the position of the row and the field; the sheet as it was read stays as it is."""
    run = _lock(run_id, actor)
    fields = {field.name for field in kind.form()}
    rows = list(run.rows)
    is_known = all(0 <= position < len(rows) and name in fields for position, name in cells)
    if not cells or not is_known or any(len(text) > LIMITS.max_cell_chars for text in cells.values()):
        raise Invalid("import.cell", _("There is no such cell."))
    for (position, name), text in cells.items():
        rows[position] = rows[position] | {"fixed": rows[position].get("fixed", {}) | {name: text.strip()}}
    _write(run, rows=rows)


def _lock(run_id: int, actor: Actor) -> ImportRun:
    """The run, locked until the transaction ends."""
    run = get_run(run_id, actor)
    db.session.refresh(run, with_for_update=True)
    return run


def _write(run: ImportRun, **fields: object) -> None:
    same = update(ImportRun).where(ImportRun.id == run.id, ImportRun.state == "previewed")
    if not changed_one(same.values(**fields)):
        raise Refused("import.applied", APPLIED)
    db.session.expire(run)
