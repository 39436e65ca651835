"""The cells of an XLSX workbook's first visible sheet (ECMA-376), streamed: nothing else in it is looked at."""

import posixpath
import zipfile
from bisect import bisect_right
from collections.abc import Iterator
from itertools import islice

from openpyxl.utils import range_boundaries

from stations.kernel.errors import Invalid
from stations.kernel.sheets.package import CHARS, END, START, damaged, feed_part, open_package, read_part
from stations.kernel.sheets.shape import Grid, Limits, too_many_rows
from stations.kernel.sheets.sheet_part import SheetPart
from stations.kernel.sheets.values import Formats, classify_format
from stations.kernel.text import _

DEFAULT_BOOK = "xl/workbook.xml"


def read_workbook(content: bytes, limits: Limits) -> Grid:
    """The grid of the first visible sheet; a cell merged downwards has its value in every row. Raises Invalid."""
    try:
        with open_package(content, limits) as archive:
            return _read_grid(archive, limits)
    except Invalid:
        raise
    except Exception as error:  # a hostile part fails in many ways (zlib, expat, values), all of them mean the same
        raise damaged() from error


def _read_grid(archive: zipfile.ZipFile, limits: Limits) -> Grid:
    book = _find_book(archive)
    targets = _read_targets(archive, book)
    relation, is_1904 = _find_first_visible(archive, book)
    paths = {kind: path for kind, path in targets.values() if kind in ("sharedStrings", "styles")}
    part = SheetPart(
        list(islice(_read_strings(archive, paths.get("sharedStrings", "")), limits.max_rows * limits.max_columns)),
        _read_formats(archive, paths.get("styles", ""), is_1904),
        limits,
    )
    feed_part(archive, targets[relation][1], part.start, part.end, part.chars)
    _spread_merged(part.rows, part.merged, limits)
    return sorted(part.rows.items())


def _find_book(archive: zipfile.ZipFile) -> str:
    for kind, path in _read_targets(archive, "").values():
        if kind == "officeDocument":
            return path
    return DEFAULT_BOOK


def _read_targets(archive: zipfile.ZipFile, path: str) -> dict[str, tuple[str, str]]:
    """{relation id: (kind, path of the part)} of the part at `path`; "" is the package itself."""
    folder, name = posixpath.split(path)
    targets: dict[str, tuple[str, str]] = {}
    for kind, tag, attributes in read_part(archive, posixpath.join(folder, "_rels", f"{name}.rels")):
        if kind == START and tag == "Relationship":
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/")
            targets[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], target)
    return targets


def _find_first_visible(archive: zipfile.ZipFile, book: str) -> tuple[str, bool]:
    """Relation id of the first visible sheet, and whether the workbook counts its days from 1904."""
    is_1904 = False
    for kind, tag, attributes in read_part(archive, book):
        if kind == START and tag == "workbookPr":
            is_1904 = attributes.get("date1904") in ("1", "true")
        if kind == START and tag == "sheet" and attributes.get("state", "visible") == "visible":
            relation = next((value for name, value in attributes.items() if name.endswith(" id")), "")
            return relation, is_1904
    raise Invalid("sheet.none_visible", _("The workbook has no visible sheet."), field="file")


def _read_strings(archive: zipfile.ZipFile, path: str) -> Iterator[str]:
    """The shared strings in order; readings printed above characters (phonetic runs) are not part of them."""
    texts: list[str] = []
    is_text = is_phonetic = False
    for kind, tag, _attributes in read_part(archive, path):
        if kind == CHARS:
            if is_text and not is_phonetic:
                texts.append(tag)
        elif tag == "t":
            is_text = kind == START
        elif tag == "rPh":
            is_phonetic = kind == START
        elif tag == "si" and kind == END:
            yield "".join(texts)
            texts.clear()


def _read_formats(archive: zipfile.ZipFile, path: str, is_1904: bool) -> Formats:
    codes: dict[int, str] = {}
    styles: list[tuple[bool, bool]] = []
    is_cell_style = False
    for kind, tag, attributes in read_part(archive, path):
        if tag == "cellXfs":
            is_cell_style = kind == START
        elif kind == START and tag == "numFmt":
            codes[int(attributes["numFmtId"])] = attributes["formatCode"]
        elif kind == START and tag == "xf" and is_cell_style:
            styles.append(classify_format(int(attributes.get("numFmtId", "0")), codes))
    return Formats(tuple(date for date, _span in styles), tuple(span for _date, span in styles), is_1904)


def _spread_merged(rows: dict[int, dict[int, str]], merged: list[str], limits: Limits) -> None:
    """Give the value of each merged cell to the rows below it that have cells of their own."""
    numbers = sorted(rows)
    steps = 0
    for reference in merged:
        column, first, _last_column, last = range_boundaries(reference)
        text = rows.get(first, {}).get(column)
        if text is None:
            continue
        for number in numbers[bisect_right(numbers, first) : bisect_right(numbers, last)]:
            rows[number][column] = text
            steps += 1
        if steps > limits.max_rows * limits.max_columns:
            raise too_many_rows(limits)
