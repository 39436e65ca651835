"""Which fix moves a vehicle's marker. Late, repeated, future and implausible ones do no harm.

Fixes are ordered by the device's clock, but never later than they came. A clock that runs ahead is found out by the
second fix that is ahead by as much; from then on it is set right by what it is ahead, so that the marker moves."""

from collections import deque
from collections.abc import Iterable, Sequence
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
MOST_JUMPS = 20
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


class Came(msgspec.Struct, frozen=True, gc=False):
    """A fix with the time at which it came in."""

    fix: Fix
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Suspect:
    """An earlier fix that was not believed."""

    fixed_at: datetime
    received_at: datetime
    lat: float
    lon: float
    verdict: Verdict


class Marker(msgspec.Struct, frozen=True, gc=False):
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


class Doubts:
    """What was not believed of one vehicle, and what it tells."""

    def __init__(self, suspects: Iterable[Suspect]) -> None:
        self._ahead: dict[datetime, timedelta] = {}
        self._jumps: deque[Suspect] = deque(maxlen=MOST_JUMPS)
        for suspect in suspects:
            self.add(suspect)

    def add(self, suspect: Suspect) -> None:
        """One more, later by the device's clock than those before."""
        if suspect.verdict is Verdict.FUTURE:
            ahead = suspect.fixed_at - suspect.received_at
            self._ahead[suspect.received_at] = max(ahead, self._ahead.get(suspect.received_at, ahead))
        else:
            self._jumps.append(suspect)

    def find_error(self, before: datetime) -> timedelta | None:
        """How far the device's clock is ahead, by what came in before then: what was ahead most took the least time
        to come. None when nothing is known."""
        return max((ahead for at, ahead in self._ahead.items() if at < before), default=None)

    def confirm(self, fix: Fix) -> bool:
        """Whether another fix that was not believed says the same: then the last good one was the wrong one."""
        for suspect in self._jumps:
            seconds = (fix.fixed_at - suspect.fixed_at).total_seconds()
            metres = rough_metres((fix.lat, fix.lon), (suspect.lat, suspect.lon)) - 2 * _blur(fix)
            if seconds > 0 and metres <= FASTEST_MPS * seconds:
                return True
        return False


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


def is_doubtful(came: Came, marker: Marker | None) -> bool:
    """Whether judging this fix may need to know the earlier suspects."""
    if came.fix.fixed_at > came.received_at + AHEAD:
        return True
    return marker is not None and came.fix.fixed_at > marker.fixed_at and _is_jump(came, marker)


def follow_fixes(
    marker: Marker | None, arrived: Sequence[Came], suspects: Sequence[Suspect], gates: GateMap
) -> Followed:
    """Let a vehicle's fixes, in the order of the device's clock, act on its marker."""
    verdicts, stays, doubts = [], [], Doubts(suspects)
    for came in arrived:
        verdict, ordered_at = judge(came, marker, doubts)
        if ordered_at is not None:
            moved = _move(marker, came, ordered_at, gates)
            if marker is not None and moved.stay != marker.stay:
                stays.append(moved.stay)
            marker = moved
        if verdict in (Verdict.FUTURE, Verdict.IMPLAUSIBLE):
            fix = came.fix
            doubts.add(Suspect(fix.fixed_at, came.received_at, fix.lat, fix.lon, verdict))
        verdicts.append(verdict)
    return Followed(marker, tuple(verdicts), tuple(stays))


def judge(came: Came, marker: Marker | None, doubts: Doubts) -> tuple[Verdict, datetime | None]:
    """The verdict on one fix, and the time that orders it where it moves the marker."""
    is_future = came.fix.fixed_at > came.received_at + AHEAD
    ordered_at = _set_right(came, doubts) if is_future else min(came.fix.fixed_at, came.received_at)
    if ordered_at is None:
        return Verdict.FUTURE, None
    if marker is not None and ordered_at <= marker.fixed_at:
        return (Verdict.FUTURE if is_future else Verdict.LATE), None
    if marker is not None and _is_jump(came, marker, ordered_at) and not doubts.confirm(came.fix):
        return Verdict.IMPLAUSIBLE, None
    return (Verdict.FUTURE if is_future else Verdict.GOOD), ordered_at


def set_heard(marker: Marker, heard_at: datetime, is_alarm: bool) -> Marker:
    """The marker of a device that has just said something; an alarm stands since the first time it was raised."""
    if heard_at <= marker.heard_at and not is_alarm:
        return marker
    alarm_at = marker.alarm_at or heard_at if is_alarm else marker.alarm_at
    return msgspec.structs.replace(marker, heard_at=max(marker.heard_at, heard_at), alarm_at=alarm_at)


def _set_right(came: Came, doubts: Doubts) -> datetime | None:
    """The true time of a fix from the future, or None while nothing is known of its clock."""
    error = doubts.find_error(came.received_at)
    if error is None or came.fix.fixed_at - error > came.received_at + AHEAD:
        return None
    return min(came.fix.fixed_at - error, came.received_at)


def _is_jump(came: Came, marker: Marker, ordered_at: datetime | None = None) -> bool:
    """Whether no vehicle could have come here since."""
    fix, last = came.fix, marker.fix
    seconds = ((ordered_at or fix.fixed_at) - marker.fixed_at).total_seconds()
    metres = rough_metres((fix.lat, fix.lon), (last.lat, last.lon)) - _blur(fix) - _blur(last)
    return metres > FASTEST_MPS * max(seconds, 0)


def _blur(fix: Fix) -> float:
    return USUAL_ACCURACY_METRES if fix.accuracy_metres is None else fix.accuracy_metres


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
