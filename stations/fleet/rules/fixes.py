"""Which fix moves a vehicle's marker. Late, repeated, future and implausible ones do no harm.

Fixes are ordered by the device's clock, but never later than they came. A clock that runs ahead is found out by the
second fix that is ahead by as much; from then on it is set right by what it is ahead, so that the marker moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from stations.adapters.trackers.fix import Fix
from stations.fleet.rules.arrivals import NOWHERE, USUAL_ACCURACY_METRES, GateMap, Stay, follow, rough_metres
from stations.kernel.geo.datum import CHINA_LAT, CHINA_LON

AHEAD = timedelta(seconds=60)
FASTEST_MPS = 70.0
SUSPECTED_FOR = timedelta(minutes=30)
LIVE = timedelta(seconds=60)
USUAL_SECONDS = {"beacon": 10}
OTHERS_SECONDS = 60
INTERVAL_SECONDS = (5, 600)
OUTAGE = 4  # a gap of so many intervals is none


class Verdict(StrEnum):
    """What became of a fix. Only a good one moves the marker, and one from a clock that is known to be wrong."""

    GOOD = "good"
    LATE = "late"
    FUTURE = "future"
    IMPLAUSIBLE = "implausible"


class Came(msgspec.Struct, frozen=True):
    """A fix with the time at which it came in."""

    fix: Fix
    received_at: datetime

    @property
    def ahead(self) -> timedelta:
        """How far the device's clock was ahead, if the fix took no time to come."""
        return self.fix.fixed_at - self.received_at


@dataclass(frozen=True, slots=True)
class Suspect:
    """An earlier fix that was not believed."""

    fixed_at: datetime
    received_at: datetime
    lat: float
    lon: float
    verdict: Verdict


class Marker(msgspec.Struct, frozen=True):
    """Where a vehicle was last. `fixed_at` is the time that orders it, `seen_at` tells how fresh it is: the earlier
    of the device's and our clock; `heard_at` is when the device last said anything new."""

    fix: Fix
    fixed_at: datetime
    received_at: datetime
    seen_at: datetime
    heard_at: datetime
    interval_seconds: int
    alarm_at: datetime | None = None
    stay: Stay = NOWHERE


@dataclass(frozen=True, slots=True)
class Followed:
    """A marker after some fixes: the verdict on each, in their order, and the stays that it went through."""

    marker: Marker | None
    verdicts: tuple[Verdict, ...]
    stays: tuple[Stay, ...]


def is_in_china(fix: Fix) -> bool:
    """Whether the fix is worth keeping at all; 0,0 and the sea off Africa are not."""
    return CHINA_LAT[0] <= fix.lat <= CHINA_LAT[1] and CHINA_LON[0] <= fix.lon <= CHINA_LON[1]


def age(marker_seen_at: datetime, now: datetime) -> timedelta:
    """How old a position is; never less than nothing."""
    return max(now - marker_seen_at, timedelta(0))


def is_silent(heard_at: datetime, interval_seconds: int, now: datetime) -> bool:
    """Whether a device has missed two of its intervals."""
    return now - heard_at > timedelta(seconds=2 * interval_seconds)


def is_doubtful(came: Came, marker: Marker | None) -> bool:
    """Whether judging this fix may need to know the earlier suspects."""
    if came.fix.fixed_at > came.received_at + AHEAD:
        return True
    return marker is not None and came.fix.fixed_at > marker.fixed_at and _is_jump(came, marker)


def follow_fixes(
    marker: Marker | None, arrived: Sequence[Came], suspects: Sequence[Suspect], gates: GateMap
) -> Followed:
    """Let a vehicle's fixes, in the order of the device's clock, act on its marker."""
    verdicts, stays, known = [], [], list(suspects)
    for came in arrived:
        verdict, ordered_at = judge(came, marker, known)
        if ordered_at is not None:
            moved = _move(marker, came, ordered_at, gates)
            if marker is not None and moved.stay != marker.stay:
                stays.append(moved.stay)
            marker = moved
        if verdict in (Verdict.FUTURE, Verdict.IMPLAUSIBLE):
            fix = came.fix
            known.append(Suspect(fix.fixed_at, came.received_at, fix.lat, fix.lon, verdict))
        verdicts.append(verdict)
    return Followed(marker, tuple(verdicts), tuple(stays))


def judge(came: Came, marker: Marker | None, suspects: Sequence[Suspect]) -> tuple[Verdict, datetime | None]:
    """The verdict on one fix, and the time that orders it where it moves the marker."""
    is_future = came.fix.fixed_at > came.received_at + AHEAD
    ordered_at = _set_right(came, suspects) if is_future else min(came.fix.fixed_at, came.received_at)
    if ordered_at is None:
        return Verdict.FUTURE, None
    if marker is not None and ordered_at <= marker.fixed_at:
        return (Verdict.FUTURE if is_future else Verdict.LATE), None
    if marker is not None and _is_jump(came, marker, ordered_at) and not _is_repeated(came, suspects):
        return Verdict.IMPLAUSIBLE, None
    return (Verdict.FUTURE if is_future else Verdict.GOOD), ordered_at


def set_heard(marker: Marker, heard_at: datetime, is_alarm: bool) -> Marker:
    """The marker of a device that has just said something; an alarm stands since the first time it was raised."""
    alarm_at = marker.alarm_at or heard_at if is_alarm else marker.alarm_at
    return msgspec.structs.replace(marker, heard_at=max(marker.heard_at, heard_at), alarm_at=alarm_at)


def _set_right(came: Came, suspects: Sequence[Suspect]) -> datetime | None:
    """The true time of a fix from the future, or None while nothing is known of its clock. Of all that came, the one
    that is ahead most took the least time to come."""
    known = [
        suspect.fixed_at - suspect.received_at
        for suspect in suspects
        if suspect.verdict is Verdict.FUTURE and suspect.received_at < came.received_at
    ]
    if not known:
        return None
    ordered_at = came.fix.fixed_at - max(known)
    return min(ordered_at, came.received_at) if ordered_at <= came.received_at + AHEAD else None


def _is_jump(came: Came, marker: Marker, ordered_at: datetime | None = None) -> bool:
    """Whether no vehicle could have come here since."""
    fix, last = came.fix, marker.fix
    seconds = ((ordered_at or fix.fixed_at) - marker.fixed_at).total_seconds()
    metres = rough_metres((fix.lat, fix.lon), (last.lat, last.lon)) - _blur(fix) - _blur(last)
    return metres > FASTEST_MPS * max(seconds, 0)


def _blur(fix: Fix) -> float:
    return USUAL_ACCURACY_METRES if fix.accuracy_metres is None else fix.accuracy_metres


def _is_repeated(came: Came, suspects: Sequence[Suspect]) -> bool:
    """Whether another fix, not believed then, says the same: the last good one was the wrong one."""
    fix = came.fix
    for suspect in suspects:
        seconds = (fix.fixed_at - suspect.fixed_at).total_seconds()
        if suspect.verdict is Verdict.IMPLAUSIBLE and seconds > 0:
            metres = rough_metres((fix.lat, fix.lon), (suspect.lat, suspect.lon)) - 2 * _blur(fix)
            if metres <= FASTEST_MPS * seconds:
                return True
    return False


def _move(marker: Marker | None, came: Came, ordered_at: datetime, gates: GateMap) -> Marker:
    fix, received_at = came.fix, came.received_at
    if marker is None:
        seconds = USUAL_SECONDS.get(fix.source, OTHERS_SECONDS)
        return Marker(fix, ordered_at, received_at, ordered_at, received_at, seconds)
    return Marker(
        fix, ordered_at, received_at, ordered_at, max(marker.heard_at, received_at),
        _learn_interval(marker, came, ordered_at), marker.alarm_at,
        follow(marker.stay, marker.fix, marker.fixed_at, fix, ordered_at, gates),
    )  # fmt: skip


def _learn_interval(marker: Marker, came: Came, ordered_at: datetime) -> int:
    """A fifth of the way towards the gap that was just seen; by fixes that come as they are made only."""
    if came.fix.source != marker.fix.source:
        return USUAL_SECONDS.get(came.fix.source, OTHERS_SECONDS)
    gap = (ordered_at - marker.fixed_at).total_seconds()
    if came.received_at - ordered_at > LIVE or gap > OUTAGE * marker.interval_seconds:
        return marker.interval_seconds
    least, most = INTERVAL_SECONDS
    return min(max(round(marker.interval_seconds + (gap - marker.interval_seconds) / 5), least), most)
