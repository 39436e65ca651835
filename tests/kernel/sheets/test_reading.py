from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.kernel.errors import Invalid
from stations.kernel.sheets import Limits, Sheet, read_pasted, read_sheet

SMALL = Limits(max_bytes=2000, max_rows=3, max_columns=4, max_cell_chars=10)


def refused(filename: str, content: bytes, limits: Limits = SMALL) -> tuple[str, str]:
    with pytest.raises(Invalid) as caught:
        read_sheet(filename, content, limits=limits)
    assert caught.value.field == "file"
    return caught.value.code, str(caught.value.message)


def outcome_of(call: Callable[[], Sheet]) -> Sheet | Invalid:
    try:
        return call()
    except Invalid as refusal:
        return refusal


def test_rows_keep_the_number_that_the_person_sees() -> None:
    sheet = read_sheet("a.csv", "2027 高考服务站,,\n\n名称,电话,\n甲,1,\n,,\n\n乙,,\n".encode())
    assert sheet.headings == ("名称", "电话")
    assert [(row.number, row.cells) for row in sheet.rows] == [
        (4, {"名称": "甲", "电话": "1"}),
        (7, {"名称": "乙", "电话": ""}),
    ]


@pytest.mark.parametrize(
    ("filename", "content", "code"),
    [
        ("a.csv", b"a,b\n" + b"x" * 2000, "sheet.too_big"),
        ("a.csv", b" \n", "sheet.empty"),
        ("a.pdf", b"%PDF-1.7", "sheet.kind"),
        ("a.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 512, "sheet.old_or_protected"),
        ("a.xlsx", b"a,b\n1,2\n", "sheet.damaged"),
        ("a.xlsx", b"PK\x03\x04 and nothing more", "sheet.damaged"),
        ("a.csv", b"only one\n1\n", "sheet.no_headings"),
    ],
)
def test_files_that_are_no_tables_are_refused(filename: str, content: bytes, code: str) -> None:
    assert refused(filename, content)[0] == code


@pytest.mark.parametrize(
    ("content", "code", "named"),
    [
        (b"a,b\n1,2\n1,2\n1,2\n1,2\n", "sheet.too_many_rows", "3"),
        (b"a,b\n1,2,3,4,5\n", "sheet.too_many_columns", "Row 2"),
        (b"a,b\n1,01234567890\n", "sheet.cell_too_long", "Cell B2"),
        (b"a,b,a\n1,2,3\n", "sheet.heading_repeated", "columns A and C"),
        (b"a,b\n1,2,stray\n", "sheet.heading_missing", "Cell C2"),
    ],
)
def test_refusals_name_the_place(content: bytes, code: str, named: str) -> None:
    refusal_code, message = refused("a.csv", content)
    assert refusal_code == code
    assert named in message


def test_pasted_cells_are_read_with_their_line_breaks() -> None:
    sheet = read_pasted('名称\t地址\r\n甲\t"东门\n西侧"\r\n乙, 丙\t\r\n')
    assert [row.cells for row in sheet.rows] == [
        {"名称": "甲", "地址": "东门\n西侧"},
        {"名称": "乙, 丙", "地址": ""},
    ]
    assert [row.number for row in sheet.rows] == [2, 3]


def test_pasted_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(Invalid) as caught:
        read_pasted("a\tb\n" * 1000, limits=SMALL)
    assert caught.value.code == "sheet.too_big"


@settings(deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from(["a.csv", "a.xlsx", "a", "a.txt"]),
    st.sampled_from([b"", b"PK", b"\xff\xfe"]),
)
def test_no_bytes_raise_anything_but_invalid(content: bytes, filename: str, start: bytes) -> None:
    outcome = outcome_of(lambda: read_sheet(filename, start + content))
    if isinstance(outcome, Invalid):
        assert outcome.field == "file"
        assert str(outcome.message)
    else:
        assert len(outcome.headings) >= 2


@settings(deadline=None)
@given(st.text(max_size=200, alphabet='a1,;\t\n\r" =\u3000\ufeff\x00'))
def test_no_pasted_text_raises_anything_but_invalid(text: str) -> None:
    outcome = outcome_of(lambda: read_pasted(text))
    if isinstance(outcome, Invalid):
        assert str(outcome.message)
    else:
        assert all(set(row.cells) == set(outcome.headings) for row in outcome.rows)
