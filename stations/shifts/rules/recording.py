"""By when service has to be in the national volunteer system, and which of it is not known to be."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from stations.kernel.working_days import Deadline, add_working_days

RECORD_WORKING_DAYS = 10  # 民政部令67 §11: from the end of the activity to the record
REMIND_WORKING_DAYS = 8


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that was downloaded for the national system: when, and of which days, both included."""

    at: datetime
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Due:
    """The attendances of a day that no sheet since then has held."""

    day: date
    attendances: int
    deadline: Deadline
    remind_on: date

    def is_near(self, today: date) -> bool:
        """Whether it is time to remind of them."""
        return self.remind_on <= today

    def is_over(self, today: date) -> bool:
        """Whether they are late."""
        return self.deadline.day < today


def list_due(attendances: Iterable[tuple[date, datetime]], sheets: Iterable[Sheet]) -> list[Due]:
    """Of (day, when it was over) of each attendance the days that are still due, the earliest first."""
    known = list(sheets)
    left = Counter(
        day for day, ended in attendances if not any(s.first <= day <= s.last and ended <= s.at for s in known)
    )
    return [
        Due(day, count, add_working_days(day, RECORD_WORKING_DAYS), add_working_days(day, REMIND_WORKING_DAYS).day)
        for day, count in sorted(left.items())
    ]
