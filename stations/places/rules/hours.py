"""Hours as people write them, and back: "07:00-18:30", "周一至周五 07:00-18:30; 周六 休息", dated exceptions."""

import re
from collections.abc import Callable
from datetime import date
from itertools import pairwise

from stations.kernel.errors import Invalid
from stations.kernel.text import _
from stations.places.rules.openness import Hours, Spans

ReadSpans = Callable[[str], Spans]

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CLOSED_WORDS = frozenset({"closed", "休息", "不开放", "闭站", "关闭", "无"})
_DAY_NAMES = {name.lower(): i for i, name in enumerate(WEEKDAYS)} | {
    f"{week}{day}": i for week in ("周", "星期", "礼拜") for i, day in enumerate("一二三四五六日")
}
_DAY_NAMES |= {"周天": 6, "星期天": 6, "礼拜天": 6}
_DAY = "|".join(sorted(_DAY_NAMES, key=len, reverse=True))
_PREFIX = re.compile(rf"\s*({_DAY})(?:\s*[-~～—–至到]\s*({_DAY}))?\s*[:：]?\s*", re.IGNORECASE)
_DATED = re.compile(r"\s*(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\s*[:：]?\s*(.*)")
_PARTS = re.compile(r"[;；\n]")


def read_weekly(text: str, read_spans: ReadSpans) -> tuple[Spans, ...]:
    """Seven days of spans. A part without a weekday holds for every day that no other part names."""
    named: dict[int, Spans] = {}
    every_day: Spans = ()
    for part in filter(str.strip, _PARTS.split(text)):
        prefix = _PREFIX.match(part)
        if prefix is None:
            every_day += _spans(part, read_spans)
            continue
        spans = _spans(part[prefix.end() :], read_spans)
        for day in _days(prefix):
            named[day] = _ordered(named.get(day, ()) + spans)
    return tuple(named.get(day, _ordered(every_day)) for day in range(7))


def read_exceptions(text: str, read_spans: ReadSpans) -> dict[date, Spans]:
    """One dated exception a line or part: "2027-06-09 08:00-12:00", "2027-06-10 closed"."""
    dated: dict[date, Spans] = {}
    for part in filter(str.strip, _PARTS.split(text)):
        found = _DATED.fullmatch(part)
        if found is None:
            raise Invalid(
                "hours.exception",
                _('"%(text)s" does not begin with a date. Write 2027-06-09 08:00-12:00.', text=part.strip()[:40]),
                field="exceptions",
            )
        try:
            day = date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            raise Invalid(
                "hours.date", _('"%(text)s" is not a date.', text=part.strip()[:40]), field="exceptions"
            ) from None
        dated[day] = _ordered(dated.get(day, ()) + _spans(found[4], read_spans))
    return dated


def write_weekly(hours: Hours) -> str:
    """The shortest text that `read_weekly` reads back."""
    if len(set(hours.weekly)) == 1:
        return write_spans(hours.weekly[0])
    return "; ".join(f"{WEEKDAYS[day]} {write_spans(spans) or 'closed'}" for day, spans in enumerate(hours.weekly))


def write_exceptions(hours: Hours) -> str:
    """One line a dated exception, by date."""
    return "\n".join(f"{day} {write_spans(spans) or 'closed'}" for day, spans in sorted(hours.dated.items()))


def write_spans(spans: Spans) -> str:
    """ "07:00-11:30, 13:00-18:30" """
    return ", ".join(f"{_clock(opens)}-{_clock(closes)}" for opens, closes in spans)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _spans(text: str, read_spans: ReadSpans) -> Spans:
    return () if text.strip().lower() in CLOSED_WORDS else read_spans(text.strip())


def _days(prefix: re.Match[str]) -> list[int]:
    first = _DAY_NAMES[prefix[1].lower()]
    last = _DAY_NAMES[prefix[2].lower()] if prefix[2] else first
    return [(first + i) % 7 for i in range((last - first) % 7 + 1)]


def _ordered(spans: Spans) -> Spans:
    ordered = tuple(sorted(set(spans)))
    for (_opens, closes), (opens, _closes) in pairwise(ordered):
        if opens < closes:
            raise Invalid("hours.overlap", _("These hours overlap. Please write each span once."), field="hours")
    return ordered
