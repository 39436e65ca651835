"""The exam clock: which session comes next, until when an examinee is let in, whether that is certain."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from stations.kernel.errors import Invalid
from stations.kernel.text import _

CUTOFF_REACH = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One exam session as read. Times are aware."""

    id: int
    code: str
    subject: str
    subject_en: str
    starts_at: datetime
    ends_at: datetime
    entry_cutoff_at: datetime
    other_cutoff_at: datetime | None
    source: str
    rule: str
    confirmed_by: str | None
    confirmed_at: datetime | None
    version: int

    @property
    def is_confirmed(self) -> bool:
        """Whether an organizer confirmed the cut-off for this season."""
        return self.confirmed_by is not None


@dataclass(frozen=True, slots=True)
class Countdown:
    """The next sessions that still let examinees in (several when papers start together), and the time left."""

    sessions: tuple[SessionRow, ...]
    cutoff_at: datetime
    left: timedelta

    @property
    def minutes(self) -> int:
        """Whole minutes left, rounded down: never promise time that is not there."""
        return int(self.left.total_seconds() // 60)


def countdown(sessions: Sequence[SessionRow], now: datetime) -> Countdown | None:
    """What to count down to: the earliest cut-off ahead; None when the last one has passed.

    Papers that begin together are shown together under the earliest of their cut-offs."""
    ahead = sorted(
        (s for s in sessions if now < s.entry_cutoff_at), key=lambda s: (s.entry_cutoff_at, s.starts_at, s.code)
    )
    if not ahead:
        return None
    first = ahead[0]
    together = tuple(s for s in ahead if s.starts_at == first.starts_at)
    return Countdown(together, first.entry_cutoff_at, first.entry_cutoff_at - now)


@dataclass(frozen=True)
class SessionOrder:
    """One exam session as its timetable states it. Times are aware."""

    code: str
    subject: str
    subject_en: str
    starts_at: datetime
    ends_at: datetime
    entry_cutoff_at: datetime
    other_cutoff_at: datetime | None
    source: str
    rule: str

    def values(self) -> dict[str, str]:
        """The fields of its form as text, in the zone of `starts_at`."""
        zone = self.starts_at.tzinfo

        def clock(at: datetime | None) -> str:
            return at.astimezone(zone).strftime("%H:%M") if at else ""

        return {
            "code": self.code, "subject": self.subject, "subject_en": self.subject_en,
            "date": self.starts_at.date().isoformat(), "start": clock(self.starts_at), "end": clock(self.ends_at),
            "entry_closes": clock(self.entry_cutoff_at), "other_entry_closes": clock(self.other_cutoff_at),
            "source": self.source, "rule": self.rule,
        }  # fmt: skip


def check_times(starts_at: datetime, ends_at: datetime, cutoff_at: datetime) -> None:
    """Raise Invalid, naming the form's field, for a session that cannot be."""
    if not starts_at < ends_at:
        raise Invalid("session.times", _("A session must end after it starts."), field="end")
    if abs(cutoff_at - starts_at) > CUTOFF_REACH or cutoff_at > ends_at:
        message = _("The end of entry must lie within two hours of the start.")
        raise Invalid("session.cutoff", message, field="entry_closes")


def hours_left(sessions: Sequence[SessionRow], now: datetime, zone: tzinfo) -> float:
    """Hours until the session ends that runs or comes next today; 0 after the day's last and on days without one."""
    today = now.astimezone(zone).date()
    ends = [s.ends_at for s in sessions if s.ends_at.astimezone(zone).date() == today and s.ends_at > now]
    return (min(ends) - now).total_seconds() / 3600 if ends else 0.0
