"""Rows out: CSV and XLSX that a spreadsheet opens as text and numbers, never as formulas."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from stations.kernel.progress import counted
from stations.kernel.text import _

Value = str | int | float | date | time | None

# Wider forms too: spreadsheets in East Asian locales take them for the narrow ones (OWASP, CSV injection).
RISKY = re.compile(r"'*[=+\-@＝＋－＠\t\r]")
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
MISTAKABLE = re.compile(r"[\s\x00-\x1f]*[=#'+\-@\d]")
LONGEST_NUMBER = 10**10
WIDEST_CHARS = 48
NARROWEST_CHARS = 8
MEASURED_ROWS = 200
PART_CHARS = 64 * 1024


def write_csv(headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """CSV as UTF-8 with BOM and CRLF. Text that a spreadsheet would run gets an apostrophe before it."""
    return b"".join(walk_csv(headings, rows))


def walk_csv(headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """The same in parts, while the rows come."""
    out = io.StringIO("\ufeff", newline="")
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_guarded(heading) for heading in headings])
    for row in rows:
        writer.writerow([_guarded(_text(value)) for value in row])
        if out.tell() > PART_CHARS:
            yield out.getvalue().encode("utf-8", "replace")
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode("utf-8", "replace")


def write_xlsx(headings: Sequence[str], rows: Iterable[Sequence[Value]]) -> bytes:
    """One sheet: numbers as numbers, everything else (phones and long digits too) as text, headings frozen."""
    lines = list(rows)
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    for column, heading in enumerate(headings):
        texts = [heading, *(_text(line[column]) for line in lines[:MEASURED_ROWS] if column < len(line))]
        sheet.column_dimensions[get_column_letter(column + 1)].width = _width(texts)
    sheet.append([_text_cell(sheet, heading, is_bold=True) for heading in headings])
    for line in counted(_("Rows put in the workbook:"), lines, len(lines)):
        sheet.append([_cell(sheet, value) for value in line])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case datetime():
            return value.isoformat(" ", "minutes")
        case time():
            return value.isoformat("minutes")
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _guarded(text: str) -> str:
    return f"'{text}" if RISKY.match(text) and not NUMBER.fullmatch(text) else text


def _is_number(value: Value) -> bool:
    is_numeric = isinstance(value, int | float) and not isinstance(value, bool)
    return is_numeric and abs(value) < LONGEST_NUMBER  # type: ignore[arg-type]


def _cell(sheet: object, value: Value) -> Cell | Value:
    if _is_number(value):
        return value
    text = _text(value)
    # Only what openpyxl or a spreadsheet would take for something else needs a cell that says "text".
    return _text_cell(sheet, text) if MISTAKABLE.match(text) else _legal(text)


def _legal(text: str) -> str:
    legal: str = ILLEGAL_CHARACTERS_RE.sub("", text)
    return legal.encode("utf-8", "replace").decode()


def _text_cell(sheet: object, text: str, *, is_bold: bool = False) -> Cell:
    cell = WriteOnlyCell(sheet, _legal(text))
    cell.data_type = "s"  # "=1+1" would be taken for a formula otherwise
    cell.number_format = "@"
    if is_bold:
        cell.font = Font(bold=True)
    return cell


def _width(texts: Iterable[str]) -> int:
    """Characters wide; East Asian characters take two."""
    widest = max(sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text) for text in texts)
    return min(max(widest + 2, NARROWEST_CHARS), WIDEST_CHARS)
