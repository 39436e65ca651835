"""An organizer's sheet: CSV, XLSX or pasted cells into rows, rows out again; hostile input is refused."""

from stations.kernel.sheets.headings import fold, guess_headings, match_headings, without_brackets
from stations.kernel.sheets.reading import read_pasted, read_sheet
from stations.kernel.sheets.shape import Limits, Row, Sheet, too_many_rows
from stations.kernel.sheets.writing import Value, walk_csv, write_csv, write_xlsx

__all__ = [
    "Limits",
    "Row",
    "Sheet",
    "Value",
    "fold",
    "guess_headings",
    "match_headings",
    "read_pasted",
    "read_sheet",
    "too_many_rows",
    "walk_csv",
    "without_brackets",
    "write_csv",
    "write_xlsx",
]
