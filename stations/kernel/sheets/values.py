"""What a stored cell shows: numbers without .0 or exponent, dates and times in ISO form."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

# ECMA-376 part 1, 18.8.30: numbers that Chinese Excel and WPS use for their own date and time formats.
CHINESE_DATE_FORMATS = frozenset((*range(27, 37), *range(50, 59)))
# A spreadsheet keeps 17 digits and shows 15; the last two are noise.
SHOWN_DIGITS = 15


@dataclass(frozen=True)
class Formats:
    """Of each cell style: is it a date or time, is it a duration; and the day that counts as zero."""

    is_date: tuple[bool, ...] = ()
    is_duration: tuple[bool, ...] = ()
    is_1904: bool = False


def classify_format(number: int, codes: dict[int, str]) -> tuple[bool, bool]:
    """(is date or time, is duration) of a number format; `codes` are the workbook's own formats."""
    code = codes.get(number) or BUILTIN_FORMATS.get(number, "General")
    is_duration = bool(is_timedelta_format(code))
    is_date = is_duration or bool(is_date_format(code)) or (number not in codes and number in CHINESE_DATE_FORMATS)
    return is_date, is_duration


def show_number(raw: str, style: int, formats: Formats) -> str:
    """The text of a number as the sheet shows it. Raises ValueError or OverflowError for what is no number."""
    if style < len(formats.is_date) and formats.is_date[style]:
        epoch = CALENDAR_MAC_1904 if formats.is_1904 else CALENDAR_WINDOWS_1900
        return _show_date(from_excel(float(raw), epoch, timedelta=formats.is_duration[style]))
    if raw.isdecimal() and raw.isascii():
        return raw
    number = float(raw)
    if not abs(number) < float("inf"):
        raise ValueError(raw)
    text = format(Decimal(f"{number:.{SHOWN_DIGITS}g}"), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _show_date(value: datetime | time | timedelta) -> str:
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60:02}:{minutes % 60:02}"
    if isinstance(value, time):
        return value.isoformat("minutes")
    if value.time() == time():
        return value.date().isoformat()
    return value.replace(tzinfo=None).isoformat(" ", "minutes")
