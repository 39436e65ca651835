from collections.abc import Callable
from datetime import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.kernel import cells
from stations.kernel.errors import Invalid

READERS: list[Callable[[str], Any]] = [
    cells.read_number,
    cells.read_whole,
    cells.read_time,
    cells.read_hours,
    cells.read_phone,
    cells.read_list,
    cells.read_flag,
]


def refused_code(reader: Callable[..., Any], text: str, **options: Any) -> str:
    with pytest.raises(Invalid) as refused:
        reader(text, field="x", **options)
    assert refused.value.field == "x"
    assert str(refused.value.message).strip()
    return refused.value.code


def refusal_of(reader: Callable[[str], Any], text: str) -> Invalid | None:
    try:
        reader(text)
    except Invalid as refusal:
        return refusal
    return None


@pytest.mark.parametrize(
    ("text", "number"),
    [("12", 12), ("１２", 12), (" 1,200 ", 1200), ("12.0", 12), ("两百五十", 250), ("1.2万", 12000), ("1e5", 100000)],
)
def test_whole_number_is_read_as_typed(text: str, number: int) -> None:
    assert cells.read_whole(text) == number


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("12.5", "cell.fraction"),
        ("-3", "cell.negative"),
        ("负三", "cell.negative"),
        ("1000001", "cell.too_large"),
        ("9" * 150, "cell.too_large"),
        ("1,2", "cell.number"),
        ("十箱", "cell.number"),
        ("nan", "cell.number"),
        ("inf", "cell.number"),
        ("  ", "cell.blank"),
        ("9" * 201, "cell.too_long"),
    ],
)
def test_whole_number_is_refused_with_its_own_sentence(text: str, code: str) -> None:
    assert refused_code(cells.read_whole, text) == code


def test_number_keeps_its_fraction_and_obeys_its_limit() -> None:
    assert cells.read_number("39.90469") == 39.90469
    assert cells.read_number("三点五") == 3.5
    assert refused_code(cells.read_number, "90.1", limit=90) == "cell.too_large"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9:00", time(9)),
        ("０９：００", time(9)),
        ("09:00:00", time(9)),
        ("上午9点", time(9)),
        ("9点半", time(9, 30)),
        ("九点一刻", time(9, 15)),
        ("十点四十五分", time(10, 45)),
        ("下午3点", time(15)),
        ("下午15:30", time(15, 30)),
        ("中午12点半", time(12, 30)),
        ("中午1点", time(13)),
        ("3:30 PM", time(15, 30)),
        ("12am", time(0)),
        ("0.375", time(9)),
        ("0.0", time(0)),
    ],
)
def test_time_is_read_as_typed(text: str, expected: time) -> None:
    assert cells.read_time(text) == expected


@pytest.mark.parametrize(
    "text", ["24:00", "25:00", "9:75", "9:5", "上午13点", "上午9点pm", "1.5", "soon", "2027-06-07"]
)
def test_time_is_refused(text: str) -> None:
    assert refused_code(cells.read_time, text) == "cell.time"


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("07:00-18:30", ((420, 1110),)),
        ("7:00~18:30", ((420, 1110),)),
        ("07:00－18：30", ((420, 1110),)),
        ("7点—18点半", ((420, 1110),)),
        ("上午9点到下午5点", ((540, 1020),)),
        ("22:00至24:00", ((1320, 1440),)),
        ("24小时", ((0, 1440),)),
        ("13:00-15:00；7:00-9:00", ((420, 540), (780, 900))),
        ("7-9、9-11/13-15,17-18", ((420, 540), (540, 660), (780, 900), (1020, 1080))),
    ],
)
def test_hours_are_ranges_of_minutes_in_order(text: str, ranges: tuple[tuple[int, int], ...]) -> None:
    assert cells.read_hours(text) == ranges


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("18:00-07:00", "cell.hours_reversed"),
        ("9:00-9:00", "cell.hours_reversed"),
        ("7-10,9-12", "cell.hours_overlap"),
        ("7:00", "cell.hours"),
        ("7-8-9", "cell.hours"),
        (";", "cell.hours"),
        ("", "cell.blank"),
    ],
)
def test_hours_are_refused(text: str, code: str) -> None:
    assert refused_code(cells.read_hours, text) == code


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("13800138000", "13800138000"),
        ("+86 138-0013-8000", "13800138000"),
        ("8613800138000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("13800138000.0", "13800138000"),
        ("1.38001380E+10", "13800138000"),
        ("010-62345678", "01062345678"),
        ("(0755) 8234 5678", "075582345678"),
        ("0316-2345678", "03162345678"),
        ("010-12345678转801", "01012345678,801"),
        ("010-12345678-801", "01012345678,801"),
        ("0755-82345678 ext. 12", "075582345678,12"),
        ("400-123-4567", "4001234567"),
        ("12345", "12345"),
        ("95588", "95588"),
        ("120", "120"),
    ],
)
def test_phone_is_normal_digits(text: str, digits: str) -> None:
    assert cells.read_phone(text) == digits


@pytest.mark.parametrize(
    "text", ["62345678", "1380013800", "010-62345678;138", "110101199001011234", "call me", "٠١٢٣"]
)
def test_phone_is_refused(text: str) -> None:
    assert refused_code(cells.read_phone, text) == "cell.phone"


def test_list_is_split_at_every_mark_and_each_part_kept_once() -> None:
    assert cells.read_list("rest;water、打印,充电；water / first aid\n") == [
        "rest",
        "water",
        "打印",
        "充电",
        "first aid",
    ]
    assert cells.read_list(" ;、") == []


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("是", True),
        ("YES", True),
        ("１", True),
        ("√", True),
        ("否", False),
        ("no", False),
        ("0", False),
        ("×", False),
    ],
)
def test_flag_is_read(text: str, flag: bool) -> None:
    assert cells.read_flag(text) is flag


@pytest.mark.parametrize(("text", "code"), [("maybe", "cell.flag"), ("2", "cell.flag"), ("", "cell.blank")])
def test_flag_is_refused(text: str, code: str) -> None:
    assert refused_code(cells.read_flag, text) == code


@settings(deadline=None)
@given(st.one_of(st.text(max_size=60), st.text(max_size=20, alphabet="0123456789.:：点半上午下晚至-,;e十万+转")))
def test_no_text_raises_anything_but_invalid(text: str) -> None:
    for reader in READERS:
        refusal = refusal_of(reader, text)
        assert refusal is None or str(refusal.message)


def test_refusal_shows_only_the_beginning_of_a_long_text() -> None:
    with pytest.raises(Invalid) as refused:
        cells.read_time("x" * 150)
    assert "x" * 40 + "…" in str(refused.value.message)
    assert "x" * 41 not in str(refused.value.message)
