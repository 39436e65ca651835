"""Import a sheet: plan every change and every error by row, apply, undo the last one in one step.

A sheet goes through the same form and the same action as a page. A column that the sheet does not have keeps what
is there; a row that changes nothing writes nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import select, update
from sqlalchemy.exc import DataError, IntegrityError

from stations.accounts.rules import Actor
from stations.kernel import audit, clock
from stations.kernel.db import changed_one, db
from stations.kernel.errors import NotFound, Refused
from stations.kernel.imports import ImportRun
from stations.kernel.revision import next_revision
from stations.kernel.sheets import Sheet, match_headings, read_pasted, read_sheet
from stations.kernel.text import Text, _
from stations.workflows.planning import Plan, list_mine, plan
from stations.workflows.sheet_kind import SheetKind, Values
from stations.workflows.sheet_kinds import KINDS
from stations.workflows.sheet_runs import APPLIED, LIMITS, fill_down, get_run, keep, read_run, refuse_missing, unfold

__all__ = [
    "LIMITS", "Plan", "apply_run", "find_last_applied", "get_kind", "get_run", "keep_rows", "list_mine", "plan",
    "plan_run", "read_cells", "read_file", "read_rows", "undo_run",
]  # fmt: skip

NOT_LAST: Text = _("Only the last import can be undone.")


def get_kind(name: str) -> SheetKind:
    """The kind of sheet of that name."""
    if name not in KINDS:
        raise NotFound("import.kind", _("There is no sheet of the kind %(kind)s.", kind=name[:40]), field="kind")
    return KINDS[name]


def read_rows(kind: SheetKind, sheet: Sheet) -> list[tuple[int, Values]]:
    """The sheet's rows by field name; refused where a column that must be there is missing."""
    sheet = unfold(kind, sheet)
    columns = match_headings(sheet.headings, kind.headings)
    refuse_missing(kind, columns)
    rows = [
        (row.number, {name: row.cells.get(heading, "").strip() for name, heading in columns.items()})
        for row in sheet.rows
    ]
    return fill_down(kind, rows)


def read_file(kind: SheetKind, filename: str, content: bytes) -> list[tuple[int, Values]]:
    """The rows of an uploaded file."""
    return read_rows(kind, read_sheet(filename, content, limits=LIMITS))


def read_cells(kind: SheetKind, pasted: str) -> list[tuple[int, Values]]:
    """The rows of cells pasted out of a spreadsheet."""
    return read_rows(kind, read_pasted(pasted, limits=LIMITS))


def keep_rows(kind: SheetKind, rows: Sequence[tuple[int, Values]], filename: str, actor: Actor) -> int:
    """Keep rows that are by field name for looking at and applying later; the run's id."""
    return keep(kind, rows, {}, filename, actor)


def plan_run(run: ImportRun, actor: Actor) -> Plan:
    """The plan of kept rows against what is stored now. Refused where a column is missing."""
    kind = get_kind(run.kind)
    return plan(kind, read_run(kind, run), actor)


def apply_run(run: ImportRun, actor: Actor) -> dict[str, int]:
    """Write the rows that are not wrong; all in the caller's transaction, once."""
    actor.require("places.import")
    kind = get_kind(run.kind)
    next_revision(kind.topic)  # from here on nobody else writes what the plan compares with
    planned = plan_run(run, actor)
    taken = update(ImportRun).where(ImportRun.id == run.id, ImportRun.state == "previewed")
    if not changed_one(taken.values(state="applied", applied_at=clock.now())):
        raise Refused("import.applied", APPLIED)
    with _clashes():
        kind.write([row.after for row in planned.writes], run.id, actor)
    stored = kind.current()  # what a save drops or adds besides, an undo must know
    changes = [
        {"key": row.key, "before": row.before, "after": stored.get(row.key, row.after)} for row in planned.writes
    ]
    db.session.execute(update(ImportRun).where(ImportRun.id == run.id).values(changes=changes))
    counts = {verdict: planned.count(verdict) for verdict in ("new", "changed", "same", "wrong")}
    audit.record("import.apply", f"import:{run.id}", actor=actor.username, after={"kind": run.kind, **counts})
    return counts


@contextmanager
def _clashes() -> Iterator[None]:
    """What only the database can see: a name that must be unique, a place that is still in use."""
    try:
        yield
    except (IntegrityError, DataError):
        message = _("The rows contradict each other or what is stored already. Nothing was written.")
        raise Refused("import.clash", message) from None


def find_last_applied(actor: Actor) -> ImportRun | None:
    """The newest import of this person that is applied."""
    mine = select(ImportRun).where(ImportRun.actor == actor.username, ImportRun.state == "applied")
    return db.session.execute(mine.order_by(ImportRun.applied_at.desc(), ImportRun.id.desc()).limit(1)).scalar()


def undo_run(run: ImportRun, actor: Actor) -> int:
    """Put back what the last import changed; refused as a whole where a row was changed since. Rows put back."""
    actor.require("places.import")
    kind = get_kind(run.kind)
    next_revision(kind.topic)
    db.session.refresh(run)
    last = find_last_applied(actor)
    if last is None or last.id != run.id:
        raise Refused("import.not_last", NOT_LAST)
    current = kind.current()
    moved = [change["key"] for change in run.changes if current.get(change["key"]) != change["after"]]
    if moved:
        raise Refused(
            "import.moved",
            _("Changed since the import, so it cannot be undone: %(keys)s.", keys="、".join(moved[:10])),
        )
    undone = update(ImportRun).where(ImportRun.id == run.id, ImportRun.state == "applied")
    if not changed_one(undone.values(state="undone", undone_at=clock.now())):
        raise Refused("import.not_last", NOT_LAST)
    with _clashes():
        kind.undo(run.changes, run.id, actor)
    audit.record("import.undo", f"import:{run.id}", actor=actor.username, after={"rows": len(run.changes)})
    return len(run.changes)
