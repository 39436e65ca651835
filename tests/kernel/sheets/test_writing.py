import io
from datetime import date, datetime, time

import openpyxl
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.kernel.sheets import read_sheet, write_csv, write_xlsx

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).map(str.strip)
RISKY = st.sampled_from(["=1+1", "+A1", "-A1", "@SUM(A1)", "'=x", "''@", "'quoted", "＝1", "-3", "+3.5", "007"])
TABLES = st.lists(st.tuples(st.one_of(TEXTS, RISKY), st.one_of(TEXTS, RISKY)), max_size=6)


def written(table: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"a": first, "b": second} for first, second in table if first or second]


@settings(deadline=None)
@given(TABLES)
def test_csv_written_is_read_again_as_it_was(table: list[tuple[str, str]]) -> None:
    assert [row.cells for row in read_sheet("a.csv", write_csv(["a", "b"], table)).rows] == written(table)


@settings(max_examples=40, deadline=None)
@given(TABLES)
def test_xlsx_written_is_read_again_as_it_was(table: list[tuple[str, str]]) -> None:
    assert [row.cells for row in read_sheet("a.xlsx", write_xlsx(["a", "b"], table)).rows] == written(table)


def test_csv_disarms_formulas_and_leaves_numbers() -> None:
    content = write_csv(["a", "=b"], [("=1+1", "-3"), ("\t=x", "+86 138"), (-3, 2.5), (None, True)])
    assert content == "\ufeffa,'=b\r\n'=1+1,-3\r\n'\t=x,'+86 138\r\n-3,2.5\r\n,1\r\n".encode()


def test_dates_are_written_in_iso_form() -> None:
    row = (date(2027, 6, 7), datetime(2027, 6, 7, 9, 5), time(9))  # noqa: DTZ001 (a sheet has no zones)
    for sheet in (
        read_sheet("a.csv", write_csv("abc", [row])),
        read_sheet("a.xlsx", write_xlsx("abc", [row])),
    ):
        assert sheet.rows[0].cells == {"a": "2027-06-07", "b": "2027-06-07 09:05", "c": "09:00"}


def test_xlsx_has_no_formulas_and_keeps_long_digits_as_text() -> None:
    content = write_xlsx(["电话", "式", "数", "长"], [("13800138000", "=1+1", 12.5, 110101199001011234)])
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert [(cell.value, cell.data_type) for cell in sheet[2]] == [
        ("13800138000", "s"),
        ("=1+1", "s"),
        (12.5, "n"),
        ("110101199001011234", "s"),
    ]
    assert sheet.freeze_panes == "A2"
    assert all(cell.font.bold for cell in sheet[1])
    assert sheet.column_dimensions["D"].width == 20


def test_control_characters_and_half_characters_do_not_stop_the_writing() -> None:
    table = [("a\x00b\x1f", "\ud800")]
    assert read_sheet("a.xlsx", write_xlsx(["a", "b"], table)).rows[0].cells == {"a": "ab", "b": "?"}
    assert write_csv(["a", "b"], [("x", "\ud800")]).endswith(b"x,?\r\n")
