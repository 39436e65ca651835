import io
import random
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from stations.kernel.errors import Invalid
from stations.kernel.sheets import Limits, Sheet, read_sheet

NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"
STANDARD = Limits()


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def book_of(*rows: tuple[object, ...]) -> Workbook:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return book


def rezipped(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return out.getvalue()


def with_sheet(xml: str) -> bytes:
    body = f'<worksheet xmlns="{NS}">{xml}</worksheet>'.encode()
    return rezipped(saved(book_of(("a", "b"))), lambda name, old: body if name == SHEET else old)


def read(content: bytes, limits: Limits = STANDARD) -> Sheet:
    return read_sheet("a.xlsx", content, limits=limits)


def refused(content: bytes, limits: Limits = STANDARD) -> tuple[str, str]:
    with pytest.raises(Invalid) as caught:
        read(content, limits)
    assert caught.value.field == "file"
    return caught.value.code, str(caught.value.message)


HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="inlineStr"><is><t>b</t></is></c></row>'


def test_cells_are_read_as_the_sheet_shows_them() -> None:
    book = book_of(
        ("站名", "电话", "经度", "人数", "日期", "时刻", "到", "时长", "开"),
        (
            " 知春里 ",
            13800138000.0,
            116.33152000000001,
            20,
            date(2027, 6, 7),
            datetime(2027, 6, 7, 9, 15),  # noqa: DTZ001 (a sheet has no zones)
            time(7, 30),
            timedelta(hours=24),
            True,
        ),
        ("乙", 1.5e18, -0.5, 0.0, None, None, None, None, False),
    )
    book.active["H2"].number_format = "[h]:mm"
    sheet = read(saved(book))
    assert list(sheet.rows[0].cells.values()) == [
        "知春里",
        "13800138000",
        "116.33152",
        "20",
        "2027-06-07",
        "2027-06-07 09:15",
        "07:30",
        "24:00",
        "1",
    ]
    assert list(sheet.rows[1].cells.values()) == ["乙", "1500000000000000000", "-0.5", "0", "", "", "", "", "0"]


def test_date_formats_of_chinese_spreadsheets_are_dates() -> None:
    book = book_of(("甲", "乙"), (46180, 0.375))
    styles = (
        f'<styleSheet xmlns="{NS}"><numFmts>'
        '<numFmt numFmtId="180" formatCode="h&quot;时&quot;mm&quot;分&quot;"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="31"/><xf numFmtId="180"/></cellXfs></styleSheet>'
    ).encode()
    row = '<row r="2"><c r="A2" s="1"><v>46180</v></c><c r="B2" s="2"><v>0.375</v></c></row>'
    body = f'<worksheet xmlns="{NS}"><sheetData>{HEAD}{row}</sheetData></worksheet>'
    parts = {"xl/styles.xml": styles, SHEET: body.encode()}
    content = rezipped(saved(book), lambda name, old: parts.get(name, old))
    assert read(content).rows[0].cells == {"a": "2026-06-07", "b": "09:00"}


def test_a_cell_merged_downwards_has_its_value_in_every_filled_row() -> None:
    book = book_of(
        ("2027 年服务站", None),
        ("区", "站"),
        ("海淀区", "甲"),
        (None, "乙"),
        (None, None),
        (None, "丙"),
        ("朝阳区", "丁"),
    )
    book.active.merge_cells("A1:B1")
    book.active.merge_cells("A3:A6")
    sheet = read(saved(book))
    assert [(row.number, *row.cells.values()) for row in sheet.rows] == [
        (3, "海淀区", "甲"),
        (4, "海淀区", "乙"),
        (6, "海淀区", "丙"),
        (7, "朝阳区", "丁"),
    ]


def test_only_the_first_visible_sheet_is_read() -> None:
    book = book_of(("hidden", "x"), (1, 2))
    book.active.sheet_state = "hidden"
    for title in ("one", "two"):
        sheet = book.create_sheet(title)
        sheet.append((title, "x"))
        sheet.append((1, 2))
    assert read(saved(book)).headings == ("one", "x")


def test_a_workbook_without_visible_sheets_is_refused() -> None:
    content = rezipped(
        saved(book_of(("a", "b"))), lambda _name, old: old.replace(b'state="visible"', b'state="hidden"')
    )
    assert refused(content)[0] == "sheet.none_visible"


def test_a_formula_without_result_is_refused_by_its_cell() -> None:
    code, message = refused(saved(book_of(("a", "b", "c"), (1, 2, 3), (1, 2, "=A3+B3"))))
    assert code == "sheet.formula"
    assert "C3" in message


def test_a_formula_with_a_result_gives_the_result() -> None:
    content = with_sheet(
        f'<sheetData>{HEAD}<row r="2"><c r="A2"><f>1+1</f><v>2</v></c>'
        '<c r="B2" t="str"><f>""</f><v></v></c></row></sheetData>'
    )
    assert read(content).rows[0].cells == {"a": "2", "b": ""}


def test_an_error_value_is_refused_by_its_cell() -> None:
    code, message = refused(
        with_sheet(f'<sheetData>{HEAD}<row r="2"><c r="B2" t="e"><f>X</f><v>#REF!</v></c></row></sheetData>')
    )
    assert code == "sheet.cell_error"
    assert "B2" in message
    assert "#REF!" in message


def test_cells_without_references_count_on_and_readings_above_them_are_no_text() -> None:
    content = with_sheet(
        f"<sheetData>{HEAD}<row><c><v>1</v></c>"
        '<c t="inlineStr"><is><r><t>知</t></r><r><t>春</t></r><rPh><t>zhi</t></rPh></is></c></row></sheetData>'
    )
    assert read(content).rows[0].cells == {"a": "1", "b": "知春"}


def test_an_entity_bomb_is_refused_before_it_expands() -> None:
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        f'<worksheet xmlns="{NS}"><sheetData><row><c t="str"><v>&b;</v></c></row></sheetData></worksheet>'
    )
    for encoding in ("utf-8", "utf-16"):
        body = bomb.encode(encoding)
        content = rezipped(saved(book_of(("a", "b"))), lambda name, old, body=body: body if name == SHEET else old)
        assert refused(content)[0] == "sheet.damaged"


def test_zip_bombs_are_refused_by_their_directory() -> None:
    squeezed = rezipped(saved(book_of(("a", "b"))), lambda name, old: b" " * 3_000_000 if name == SHEET else old)
    assert refused(squeezed)[0] == "sheet.unpacks_too_big"
    assert refused(saved(book_of(("a", "b"))), Limits(max_unzipped_bytes=1000))[0] == "sheet.unpacks_too_big"
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(1001):
            archive.writestr(f"{number}.xml", b"")
    assert refused(many.getvalue())[0] == "sheet.unpacks_too_big"


def test_a_zip_with_a_password_is_refused() -> None:
    content = bytearray(saved(book_of(("a", "b"))))
    directory = content.rindex(b"PK\x01\x02")
    content[directory + 8] |= 1
    assert refused(bytes(content))[0] == "sheet.protected"


def test_far_away_cells_and_huge_merges_cost_nothing() -> None:
    merged = "".join('<mergeCell ref="A2:XFD1048576"/>' for _ in range(3))
    content = with_sheet(
        f'<dimension ref="A1:XFD1048576"/><sheetData>{HEAD}<row r="2"><c r="A2"><v>1</v></c></row>'
        f'<row r="1048576"><c r="B1048576"><v>2</v></c></row></sheetData><mergeCells>{merged}</mergeCells>'
    )
    assert [(row.number, row.cells) for row in read(content).rows] == [
        (2, {"a": "1", "b": ""}),
        (1048576, {"a": "1", "b": "2"}),
    ]
    beyond = with_sheet(f'<sheetData>{HEAD}<row r="99999999"><c r="A99999999"><v>1</v></c></row></sheetData>')
    assert refused(beyond)[0] == "sheet.too_many_rows"
    aside = with_sheet(f'<sheetData>{HEAD}<row r="2"><c r="XFD2"><v>1</v></c></row></sheetData>')
    assert refused(aside)[0] == "sheet.too_many_columns"


def test_merges_that_would_fill_the_limits_many_times_over_are_refused() -> None:
    rows = "".join(f'<row r="{number}"><c r="A{number}"><v>1</v></c></row>' for number in range(2, 52))
    merged = '<mergeCell ref="A2:A51"/>' * 50
    content = with_sheet(f"<sheetData>{HEAD}{rows}</sheetData><mergeCells>{merged}</mergeCells>")
    assert refused(content, Limits(max_rows=50, max_columns=10))[0] == "sheet.too_many_rows"


def test_more_rows_than_allowed_are_refused_while_reading() -> None:
    rows = "".join(f"<row><c><v>{number}</v></c></row>" for number in range(300))
    assert refused(with_sheet(f"<sheetData>{HEAD}{rows}</sheetData>"), Limits(max_rows=10))[0] == "sheet.too_many_rows"


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", SHEET, "xl/styles.xml"])
def test_mutated_workbooks_raise_nothing_but_invalid(part: str) -> None:
    book = book_of(("站", "日期", "数"), ("甲", date(2027, 6, 7), 1.5), ("乙", date(2027, 6, 8), 2))
    book.active.merge_cells("A2:A3")
    content = saved(book)
    rng = random.Random(7)

    def mutate(name: str, old: bytes) -> bytes:
        if name != part:
            return old
        body = bytearray(old)
        for _ in range(rng.randint(1, 4)):
            body[rng.randrange(len(body))] = rng.choice(b'<>"/=&0129 aZ\xff')
        return bytes(body)

    outcomes = set()
    for _ in range(150):
        try:
            outcomes.add(len(read(rezipped(content, mutate)).headings))
        except Invalid as refusal:
            outcomes.add(refusal.code)
    assert "sheet.damaged" in outcomes


def test_broken_zip_bytes_raise_nothing_but_invalid() -> None:
    content = saved(book_of(("a", "b"), (1, 2)))
    rng = random.Random(11)
    codes = set()
    for _ in range(400):
        body = bytearray(content[: rng.randint(4, len(content))] if rng.random() < 0.3 else content)
        for _ in range(rng.randint(1, 6)):
            body[rng.randrange(2, len(body))] = rng.randrange(256)
        try:
            read(bytes(body))
        except Invalid as refusal:
            codes.add(refusal.code)
    assert "sheet.damaged" in codes
