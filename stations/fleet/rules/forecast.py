"""When a vehicle is with the asker and at the gate, from what was promised and the steps made since."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, floor


@dataclass(frozen=True, slots=True)
class Forecast:
    """`pickup_at` is None once somebody is aboard, `margin_minutes` without a cut-off; below 0 it is too late. `as_of`
    is the step from which this was reckoned."""

    pickup_at: datetime | None
    gate_at: datetime
    margin_minutes: int | None
    as_of: datetime


def forecast(
    started_at: datetime, picked_up_at: datetime | None, reach_seconds: int, ride_seconds: int,
    cutoff_at: datetime | None, now: datetime,
) -> Forecast:  # fmt: skip
    """What may be expected at `now` of a ride that set out (or is to) at `started_at`. What is overdue is expected now:
    a promise that has passed is not repeated."""
    pickup_at = None if picked_up_at else max(started_at + timedelta(seconds=reach_seconds), now)
    gate_at = max((picked_up_at or pickup_at or now) + timedelta(seconds=ride_seconds), now)
    margin = None if cutoff_at is None else floor((cutoff_at - gate_at).total_seconds() / 60)
    return Forecast(pickup_at, gate_at, margin, picked_up_at or started_at)


def minutes_until(at: datetime, now: datetime) -> int:
    """Whole minutes, rounded up: somebody who waits is not told less than it takes. Never below 0."""
    return max(ceil((at - now).total_seconds() / 60), 0)
