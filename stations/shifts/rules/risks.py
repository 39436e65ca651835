"""Who may not turn up: small signs, each of which a leader can clear by one call."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from stations.kernel.text import Text, _
from stations.shifts.rules.rows import Limits, Work
from stations.shifts.rules.spans import minutes_between

WATCHED = timedelta(hours=12)  # how long before a shift its people are looked after
SEEN_WITHIN = timedelta(hours=24)  # before it begins; who was heard of later is not silent


class Risk(StrEnum):
    """The signs, the gravest first."""

    LATE = "late"
    FAR = "far"
    SILENT = "silent"
    UNCONFIRMED = "unconfirmed"


RISK_NAMES: Mapping[str, Text] = {
    Risk.LATE: _("Late"),
    Risk.FAR: _("Comes from far away"),
    Risk.SILENT: _("Not heard of"),
    Risk.UNCONFIRMED: _("Has not confirmed"),
}


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known about somebody's next shift; `before` is the last one that they held until then."""

    work: Work
    seen_at: datetime | None
    acknowledged_at: datetime | None
    in_at: datetime | None
    before: Work | None


def find_risks(signs: Signs, limits: Limits, now: datetime) -> tuple[Risk, ...]:
    """Every sign, the gravest first; none for whoever is there."""
    if signs.in_at is not None:
        return ()
    starts_at = signs.work.starts_at
    is_silent = signs.seen_at is None or signs.seen_at < starts_at - SEEN_WITHIN
    found = {
        Risk.LATE: now > starts_at,
        Risk.FAR: _arrives_at(signs, limits, now) > max(starts_at, now),
        Risk.SILENT: is_silent,
        Risk.UNCONFIRMED: signs.acknowledged_at is None,
    }
    return tuple(risk for risk, is_so in found.items() if is_so)


def _arrives_at(signs: Signs, limits: Limits, now: datetime) -> datetime:
    """When they could be there from where they were last posted, if they set out at its end, or now; a way begins at
    the earliest when that shift is over."""
    if signs.before is None or now > signs.work.starts_at:
        return now
    way = timedelta(minutes=minutes_between(signs.before, signs.work, limits))
    return signs.before.ends_at + way
