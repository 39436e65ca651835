"""What applying the rows of a sheet would do: every change and every error by row. Nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from stations.accounts.rules import Actor
from stations.kernel.errors import Refused
from stations.kernel.progress import counted
from stations.kernel.text import Text, _
from stations.workflows.sheet_kind import NOT_HERE, SheetKind, Values

FORMULA: Text = _("This is a formula. Please paste its value.")


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
        self._codes = {name: set(reference.list_codes()) for name, reference in kind.refers.items()}
        self._read = kind.reader() if kind.reader else lambda typed: (typed, {})
        self._seen: dict[str, int] = {}

    def plan(self, rows: Sequence[tuple[int, Values]]) -> Plan:
        """Row by row."""
        planned = []
        for number, typed in counted(_("Rows compared:"), rows, len(rows)):
            planned.append(self._plan_row(number, typed))
            if planned[-1].verdict == "new":
                self._add_codes(planned[-1])
        return Plan(self._kind.name, planned)

    def _add_codes(self, row: PlannedRow) -> None:
        """A row may refer to one above it."""
        for name, reference in self._kind.refers.items():
            if reference.is_own(row.after):
                self._codes[name].add(row.key)

    def _plan_row(self, number: int, typed: Values) -> PlannedRow:
        given, errors = self._read(typed)
        key = self._kind.key(given)
        errors = self._find_errors(key, number, typed, given) or errors
        if not errors:
            known = self._current.get(key)
            # A position is one thing: a sheet that brings one must not inherit the datum of the stored one.
            base = {name: value for name, value in (known or {}).items() if name != "datum" or "lat" not in given}
            after, errors = self._kind.read({**base, **given}, self._actor)
        if errors:
            return PlannedRow(number, key, "wrong", typed, errors=tuple(errors.items()))
        return self._compare(PlannedRow(number, key, "same", typed, known or {}, after))

    def _compare(self, row: PlannedRow) -> PlannedRow:
        before = row.before or self._kind.blank(row.after)
        changed = tuple(name for name, value in row.after.items() if before.get(name, "") != value)
        moved = [name for name in self._kind.fixed if name in changed and row.before]
        if moved:
            stays = ((moved[0], _("This stays as it was first saved.")),)
            return PlannedRow(row.number, row.key, "wrong", row.given, errors=stays)
        return replace(row, changed=changed, verdict="same" if not changed else "changed" if row.before else "new")

    def _find_errors(self, key: str, number: int, typed: Values, given: Values) -> dict[str, Text]:
        if key in self._seen:
            blamed = next(name for name in reversed(self._kind.keys) if name not in self._kind.open)
            return {blamed: _("This repeats row %(row)s.", row=self._seen[key])}
        if key:
            self._seen[key] = number
        if key in self._others:
            return {self._kind.keys[0]: NOT_HERE}
        formulas = {name: FORMULA for name, text in typed.items() if text.startswith("=")}
        return formulas or self._find_unknown(given)

    def _find_unknown(self, given: Values) -> dict[str, Text]:
        unknown = {}
        for name, reference in self._kind.refers.items():
            try:
                codes = reference.split(given[name]) if given.get(name) else ()
            except Refused as refused:
                return {name: refused.message}
            missing = next((code for code in codes if code not in self._codes[name]), None)
            if missing is not None:
                unknown[name] = _('Nothing has the code "%(code)s".', code=missing[:40])
        return unknown


def list_mine(kind: SheetKind, actor: Actor) -> list[Values]:
    """Every record of the kind that this person may save, as text."""
    paths = kind.paths()
    listed = (kind.listed or kind.current)()
    return [values for key, values in listed.items() if key not in paths or actor.may(kind.permission, paths[key])]
