"""Counted talks: who talked, of what; which counts may be shown; and the numbers to call.

A count under FEWEST could point at somebody, and so could whatever lets it be computed. What is shown is decided for
one station and day at a time: its total, that by who, each of those by topic. Where a part of a split is 1 to 4, every
part up to a limit is hidden, under one mark: the lowest limit from 4 on at which several are hidden that make FEWEST or
more together. So each of them could be another number, even for whoever knows this rule. Every other total, of a scope
or a season, is a sum of what is shown, with a "+" where something is missing: it tells no more.
"""

from collections.abc import Iterable, Mapping, Sequence
from csv import DictReader
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from types import MappingProxyType

from stations.kernel.errors import Refused
from stations.kernel.text import Text, _

FEWEST = 5
MOST_OF_FEW = FEWEST - 1
LATEST_NEWS = timedelta(hours=48)
ALL = ""  # every topic, or everybody

WHO_NAMES: Mapping[str, Text] = MappingProxyType({"parent": _("Parent"), "examinee": _("Examinee")})
TOPIC_NAMES: Mapping[str, Text] = MappingProxyType(
    {
        "exam_anxiety": _("Exam anxiety"),
        "family": _("Family"),
        "sleep": _("Sleep"),
        "relations": _("Relations with others"),
        "health": _("Health"),
        "other": _("Another topic"),
    }
)
Key = tuple[str, str]  # who and topic, `ALL` for a total
Counts = Mapping[Key, int]


@dataclass(frozen=True, slots=True)
class TalkOrder:
    """One talk that somebody had at a station at a time; there is no room for more about it."""

    station: str
    who: str
    topic: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Figure:
    """A count as it may be shown: what is known of it, and a mark where something in it is hidden."""

    known: int = 0
    mark: str = ""

    @property
    def text(self) -> str:
        """`7`, `7+` (at least), or the mark."""
        if not self.mark:
            return str(self.known)
        return f"{self.known}+" if self.known else self.mark


FEW = Figure(mark=f"<{FEWEST}")
FEW_OR_MORE = Figure(mark=f"<{FEWEST}*")  # hidden with one that is few
UNKNOWN = "…"  # the mark of a sum of hidden ones
Table = dict[Key, Figure]


@dataclass(frozen=True, slots=True)
class Hotline:
    """A number to call, in both languages."""

    number: str
    name: str
    name_en: str
    what: str
    what_en: str
    source: str


def moment_of(at: datetime, now: datetime) -> datetime:
    """When a press was made, by a phone that may have kept it: not after now. Raises Refused for too old a one."""
    if now - at > LATEST_NEWS:
        hours = LATEST_NEWS // timedelta(hours=1)
        raise Refused("talk.old", _("This is more than %(hours)s hours old and is no longer counted.", hours=hours))
    return min(at, now)


def protect(counts: Counts) -> Table:
    """What may be shown of one station and day: a figure for every (who, topic), (who, ALL) and (ALL, ALL)."""
    by_who = {who: sum(counts.get((who, topic), 0) for topic in TOPIC_NAMES) for who in WHO_NAMES}
    whole = sum(by_who.values())
    table: Table = {(ALL, ALL): FEW if whole < FEWEST else Figure(whole)}
    for who, figure in split(table[ALL, ALL], by_who).items():
        table[who, ALL] = figure
        parts = {topic: counts.get((who, topic), 0) for topic in TOPIC_NAMES}
        table.update({(who, topic): part for topic, part in split(figure, parts).items()})
    return table


def split(whole: Figure, parts: Mapping[str, int]) -> dict[str, Figure]:
    """What may be shown of the parts of a figure that is shown; of a hidden one nothing."""
    if whole.mark:
        return dict.fromkeys(parts, whole)
    most = -1
    if any(0 < count < FEWEST for count in parts.values()):
        limits = sorted({MOST_OF_FEW, *(count for count in parts.values() if count >= FEWEST)})
        hidden = ([count for count in parts.values() if count <= limit] for limit in limits)
        most = next((limit for limit, counts in zip(limits, hidden, strict=True) if _is_safe(counts)), limits[-1])
    return {name: Figure(count) if count > most else FEW_OR_MORE for name, count in parts.items()}


def add(figures: Iterable[Figure]) -> Figure:
    """The sum of what is shown; nothing is known from it that was not known before."""
    parts = list(figures)
    return parts[0] if len(parts) == 1 else reduce(_plus, parts, Figure())


def add_tables(tables: Sequence[Table]) -> Table:
    """Each figure added over several stations or days, and of each topic over both who talked."""
    whole = {key: add(table[key] for table in tables) for key in protect({})}
    return whole | {(ALL, topic): add(whole[who, topic] for who in WHO_NAMES) for topic in TOPIC_NAMES}


def read_hotlines(lines: Iterable[str]) -> tuple[Hotline, ...]:
    """The rows of `data/hotlines.csv`, in their order."""
    return tuple(Hotline(**row) for row in DictReader(lines))


def _is_safe(hidden: Sequence[int]) -> bool:
    """Whether there are several, of FEWEST or more together, and not each as large as a few can be: their sum would say
    so, beside a part that is shown because nothing had to be hidden with them."""
    return len(hidden) > 1 and sum(hidden) >= FEWEST and set(hidden) != {MOST_OF_FEW}


def _plus(one: Figure, other: Figure) -> Figure:
    return Figure(one.known + other.known, UNKNOWN if one.mark or other.mark else "")
