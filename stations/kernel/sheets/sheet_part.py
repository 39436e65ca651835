"""One worksheet part: its events gathered into rows of text, with the limits held while reading."""

import re

from openpyxl.utils.cell import coordinate_to_tuple

from stations.kernel.errors import Invalid
from stations.kernel.sheets.shape import Limits, cell_name, check_cell, too_many_rows
from stations.kernel.sheets.values import Formats, show_number
from stations.kernel.text import _

LAST_ROW = 1_048_576
# Rows above the heading, and the heading itself, do not count as rows.
SPARE_ROWS = 100
# A carriage return inside a shared string is stored as this (ECMA-376 part 1, 22.9.2.19).
STORED_RETURN = re.compile(r"_x000[dD]_|\r")


class SheetPart:
    """Give it the part's events; then `rows` is {row: {column: text}}, `merged` the merged ranges."""

    def __init__(self, strings: list[str], formats: Formats, limits: Limits) -> None:
        self.rows: dict[int, dict[int, str]] = {}
        self.merged: list[str] = []
        self._strings = strings
        self._formats = formats
        self._limits = limits
        self._number = self._column = self._cells = 0
        self._cell: dict[str, str] = {}
        self._texts: list[str] = []
        self._is_text = self._is_phonetic = self._has_formula = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._start_cell(attributes)
        elif tag in ("v", "t"):
            self._is_text = not self._is_phonetic
        elif tag == "f":
            self._has_formula = True
        elif tag == "row":
            self._number = int(attributes.get("r", self._number + 1))
            self._column = 0
        elif tag == "rPh":
            self._is_phonetic = True
        elif tag == "mergeCell":
            self.merged.append(attributes["ref"])

    def chars(self, text: str) -> None:
        if self._is_text:
            self._texts.append(text)

    def end(self, tag: str) -> None:
        if tag == "c":
            self._keep_cell()
        elif tag in ("v", "t"):
            self._is_text = False
        elif tag == "rPh":
            self._is_phonetic = False

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._cells += 1
        if self._cells > self._limits.max_rows * self._limits.max_columns:
            raise too_many_rows(self._limits)
        reference = attributes.get("r")
        self._column = coordinate_to_tuple(reference)[1] if reference else self._column + 1
        self._cell = attributes
        self._texts.clear()
        self._has_formula = False

    def _keep_cell(self) -> None:
        raw = "".join(self._texts)
        if self._has_formula and not raw and self._cell.get("t") != "str":
            raise Invalid(
                "sheet.formula",
                _("Cell %(cell)s has a formula without a result. Paste it as a value.", cell=self._name()),
                field="file",
            )
        text = STORED_RETURN.sub("", self._show(raw)).strip() if raw else ""
        if not text:
            return
        if not 1 <= self._number <= LAST_ROW or len(self.rows) > self._limits.max_rows + SPARE_ROWS:
            raise too_many_rows(self._limits)
        check_cell(self._number, self._column, text, self._limits)
        self.rows.setdefault(self._number, {})[self._column] = text

    def _show(self, raw: str) -> str:
        kind = self._cell.get("t", "n")
        if kind == "s":
            return self._strings[int(raw)]
        if kind in ("str", "inlineStr", "b"):
            return raw
        if kind == "d":
            return raw.replace("T", " ").removesuffix(" 00:00:00")
        try:
            return show_number(raw if kind == "n" else "", int(self._cell.get("s", "0")), self._formats)
        except (ValueError, OverflowError) as error:
            raise Invalid(
                "sheet.cell_error",
                _("Cell %(cell)s shows an error (%(shown)s). Correct it.", cell=self._name(), shown=raw[:20]),
                field="file",
            ) from error

    def _name(self) -> str:
        return cell_name(self._number, self._column)
