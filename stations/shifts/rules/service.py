"""Hours of service: each minute of a volunteer counted once, and rounded by the rule that a place has."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from stations.kernel.text import Text, _

MINUTES_AN_HOUR = 60
LEAST_PERCENT = 60


@dataclass(frozen=True, slots=True)
class Presence:
    """A volunteer at a shift. What counts is the time of the shift that they were there for."""

    volunteer_id: int
    starts_at: datetime
    ends_at: datetime
    in_at: datetime
    out_at: datetime

    @property
    def since(self) -> datetime:
        """From when it counts."""
        return max(self.starts_at, self.in_at)

    @property
    def until(self) -> datetime:
        """Until when; never before `since`."""
        return max(self.since, min(self.ends_at, self.out_at))


def _exact(minutes: int, _planned: int) -> int:
    return minutes


def _half_hours(minutes: int, _planned: int) -> int:
    """志愿山城: of the last hour up to 15 minutes are nothing, up to 45 half an hour, more a whole one."""
    hours, rest = divmod(minutes, MINUTES_AN_HOUR)
    return hours * MINUTES_AN_HOUR + (0 if rest <= 15 else 30 if rest <= 45 else MINUTES_AN_HOUR)


def _most_of_it(minutes: int, planned: int) -> int:
    """Yunnan: only of who was there for 60 percent of the activity."""
    return minutes if minutes * 100 >= planned * LEAST_PERCENT else 0


@dataclass(frozen=True, slots=True)
class Rounding:
    """A rule for the minutes of one attendance, given what was planned."""

    name: Text
    minutes: Callable[[int, int], int]


EXACT = "exact"
ROUNDINGS: Mapping[str, Rounding] = MappingProxyType(
    {
        EXACT: Rounding(_("Exact minutes"), _exact),
        "half_hours": Rounding(_("Half hours (15 and 45 minutes)"), _half_hours),
        "most_of_it": Rounding(_("Only from 60 percent of the shift"), _most_of_it),
    }
)


def count_minutes(presences: Sequence[Presence], rounding: str = EXACT) -> list[int]:
    """The minutes that each presence counts, in their order. Of presences of one volunteer that overlap, the one that
    began first has what they share, so that sums over any grouping count nothing twice."""
    round_off = ROUNDINGS[rounding].minutes
    covered: dict[int, datetime] = {}
    counted = [0] * len(presences)
    for index in sorted(range(len(presences)), key=lambda i: (presences[i].since, presences[i].until, i)):
        one = presences[index]
        begins = max(one.since, covered.get(one.volunteer_id, one.since))
        own = max(timedelta(0), one.until - begins)
        covered[one.volunteer_id] = max(one.until, begins)
        planned = int((one.ends_at - one.starts_at).total_seconds()) // 60
        counted[index] = round_off(int(own.total_seconds()) // 60, planned)
    return counted


@dataclass(frozen=True, slots=True)
class Tally:
    """Persons, attendances and minutes: three figures that nobody may take for each other."""

    persons: int
    attendances: int
    minutes: int

    @property
    def hours(self) -> float:
        """Hours, to two places."""
        return round(self.minutes / MINUTES_AN_HOUR, 2)


def tally(counted: Iterable[tuple[int, int]]) -> Tally:
    """(volunteer, minutes) of each attendance, summed up."""
    rows = list(counted)
    return Tally(len({volunteer for volunteer, _minutes in rows}), len(rows), sum(minutes for _one, minutes in rows))
