from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stations.kernel.numerals import parse_numeral, speak_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("三", "3"),
        ("十", "10"),
        ("十二", "12"),
        ("二十", "20"),
        ("两百五十", "250"),
        ("二百五", "250"),
        ("一百零五", "105"),
        ("一万二", "12000"),
        ("三十万", "300000"),
        ("一千二百三十四", "1234"),
        ("壹佰", "100"),
        ("一零一", "101"),
        ("二〇二七", "2027"),
        ("1.2万", "12000.0"),
        ("3千", "3000"),
        ("三点五", "3.5"),
        ("12.50", "12.50"),
    ],
)
def test_numeral_is_read(text: str, number: str) -> None:
    assert parse_numeral(text) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["", "万", "三三十", "十三三", "点五", "三点", "一二百", "abc", "1..2", "十箱", "-1", "1万2"]
)
def test_numeral_is_none_for_other_text(text: str) -> None:
    assert parse_numeral(text) is None


@settings(deadline=None)
@given(st.text(max_size=12, alphabet="零一二两三十百千万亿点.0129"))
def test_numeral_never_raises(text: str) -> None:
    number = parse_numeral(text)
    assert number is None or number >= 0


@pytest.mark.parametrize(
    ("digits", "spoken"),
    [("7", "七"), ("10", "十"), ("11", "十一"), ("20", "二十"), ("80", "八十"), ("101", "一零一"), ("01", "零一")],
)
def test_number_is_spoken_as_in_a_name(digits: str, spoken: str) -> None:
    assert speak_number(digits) == spoken
