"""What a kind of sheet is: its columns, the form that reads a row, the action that saves it."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stations.accounts.rules import Actor
from stations.kernel.errors import Invalid
from stations.kernel.forms import CellForm, form_data
from stations.kernel.progress import counted
from stations.kernel.sheets import Sheet
from stations.kernel.text import Text, _

Values = dict[str, str]
Headings = Mapping[str, Sequence[str]]
Read = Callable[[Values], tuple[Values, dict[str, Text]]]

NOT_HERE: Text = _("Your account may not do this here.")


@dataclass(frozen=True)
class Reference:
    """A field that holds codes: `list_codes` gives those there are, `split` those in a cell. Where `is_own` says so of
    a new row, the rows below it may name that row."""

    list_codes: Callable[[], Iterable[str]]
    split: Callable[[str], Iterable[str]] = lambda text: [text]
    is_own: Callable[[Values], bool] = lambda _row: False


@dataclass(frozen=True)
class SheetKind:
    """One kind of sheet. The first of each field's headings stands in the template.

    `permission` is needed to save a row; where rows belong to somebody, `path` gives the path of an order and `paths`
    those of all that is stored, archived or not; `owner` is the field to blame in a new row. `current` reads
    everything of the kind as text, by key, and `listed` what an export holds, where that is less. `fixed` names the
    fields that stay as they were first saved. `topic` is the revision that a write raises; of the `keys` those that
    are `open` may be empty. `reader` begins a run and gives what puts a row as people write it into codes and base
    units. `blank` is the row that stands for nothing stored, `unfold` makes rows of a cross table, `filled_down` are
    the columns where an empty cell means the one above. `restore` puts back, after an undo has saved
    a row as it was, what `current` gives and no sheet brings. `save_rows` and `undo_rows` write all rows of a run at
    once, where that is faster than one by one with `save_order` and `remove`."""

    name: str
    title: Text
    topic: str
    permission: str
    form: type[CellForm]
    headings: Headings
    required: tuple[str, ...]
    current: Callable[[], dict[str, Values]]
    save_order: Callable[[Any, Actor], Any] | None = None
    remove: Callable[[str, Actor], Any] | None = None
    path: Callable[[Any], str] | None = None
    paths: Callable[[], dict[str, str]] = dict
    owner: str = "code"
    refers: Mapping[str, Reference] = field(default_factory=dict)
    fixed: tuple[str, ...] = ()
    keys: tuple[str, ...] = ("code",)
    open: tuple[str, ...] = ()
    listed: Callable[[], dict[str, Values]] | None = None
    reader: Callable[[], Read] | None = None
    blank: Callable[[Values], Values] = lambda _row: {}
    unfold: Callable[[Sheet], Sheet] | None = None
    filled_down: tuple[str, ...] = ()
    restore: Callable[[Values, Actor], None] = lambda _values, _actor: None
    save_rows: Callable[[Sequence[Values], int, Actor], None] | None = None
    undo_rows: Callable[[int, Actor], None] | None = None

    def key(self, values: Values) -> str:
        """What tells rows apart, in the spelling that the form will read; empty where a part of it is missing."""
        parts = {name: unicodedata.normalize("NFKC", values.get(name, "")).strip() for name in self.keys}
        if not all(part for name, part in parts.items() if name not in self.open):
            return ""
        return "/".join(part for part in parts.values() if part)

    def read(self, values: Values, actor: Actor) -> tuple[Values, dict[str, Text]]:
        """A row as it will read back once saved, or what is wrong with it by field."""
        form = self.form(form_data({name: value for name, value in values.items() if value}))
        if not form.validate():
            return values, form.problems
        order = form.order()
        if not actor.may(self.permission, self.path(order) if self.path else None):
            return values, {self.owner: NOT_HERE}
        return order.values(), {}

    def get_order(self, values: Values) -> Any:
        """The order that a row gives. Raises Invalid."""
        form = self.form(form_data({name: value for name, value in values.items() if value}))
        if not form.validate():
            name, message = next(iter(form.problems.items()))
            raise Invalid("import.row", message, field=name)
        return form.order()

    def write(self, rows: Sequence[Values], run_id: int, actor: Actor) -> None:
        """Save rows by the actions that a page would use."""
        if self.save_rows is not None:
            self.save_rows(rows, run_id, actor)
            return
        assert self.save_order is not None
        for values in counted(_("Rows written:"), rows, len(rows)):
            self.save_order(self.get_order(values), actor)

    def undo(self, changes: Sequence[Mapping[str, Any]], run_id: int, actor: Actor) -> None:
        """Put back what a run has changed: what was new is removed, what was there is saved again."""
        if self.undo_rows is not None:
            self.undo_rows(run_id, actor)
            return
        assert self.remove is not None
        if self.save_rows is not None:
            self.save_rows([change["before"] for change in changes if change["before"]], run_id, actor)
        for change in counted(_("Rows put back:"), reversed(changes), len(changes)):
            if not change["before"]:
                self.remove(change["key"], actor)
            elif self.save_rows is None:
                self.write([change["before"]], run_id, actor)
                self.restore(change["before"], actor)
