"""Numbers as Chinese text writes them: 三, 十二, 两百五十, 1.2万, 一零一."""

import re
from decimal import Decimal

DIGITS = {
    char: value
    for value, chars in enumerate(("零〇", "一壹", "二两贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
    for char in chars
}
UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1_000, "仟": 1_000}
BIG_UNITS = {"万": 10_000, "亿": 100_000_000}
NUMERAL_CHARS = "".join((*DIGITS, *UNITS))

_SCALED = re.compile(r"(?P<arabic>\d+(?:\.\d+)?)(?P<units>[十百千万亿]{0,2})", re.ASCII)
_DIGIT_RUN = re.compile(f"[{''.join(DIGITS)}]+")
_SPOKEN = "零一二三四五六七八九"


def parse_numeral(text: str) -> Decimal | None:
    """The number that `text` (NFKC, no spaces, no sign) writes in Arabic or Chinese digits, None if it is none.

    A digit left over after a unit counts in the next lower one, as it is spoken: 二百五 is 250, 一万二 is 12000.
    """
    if scaled := _SCALED.fullmatch(text):
        value = Decimal(scaled["arabic"])
        for unit in scaled["units"]:
            value *= UNITS.get(unit) or BIG_UNITS[unit]
        return value
    if _DIGIT_RUN.fullmatch(text):
        return Decimal("".join(str(DIGITS[char]) for char in text))
    whole, point, fraction = text.partition("点")
    if point:
        value_of_whole = _parse_units(whole)
        is_fraction = value_of_whole is not None and _DIGIT_RUN.fullmatch(fraction)
        return Decimal(f"{value_of_whole}.{_arabic(fraction)}") if is_fraction else None
    units_value = _parse_units(text)
    return None if units_value is None else Decimal(units_value)


def speak_number(digits: str) -> str:
    """Arabic digits as they are said in a name: "11" -> 十一, "20" -> 二十, "101" -> 一零一, "01" -> 零一."""
    if len(digits) != 2 or digits.startswith("0"):
        return "".join(_SPOKEN[int(digit)] for digit in digits)
    tens, ones = (_SPOKEN[int(digit)] for digit in digits)
    return f"{'' if tens == '一' else tens}十{'' if ones == '零' else ones}"


def _arabic(run: str) -> str:
    return "".join(str(DIGITS[char]) for char in run)


def _parse_units(text: str) -> int | None:
    """十二, 两百五十, 一万二千: digits before units, units falling; None for anything else."""
    if not text or any(char not in DIGITS and char not in UNITS and char not in BIG_UNITS for char in text):
        return None
    total = section = 0
    digit: int | None = None
    last_unit = 1
    for char in text:
        if char in DIGITS:
            if digit:
                return None
            digit = DIGITS[char]
            last_unit = 1 if digit == 0 else last_unit
        elif char in UNITS:
            section += (1 if digit is None else digit) * UNITS[char]
            digit, last_unit = None, UNITS[char]
        elif not section and not digit:
            return None
        else:
            total += (section + (digit or 0)) * BIG_UNITS[char]
            section, digit, last_unit = 0, None, BIG_UNITS[char]
    return total + section + (digit or 0) * max(last_unit // 10, 1)
