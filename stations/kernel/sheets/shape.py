"""From a loose grid of cells to a sheet: which row is the heading, what each cell stands under, what is too much."""

from collections.abc import Iterable
from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from stations.kernel.errors import Invalid
from stations.kernel.text import _

MEBIBYTE = 1024 * 1024

Grid = Iterable[tuple[int, dict[int, str]]]
"""Row number and {column number: stripped text, never empty}, both counted from 1, rows in order."""


@dataclass(frozen=True)
class Limits:
    """The most that is read; anything beyond is refused, never cut off silently."""

    max_bytes: int = 8 * MEBIBYTE
    max_rows: int = 20_000
    max_columns: int = 100
    max_cell_chars: int = 2_000
    max_unzipped_bytes: int = 64 * MEBIBYTE


@dataclass(frozen=True)
class Row:
    """`number` is the row as the person sees it in the spreadsheet (the first is 1); `cells` has every heading."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Sheet:
    """The headings from left to right and the rows below them; blank rows are left out."""

    headings: tuple[str, ...]
    rows: list[Row]


def cell_name(number: int, column: int) -> str:
    """(7, 3) -> "C7"."""
    return f"{get_column_letter(column)}{number}"


def too_many_rows(limits: Limits) -> Invalid:
    """The refusal of a sheet that is too long."""
    return Invalid(
        "sheet.too_many_rows",
        _("The sheet has more than %(limit)s rows. Split it into several files.", limit=limits.max_rows),
        field="file",
    )


def shape_sheet(grid: Grid, limits: Limits) -> Sheet:
    """The sheet in `grid`. The first row with two or more filled cells is the heading; titles above it are skipped.

    Raises Invalid for no heading, repeated headings, values without a heading and whatever is over `limits`.
    """
    headings: dict[int, str] = {}
    rows: list[Row] = []
    for number, cells in grid:
        for column, text in cells.items():
            check_cell(number, column, text, limits)
        if not headings:
            headings = _check_headings(cells) if len(cells) > 1 else {}
        elif cells:
            rows.append(_row_under(headings, number, cells))
        if len(rows) > limits.max_rows:
            raise too_many_rows(limits)
    if not headings:
        raise Invalid(
            "sheet.no_headings", _("No heading row was found: it needs at least two filled cells."), field="file"
        )
    return Sheet(tuple(headings.values()), rows)


def check_cell(number: int, column: int, text: str, limits: Limits) -> None:
    """Raises Invalid for a cell too far to the right or too long."""
    if column > limits.max_columns:
        raise Invalid(
            "sheet.too_many_columns",
            _("Row %(row)s has more than %(limit)s columns.", row=number, limit=limits.max_columns),
            field="file",
        )
    if len(text) > limits.max_cell_chars:
        raise Invalid(
            "sheet.cell_too_long",
            _(
                "Cell %(cell)s has more than %(limit)s characters.",
                cell=cell_name(number, column),
                limit=limits.max_cell_chars,
            ),
            field="file",
        )


def _check_headings(cells: dict[int, str]) -> dict[int, str]:
    seen: dict[str, int] = {}
    for column, heading in cells.items():
        if heading in seen:
            raise Invalid(
                "sheet.heading_repeated",
                _(
                    'The heading "%(heading)s" stands twice, in columns %(first)s and %(second)s.',
                    heading=heading,
                    first=get_column_letter(seen[heading]),
                    second=get_column_letter(column),
                ),
                field="file",
            )
        seen[heading] = column
    return dict(sorted(cells.items()))


def _row_under(headings: dict[int, str], number: int, cells: dict[int, str]) -> Row:
    for column in cells:
        if column not in headings:
            raise Invalid(
                "sheet.heading_missing",
                _("Cell %(cell)s is filled, but its column has no heading.", cell=cell_name(number, column)),
                field="file",
            )
    return Row(number, {heading: cells.get(column, "") for column, heading in headings.items()})
