"""Delimited text: which encoding, which delimiter, and its cells."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from stations.kernel.errors import Invalid
from stations.kernel.sheets.shape import Grid
from stations.kernel.text import _

DELIMITERS = ",\t;"
SAMPLE_ROWS = 30
# A table has no other control characters; a picture or a program renamed to .csv has plenty.
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
# The writer puts an apostrophe before what a spreadsheet would run as a formula; here it comes off again.
GUARDED = re.compile(r"'+[=+\-@＝＋－＠]")


def read_delimited(content: bytes) -> Grid:
    """The grid of a CSV file. Raises Invalid for an unknown encoding, control characters and open quotes."""
    return read_text(_decode(content), None)


def read_text(text: str, delimiter: str | None) -> Grid:
    """The grid of delimited text; the delimiter is found out when it is None. Raises Invalid."""
    if found := CONTROL.search(text):
        raise Invalid(
            "sheet.not_text",
            _(
                "Line %(line)s has characters that no table has. Is this really a CSV file?",
                line=text.count("\n", 0, found.start()) + 1,
            ),
            field="file",
        )
    records = _records(text, delimiter or _find_delimiter(text))
    return ((number, _filled(record)) for number, record in records)


def _decode(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("sheet.encoding", _("The text cannot be read. Save the file as CSV UTF-8."), field="file")


def _filled(record: list[str]) -> dict[int, str]:
    cells: dict[int, str] = {}
    for column, cell in enumerate(record, 1):
        text = cell.replace("\r\n", "\n").replace("\r", "\n").strip()
        if text:
            cells[column] = text[1:] if GUARDED.match(text) else text
    return cells


def _records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Numbered records; strict, so that an open quotation mark does not silently swallow the rows after it."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, record in enumerate(reader, 1):
            yield number, record
    except csv.Error as error:
        raise Invalid(
            "sheet.quotes",
            _("Row %(row)s cannot be read: look for a quotation mark that is opened and not closed.", row=number + 1),
            field="file",
        ) from error


def _find_delimiter(text: str) -> str:
    """The delimiter under which most of the first rows have the same number of cells, at least two."""
    return max(DELIMITERS, key=lambda delimiter: _agreement(text, delimiter))


def _agreement(text: str, delimiter: str) -> tuple[int, int]:
    widths: Counter[int] = Counter()
    try:
        filled = (record for _number, record in _records(text, delimiter) if any(map(str.strip, record)))
        for record in islice(filled, SAMPLE_ROWS):
            widths[len(record)] += 1
    except Invalid:
        pass  # what could be read before the fault still counts; the real reading names the fault
    return max(((rows, width) for width, rows in widths.items() if width > 1), default=(0, 0))
