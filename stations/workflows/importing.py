"""Import a sheet of places: plan every change and every error by row, apply, undo the last one in one step.

A sheet goes through the same form and the same action as a page. A column that the sheet does not have keeps what
is there; a row that changes nothing writes nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import select, update
from sqlalchemy.exc import DataError, IntegrityError

from stations.accounts.rules import Actor
from stations.kernel import audit, clock
from stations.kernel.db import changed_one, db
from stations.kernel.errors import NotFound, Refused
from stations.kernel.imports import ImportRun
from stations.kernel.revision import next_revision
from stations.kernel.sheets import Limits, Sheet, match_headings, read_pasted, read_sheet
from stations.kernel.text import Text, _
from stations.workflows.sheet_kinds import KINDS, NOT_HERE, SheetKind

Values = dict[str, str]

LIMITS = Limits(max_rows=5000)  # about two seconds of reading and comparing
LARGEST_ID = 2**31 - 1
FORMULA: Text = _("This is a formula. Please paste its value.")
NOT_LAST: Text = _("Only the last import can be undone.")


@dataclass(frozen=True)
class PlannedRow:
    """What one row of the sheet would do. `given` is what the sheet says, `before` and `after` the whole record;
    `verdict` is new, changed, same or wrong; `changed` names the fields."""

    number: int
    key: str
    verdict: str
    given: Values
    before: Values = field(default_factory=dict)
    after: Values = field(default_factory=dict)
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


def read_file(kind: SheetKind, filename: str, content: bytes) -> list[tuple[int, Values]]:
    """The rows of an uploaded file."""
    return read_rows(kind, read_sheet(filename, content, limits=LIMITS))


def read_cells(kind: SheetKind, pasted: str) -> list[tuple[int, Values]]:
    """The rows of cells pasted out of a spreadsheet."""
    return read_rows(kind, read_pasted(pasted, limits=LIMITS))


def plan(kind: SheetKind, rows: Sequence[tuple[int, Values]], actor: Actor) -> Plan:
    """What applying the rows would do now. Writes nothing. What belongs to others is refused unseen."""
    return Planner(kind, actor).plan(rows)


class Planner:
    """What is stored now, read once for all rows."""

    def __init__(self, kind: SheetKind, actor: Actor) -> None:
        self._kind = kind
        self._actor = actor
        self._current = kind.current()
        self._others = {key for key, path in kind.paths().items() if not actor.may(kind.permission, path)}
        self._codes = {name: set(list_codes()) for name, list_codes in kind.refers.items()}

    def plan(self, rows: Sequence[tuple[int, Values]]) -> Plan:
        """Row by row."""
        seen: dict[str, int] = {}
        planned = []
        for number, given in rows:
            key = self._kind.key(given)
            first = seen.setdefault(key, number) if key else number
            errors = self._find_errors(key, given)
            if first != number:
                errors = {"code": _("This repeats row %(row)s.", row=first)}
            planned.append(_wrong(number, key, given, errors) if errors else self._plan_row(number, key, given))
            if planned[-1].verdict == "new" and self._kind.fixed:
                for codes in self._codes.values():  # a row may refer to one above it
                    codes.add(key)
        return Plan(self._kind.name, planned)

    def _find_errors(self, key: str, given: Values) -> dict[str, Text]:
        if key in self._others:
            return {"code": NOT_HERE}
        formulas = {name: FORMULA for name, typed in given.items() if typed.startswith("=")}
        unknown = {
            name: _('Nothing has the code "%(code)s".', code=given[name][:40])
            for name, codes in self._codes.items()
            if given.get(name) and given[name] not in codes
        }
        return formulas or unknown

    def _plan_row(self, number: int, key: str, given: Values) -> PlannedRow:
        known = self._current.get(key)
        # A position is one thing: a sheet that brings one must not inherit the datum of the stored one.
        base = {name: value for name, value in (known or {}).items() if name != "datum" or "lat" not in given}
        after, errors = self._kind.read({**base, **given}, self._actor)
        if errors:
            return _wrong(number, key, given, errors)
        if known is None:
            changed = tuple(name for name, value in after.items() if value)
            return PlannedRow(number, key, "new", given, {}, after, changed)
        changed = tuple(name for name, value in after.items() if known.get(name, "") != value)
        moved = [name for name in self._kind.fixed if name in changed]
        if moved:
            return _wrong(number, key, given, {moved[0]: _("This stays as it was first saved.")})
        return PlannedRow(number, key, "changed" if changed else "same", given, known, after, changed)


def _wrong(number: int, key: str, given: Values, errors: dict[str, Text]) -> PlannedRow:
    return PlannedRow(number, key, "wrong", given, errors=tuple(errors.items()))


def list_mine(kind: SheetKind, actor: Actor) -> list[Values]:
    """Every record of the kind that this person may save, as text."""
    paths = kind.paths()
    return [
        values for key, values in kind.current().items() if key not in paths or actor.may(kind.permission, paths[key])
    ]


def keep_rows(kind: SheetKind, rows: Sequence[tuple[int, Values]], filename: str, actor: Actor) -> int:
    """Keep the rows of a sheet for looking at and applying later; the run's id."""
    actor.require("places.import")
    actor.require(kind.permission)
    run = ImportRun(
        kind=kind.name, filename=filename[-200:], actor=actor.username, state="previewed", changes=[],
        rows=[{"number": number, "values": values} for number, values in rows], created_at=clock.now(),
    )  # fmt: skip
    db.session.add(run)
    db.session.flush()
    return run.id


def get_run(run_id: int, actor: Actor) -> ImportRun:
    """A run that this person made."""
    run = db.session.get(ImportRun, run_id) if run_id <= LARGEST_ID else None
    if run is None or run.actor != actor.username:
        raise NotFound("import.unknown", _("There is no such import."))
    return run


def plan_run(run: ImportRun, actor: Actor) -> Plan:
    """The plan of kept rows against the places as they are now."""
    return plan(get_kind(run.kind), [(row["number"], row["values"]) for row in run.rows], actor)


def apply_run(run: ImportRun, actor: Actor) -> dict[str, int]:
    """Write the rows that are not wrong; all in the caller's transaction, once."""
    actor.require("places.import")
    kind = get_kind(run.kind)
    next_revision(kind.topic)  # from here on nobody else writes what the plan compares with
    planned = plan_run(run, actor)
    taken = update(ImportRun).where(ImportRun.id == run.id, ImportRun.state == "previewed")
    if not changed_one(taken.values(state="applied", applied_at=clock.now())):
        raise Refused("import.applied", _("This import was already applied."))
    with _clashes():
        for row in planned.writes:
            kind.save(row.after, actor)
    stored = kind.current()  # what a save drops or adds besides, an undo must know
    changes = [{"key": row.key, "before": row.before, "after": stored[row.key]} for row in planned.writes]
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
        for change in reversed(run.changes):
            if change["before"]:
                kind.save(change["before"], actor)
                kind.restore(change["before"], actor)
            else:
                kind.remove(change["key"], actor)
    audit.record("import.undo", f"import:{run.id}", actor=actor.username, after={"rows": len(run.changes)})
    return len(run.changes)
