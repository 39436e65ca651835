"""Import a sheet of places: plan every change and every error by row, apply, undo the last one in one step.

A sheet goes through the same form and the same action as a page. A column that the sheet does not have keeps what
is there; a row that changes nothing writes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select, update

from stations.accounts.rules import Actor
from stations.kernel import audit, clock
from stations.kernel.db import changed_one, db
from stations.kernel.errors import NotFound, Refused
from stations.kernel.imports import ImportRun
from stations.kernel.sheets import Sheet, match_headings, read_sheet
from stations.kernel.text import Text, _
from stations.workflows.sheet_kinds import KINDS, SheetKind

Values = dict[str, str]


@dataclass(frozen=True)
class PlannedRow:
    """What one row of the sheet would do. `verdict` is new, changed, same or wrong; `changed` names the fields."""

    number: int
    key: str
    verdict: str
    before: Values
    after: Values
    changed: tuple[str, ...] = ()
    errors: tuple[tuple[str, Text], ...] = ()


@dataclass(frozen=True)
class Plan:
    """All rows of one sheet, in its order."""

    kind: str
    rows: list[PlannedRow] = field(default_factory=list)

    def count(self, verdict: str) -> int:
        """How many rows have that verdict."""
        return sum(row.verdict == verdict for row in self.rows)

    @property
    def writes(self) -> list[PlannedRow]:
        """The rows that would write something."""
        return [row for row in self.rows if row.verdict in {"new", "changed"}]


def get_kind(name: str) -> SheetKind:
    """The kind of sheet of that name."""
    if name not in KINDS:
        raise NotFound("import.kind", _("There is no sheet of the kind %(kind)s.", kind=name[:40]), field="kind")
    return KINDS[name]


def read_rows(kind: SheetKind, sheet: Sheet) -> list[tuple[int, Values]]:
    """The sheet's rows by field name; refused where a column that must be there is missing."""
    columns = match_headings(sheet.headings, kind.headings)
    missing = [kind.headings[name][0] for name in kind.required if name not in columns]
    if missing:
        names = "、".join(missing)
        raise Refused(
            "import.columns", _("These columns are missing: %(names)s.", names=names), field="file", status=400
        )
    return [
        (row.number, {name: row.cells.get(heading, "").strip() for name, heading in columns.items()})
        for row in sheet.rows
    ]


def plan_file(kind_name: str, filename: str, content: bytes, actor: Actor) -> Plan:
    """What a file would do."""
    kind = get_kind(kind_name)
    return plan(kind, read_rows(kind, read_sheet(filename, content)), actor)


def plan(kind: SheetKind, rows: Sequence[tuple[int, Values]], actor: Actor) -> Plan:
    """What applying the rows would do now. Writes nothing."""
    current = kind.current()
    seen: dict[str, int] = {}
    planned = []
    for number, given in rows:
        key = kind.key(given)
        first = seen.setdefault(key, number)
        if first != number:
            error = ("code", _("This repeats row %(row)s.", row=first))
            planned.append(PlannedRow(number, key, "wrong", {}, given, errors=(error,)))
        else:
            planned.append(_plan_row(kind, number, key, given, current.get(key), actor))
    return Plan(kind.name, planned)


def _plan_row(kind: SheetKind, number: int, key: str, given: Values, known: Values | None, actor: Actor) -> PlannedRow:
    # A position is one thing: a sheet that brings one must not inherit the datum of the stored one.
    base = {name: value for name, value in (known or {}).items() if name != "datum" or "lat" not in given}
    after, errors = kind.read({**base, **given}, actor)
    if errors:
        return PlannedRow(number, key, "wrong", known or {}, after, errors=tuple(errors.items()))
    if known is None:
        return PlannedRow(number, key, "new", {}, after, tuple(name for name, value in after.items() if value))
    changed = tuple(name for name, value in after.items() if known.get(name, "") != value)
    return PlannedRow(number, key, "changed" if changed else "same", known, after, changed)


def keep_preview(plan: Plan, filename: str, actor: Actor) -> int:
    """Keep the rows of a plan for applying later; the run's id."""
    run = ImportRun(
        kind=plan.kind, filename=filename[:200], actor=actor.username, state="previewed", changes=[],
        rows=[{"number": row.number, "values": row.after} for row in plan.rows], created_at=clock.now(),
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


def plan_run(run: ImportRun, actor: Actor) -> Plan:
    """The plan of a kept preview against the places as they are now."""
    return plan(get_kind(run.kind), [(row["number"], row["values"]) for row in run.rows], actor)


def apply_run(run: ImportRun, actor: Actor) -> dict[str, int]:
    """Do what the preview showed, wrong rows left out; all in the caller's transaction, once."""
    actor.require("places.import")
    planned = plan_run(run, actor)
    kind = get_kind(run.kind)
    changes = [{"key": row.key, "before": row.before, "after": row.after} for row in planned.writes]
    taken = update(ImportRun).where(ImportRun.id == run.id, ImportRun.state == "previewed")
    if not changed_one(taken.values(state="applied", applied_at=clock.now(), changes=changes)):
        raise Refused("import.applied", _("This import was already applied."))
    for row in planned.writes:
        kind.save(row.after, actor)
    counts = {verdict: planned.count(verdict) for verdict in ("new", "changed", "same", "wrong")}
    audit.record("import.apply", f"import:{run.id}", actor=actor.username, after={"kind": run.kind, **counts})
    return counts


def find_last_applied(actor: Actor) -> ImportRun | None:
    """The newest import of this person that is applied."""
    mine = select(ImportRun).where(ImportRun.actor == actor.username, ImportRun.state == "applied")
    return db.session.execute(mine.order_by(ImportRun.applied_at.desc(), ImportRun.id.desc()).limit(1)).scalar()


def undo_run(run: ImportRun, actor: Actor) -> int:
    """Put back what the last import changed; refused as a whole where a row was changed since. Rows put back."""
    actor.require("places.import")
    last = find_last_applied(actor)
    if last is None or last.id != run.id:
        raise Refused("import.not_last", _("Only the last import can be undone."))
    kind = get_kind(run.kind)
    current = kind.current()
    moved = [change["key"] for change in run.changes if current.get(change["key"]) != change["after"]]
    if moved:
        raise Refused(
            "import.moved",
            _("Changed since the import, so it cannot be undone: %(keys)s.", keys="、".join(moved[:10])),
        )
    undone = update(ImportRun).where(ImportRun.id == run.id, ImportRun.state == "applied")
    if not changed_one(undone.values(state="undone", undone_at=clock.now())):
        raise Refused("import.not_last", _("Only the last import can be undone."))
    for change in reversed(run.changes):
        if change["before"]:
            kind.save(change["before"], actor)
        else:
            kind.remove(change["key"], actor)
    audit.record("import.undo", f"import:{run.id}", actor=actor.username, after={"rows": len(run.changes)})
    return len(run.changes)
