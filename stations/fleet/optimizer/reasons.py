"""Why a vehicle was chosen for a call, and why another was not."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil

from stations.fleet.optimizer.pairs import STAY_SECONDS, UNCERTAIN_SHARE, added_seconds, is_on_duty, is_stale
from stations.fleet.optimizer.rows import Call, Reason, Standby


def unable(call: Call, vehicle: Standby, ends_at: datetime, now: datetime) -> Reason | None:
    """What keeps the vehicle from a ride that would end at `ends_at`; None when nothing does."""
    if not vehicle.is_file_complete:
        return Reason("file_incomplete")
    if not is_on_duty(vehicle, now):
        return Reason("off_duty")
    if call.seats > vehicle.seats:
        return Reason("seats", {"count": vehicle.seats})
    if call.needs_wheelchair and not vehicle.has_wheelchair:
        return Reason("wheelchair")
    if vehicle.blocked_from and ends_at > vehicle.blocked_from:
        return Reason("booked")
    return Reason("goes_off_duty") if vehicle.off_duty_at and ends_at > vehicle.off_duty_at else None


def commonest(reasons: Iterable[Reason | None]) -> Reason:
    """The reason that holds for most, the first of equals."""
    listed = [reason for reason in reasons if reason]
    if not listed:
        return Reason("nobody")
    (code, _count), *_rest = Counter(reason.code for reason in listed).most_common(1)
    return next(reason for reason in listed if reason.code == code)


def arrival(margin_seconds: float | None, way_seconds: float) -> list[Reason]:
    """Whether it will make the gate, being inside in `way_seconds` from now."""
    if margin_seconds is None:
        return []
    if margin_seconds >= 0:
        is_tight = margin_seconds < way_seconds * UNCERTAIN_SHARE / 2
        return [Reason("tight" if is_tight else "in_time", {"minutes": int(margin_seconds // 60)})]
    return [Reason("too_late", {"minutes": ceil(-margin_seconds / 60)})]


def whereabouts(vehicle: Standby, now: datetime) -> list[Reason]:
    """What is uncertain about where it is."""
    added = added_seconds(vehicle, now) // 60
    if vehicle.fixed_at is None:
        return [Reason("posted", {"added": added})]
    if not is_stale(vehicle, now):
        return []
    return [Reason("stale_fix", {"minutes": (now - vehicle.fixed_at) // timedelta(minutes=1), "added": added})]


def behind(vehicle: Standby, seconds: float, now: datetime) -> Reason:
    """Why a vehicle that could go is not among those shown, the last of which is so many seconds sooner."""
    if is_stale(vehicle, now):
        return whereabouts(vehicle, now)[0]
    return Reason("slower", {"minutes": max(ceil(seconds / 60), 0)})


def promise(call: Call, vehicle: Standby) -> list[Reason]:
    """Whether a promise was kept."""
    if call.promised is None:
        return []
    minutes = STAY_SECONDS // 60
    if call.promised == vehicle.id:
        return [Reason("kept", {"minutes": minutes})]
    return [Reason("taken_over", {"minutes": minutes, "vehicle": call.promised})]


def among(seconds: float, rival: str, rival_seconds: float, count: int) -> list[Reason]:
    """Whether it is the soonest of those that can go, or what the soonest one is needed for."""
    minutes = ceil((seconds - rival_seconds) / 60)
    if minutes <= 0:
        return [Reason("nearest", {"count": count, "minutes": ceil(seconds / 60)})]
    return [Reason("needed_elsewhere", {"vehicle": rival, "minutes": minutes})]
