"""Typed text into values: the ways in which people write numbers, times, hours, phones, lists and yes."""

import re
import unicodedata
from calendar import monthrange
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from stations.kernel.errors import Invalid
from stations.kernel.numerals import parse_numeral
from stations.kernel.text import Text, _

DAY_MINUTES = 24 * 60
LARGEST_NUMBER = 1_000_000
LONGEST_TYPED_CHARS = 200
SHOWN_CHARS = 40

_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_EXPONENT = re.compile(r"\d(\.\d+)?e\+?\d{1,2}", re.ASCII)
_LIST_MARKS = re.compile(r"[;,、/|\n\t]")
_RANGE_MARKS = re.compile(r"[-~—–―‐‑至到]+")
_NUMERAL = "[0-9零〇一二两三四五六七八九十]{1,3}"
_CLOCK = re.compile(
    r"(?P<part>凌晨|清晨|早上|早晨|早|上午|am|中午|下午|pm|傍晚|晚上|晚)?"
    rf"(?P<hours>{_NUMERAL})"
    rf"(?:(?::(?P<minutes>[0-9]{{2}})(?::[0-9]{{2}})?)|[点时](?:(?P<quarter>整|钟|半|一刻|三刻)|(?P<spoken>{_NUMERAL})分?)?)?"
    r"(?P<suffix>am|pm)?"
)
_DAY_FRACTION = re.compile(r"0?\.\d+|[01]\.0+", re.ASCII)
_QUARTERS = {"半": 30, "一刻": 15, "三刻": 45}
_AFTERNOON = {"下午", "pm", "傍晚", "晚上", "晚"}
_WHOLE_DAY = {"24小时", "全天", "全天24小时", "24h", "24hours", "allday"}
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(0(10|2\d)\d{8}|0[3-9]\d{2}\d{7,8})")
_HOTLINE = re.compile(r"(1[12]\d|1[02]\d{3}|123\d{2}|9[56]\d{3,6}|[48]00\d{7})")
_EXTENSION = re.compile(r"(?P<number>.*\d)\D*(?:转|分机|ext\.?|x|#|-)\D?(?P<extension>\d{1,6})")
_DATE = re.compile(r"(?P<year>20\d{2})[-/.年](?P<month>\d{1,2})(?:[-/.月](?P<day>\d{1,2})?日?)?(?:t?0?0:00(?::00)?)?")
_DATE_DIGITS = re.compile(r"(?P<year>20\d{2})(?P<month>\d{2})(?P<day>\d{2})")
_SERIAL_ZERO = date(1899, 12, 30)  # day 0 of spreadsheets; they count 1900 as a leap year
_SERIALS = range(36526, 73051)  # 2000 to 2099
_YES = {"是", "有", "对", "真", "√", "✓", "✔", "yes", "y", "true", "t", "1", "1.0", "on"}
_NO = {"否", "无", "没有", "不", "不是", "错", "假", "×", "✗", "✘", "x", "no", "n", "false", "f", "0", "0.0", "off"}


def read_number(text: str, *, limit: float = LARGEST_NUMBER, field: str | None = None) -> float:
    """0 to `limit` from "１２", "1,200", "两百五十" or "1.2万". Raises Invalid."""
    return float(_read_decimal(text, limit, field))


def read_whole(text: str, *, limit: int = LARGEST_NUMBER, field: str | None = None) -> int:
    """A whole number from 0 to `limit`, typed as `read_number` allows. Raises Invalid."""
    number = _read_decimal(text, limit, field)
    if number != number.to_integral_value():
        raise _refusal("fraction", _('"%(text)s" must be a whole number.', text=_shown(text)), field)
    return int(number)


def read_degrees(text: str) -> float:
    """Latitude or longitude of the north-eastern quarter, 0 to 180. Raises Invalid."""
    return read_number(text, limit=180)


def read_instant(text: str) -> datetime:
    """An instant with its zone, as devices write it: 2027-06-07T07:45:12.345Z. Raises Invalid."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Invalid("entry.time", _('"%(text)s" is not an instant with its zone.', text=text[:SHOWN_CHARS]))
    return moment


def read_time(text: str, *, field: str | None = None) -> time:
    """A time of day from "9:00", "上午9点", "9点半", "3pm" or a day fraction "0.375". Raises Invalid."""
    minutes = _find_minutes(_plain(text, field))
    if minutes is None or minutes == DAY_MINUTES:
        raise _refusal("time", _('"%(text)s" is not a time of day. Write it as 09:00.', text=_shown(text)), field)
    return time(minutes // 60, minutes % 60)


def read_hours(text: str, *, field: str | None = None) -> tuple[tuple[int, int], ...]:
    """Ranges in minutes since midnight, in order: "07:00-12:00；13点至18点半" -> ((420, 720), (780, 1110)).

    Round the clock ("24小时") is ((0, 1440),). Raises Invalid, also for an end before its start and for overlaps.
    """
    plain = _plain(text, field)
    if plain in _WHOLE_DAY:
        return ((0, DAY_MINUTES),)
    ranges = sorted(_read_range(part, text, field) for part in _LIST_MARKS.split(plain) if part)
    if not ranges:
        raise _refusal("hours", _('"%(text)s" are not hours. Write them as 07:00-18:30.', text=_shown(text)), field)
    if any(later[0] < earlier[1] for earlier, later in pairwise(ranges)):
        raise _refusal("hours_overlap", _('The hours "%(text)s" overlap.', text=_shown(text)), field)
    return tuple(ranges)


def read_last_day(text: str, *, field: str | None = None) -> date:
    """The last day that something is good, 2000 to 2099, from "2027-06-30", "2027/6/30", "2027年6月30日", "20270630"
    or the spreadsheet's serial "46568"; of a month alone, "2027年6月", its last day. Raises Invalid."""
    plain = _plain(text, field)
    if plain.isascii() and plain.isdecimal() and int(plain) in _SERIALS:
        return _SERIAL_ZERO + timedelta(days=int(plain))
    match = _DATE_DIGITS.fullmatch(plain) or _DATE.fullmatch(plain)
    try:
        if match:
            year, month = int(match["year"]), int(match["month"])
            return date(year, month, int(match["day"] or monthrange(year, month)[1]))
    except ValueError:  # the 31st of a short month; calendar's own error is one too
        pass
    raise _refusal("date", _('"%(text)s" is not a date. Write it as 2027-06-07.', text=_shown(text)), field)


def read_phone(text: str, *, field: str | None = None) -> str:
    """Digits of a Chinese mobile, landline with area code or hotline; an extension follows a comma.

    "+86 138-0013-8000" -> "13800138000", "010-12345678转801" -> "01012345678,801". Raises Invalid.
    """
    plain = _plain(text, field)
    if re.fullmatch(r"\d+\.0+|" + _EXPONENT.pattern, plain, re.ASCII):
        plain = str(int(Decimal(plain)))
    plain = re.sub(r"^(\+86|0086)-?|^86(?=1\d{10}$)", "", plain)
    if phone := _find_phone(plain):
        return phone
    if (match := _EXTENSION.fullmatch(plain)) and (phone := _find_phone(match["number"])):
        return f"{phone},{match['extension']}"
    raise _refusal(
        "phone",
        _('"%(text)s" is not a phone number. Give 11 digits, or the area code too.', text=_shown(text)),
        field,
    )


def read_list(text: str) -> list[str]:
    """The parts between ; , 、 / | and line ends, each once, in order; empty when there are none."""
    parts = (part.strip() for part in _LIST_MARKS.split(unicodedata.normalize("NFKC", text)))
    return list(dict.fromkeys(part for part in parts if part))


def read_flag(text: str, *, field: str | None = None) -> bool:
    """是/否, yes/no, 1/0, √/×. Raises Invalid, also for nothing."""
    plain = _plain(text, field)
    if plain in _YES or plain in _NO:
        return plain in _YES
    raise _refusal("flag", _('"%(text)s" is neither yes nor no.', text=_shown(text)), field)


def _refusal(code: str, message: Text, field: str | None) -> Invalid:
    return Invalid(f"cell.{code}", message, field=field)


def _shown(text: str) -> str:
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}…"


def _plain(text: str, field: str | None) -> str:
    """Narrow, lower case, without spaces. Raises Invalid when nothing or far too much is left."""
    if len(text) > LONGEST_TYPED_CHARS:
        raise _refusal("too_long", _('"%(text)s" is too long.', text=_shown(text)), field)
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()
    if not plain:
        raise _refusal("blank", _("Nothing is filled in."), field)
    return plain


def _read_decimal(text: str, limit: float, field: str | None) -> Decimal:
    plain = _plain(text, field).replace("，", ",").lstrip("+")
    is_negative = plain.startswith(("-", "−", "负"))
    bare = plain[1:] if is_negative else plain
    if _GROUPED.fullmatch(bare):
        bare = bare.replace(",", "")
    try:
        number = Decimal(bare) if _EXPONENT.fullmatch(bare) else parse_numeral(bare)
    except InvalidOperation:
        number = None
    if number is None:
        raise _refusal("number", _('"%(text)s" is not a number.', text=_shown(text)), field)
    if is_negative and number:
        raise _refusal("negative", _('"%(text)s" is below zero.', text=_shown(text)), field)
    if number > limit:
        raise _refusal("too_large", _('"%(text)s" is more than %(limit)s.', text=_shown(text), limit=limit), field)
    return number


def _find_minutes(plain: str) -> int | None:
    """Minutes since midnight, 0 to 1440, or None when it is no time."""
    if _DAY_FRACTION.fullmatch(plain):
        return round(float(plain) * DAY_MINUTES)
    match = _CLOCK.fullmatch(plain)
    if match is None or (match["part"] and match["suffix"]):
        return None
    hours = parse_numeral(match["hours"])
    minutes = parse_numeral(match["minutes"] or match["spoken"] or "0")
    if hours is None or minutes is None or minutes > 59:
        return None
    total = int(_shift_hours(int(hours), match["part"] or match["suffix"] or "")) * 60 + int(minutes)
    total += _QUARTERS.get(match["quarter"] or "", 0)
    return total if 0 <= total <= DAY_MINUTES else None


def _shift_hours(hours: int, part: str) -> int:
    """The hour on a 24-hour clock: 下午3 is 15, 12am is 0, 晚上12 is 24, 中午1 is 13; -1 where they contradict."""
    if part in ("晚上", "晚") and hours == 12:
        return 24
    if part in _AFTERNOON:
        return hours + 12 if 1 <= hours < 12 else hours
    if part == "中午":
        return hours + 12 if 1 <= hours <= 3 else hours
    if part in ("am", "凌晨") and hours == 12:
        return 0
    return -1 if part and hours > 12 else hours


def _read_range(part: str, text: str, field: str | None) -> tuple[int, int]:
    ends = [_find_minutes(end) for end in _RANGE_MARKS.split(part)]
    if len(ends) != 2 or ends[0] is None or ends[1] is None:
        raise _refusal("hours", _('"%(text)s" are not hours. Write them as 07:00-18:30.', text=_shown(text)), field)
    if ends[1] <= ends[0]:
        raise _refusal("hours_reversed", _('"%(text)s" ends before it begins.', text=_shown(text)), field)
    return ends[0], ends[1]


def _find_phone(plain: str) -> str | None:
    digits = re.sub(r"[-()‐‑–—·.]", "", plain)
    if not (digits.isascii() and digits.isdigit()):
        return None
    is_phone = _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits) or _HOTLINE.fullmatch(digits)
    return digits if is_phone else None
