import pytest

from stations.kernel.errors import Invalid
from stations.kernel.sheets import read_sheet

TEXT = "名称,服务\n知春里,rest;water;first_aid\n"
ROWS = [{"名称": "知春里", "服务": "rest;water;first_aid"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_each_encoding_of_a_spreadsheet_is_read(encoding: str) -> None:
    assert [row.cells for row in read_sheet("a.csv", TEXT.encode(encoding)).rows] == ROWS


def test_big_endian_utf16_is_read() -> None:
    assert [row.cells for row in read_sheet("a.csv", b"\xfe\xff" + TEXT.encode("utf-16-be")).rows] == ROWS


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_delimiter_and_line_end_are_found_out(delimiter: str, end: str) -> None:
    lines = [
        ("code", "lon", "services"),
        ("A", "116.3", '"rest;water,ice"'),
        ("B", "116,4" if delimiter == ";" else "1", ""),
    ]
    content = end.join(delimiter.join(line) for line in lines).encode()
    rows = read_sheet("a.csv", content).rows
    assert [row.cells["code"] for row in rows] == ["A", "B"]
    assert rows[0].cells["services"] == "rest;water,ice"


def test_more_semicolons_in_the_cells_than_commas_between_them_do_not_mislead() -> None:
    rows = read_sheet("a.csv", b"a,b\n1;2;3,x;y\n1;2;3,x;z\n1;2;3,x;y\n").rows
    assert rows[1].cells == {"a": "1;2;3", "b": "x;z"}


def test_quoted_line_breaks_stay_in_the_cell_and_count_as_one_row() -> None:
    rows = read_sheet("a.csv", b'a,b\r\n"1\r\n2",x\r\n3,"say ""hi"""\r\n').rows
    assert [(row.number, row.cells["a"], row.cells["b"]) for row in rows] == [(2, "1\n2", "x"), (3, "3", 'say "hi"')]


@pytest.mark.parametrize(
    ("content", "code", "named"),
    [
        (b"a,b\n1,\x002\n", "sheet.not_text", "Line 2"),
        (b"a,b\n1,\x1b[31m\n", "sheet.not_text", "Line 2"),
        (b'a,b\n1,2\n3,"open\n4,5\n', "sheet.quotes", "Row 3"),
        (b"a,b\n\xff\xff\xff,1\n", "sheet.encoding", "UTF-8"),
        (b"\xff\xfea", "sheet.encoding", "UTF-8"),
    ],
)
def test_text_that_cannot_be_read_is_refused_with_its_place(content: bytes, code: str, named: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_sheet("a.csv", content)
    assert refused.value.code == code
    assert named in str(refused.value.message)


def test_formulas_in_csv_stay_the_text_that_they_are() -> None:
    assert read_sheet("a.csv", b"a,b\n=1+1,@x\n").rows[0].cells == {"a": "=1+1", "b": "@x"}
