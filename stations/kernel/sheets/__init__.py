"""An organizer's sheet: CSV, XLSX or pasted cells into rows, rows out again; hostile input is refused."""

from stations.kernel.sheets.headings import match_headings
from stations.kernel.sheets.reading import read_pasted, read_sheet
from stations.kernel.sheets.shape import Limits, Row, Sheet
from stations.kernel.sheets.writing import Value, write_csv, write_xlsx

__all__ = [
    "Limits",
    "Row",
    "Sheet",
    "Value",
    "match_headings",
    "read_pasted",
    "read_sheet",
    "write_csv",
    "write_xlsx",
]
