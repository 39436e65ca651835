"""A fix, and what one request of a device says; numbers and times as devices write them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec

KNOT_MPS = 1852 / 3600
KMH_MPS = 1 / 3.6
FASTEST_MPS = 150.0
FARTHEST_OFF_METRES = 100_000.0
SECONDS_END = 2_147_483_647  # from here on a number counts milliseconds
CHINA = timezone(timedelta(hours=8))  # what a time without a zone is meant in
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


class Fix(msgspec.Struct, frozen=True, gc=False):
    """Where a device was, by its own clock: WGS-84 degrees, `heading` in degrees from north, `fixed_at` aware."""

    fixed_at: datetime
    lat: float
    lon: float
    source: str
    accuracy_metres: float | None = None
    speed_mps: float | None = None
    heading: float | None = None
    battery_percent: float | None = None


class Heard(msgspec.Struct, frozen=True, gc=False):
    """One request of a device: who it says it is ('' nothing), its fixes, how many points were unusable. Without
    either it is a sign of life."""

    device: str
    fixes: tuple[Fix, ...] = ()
    rejected: int = 0
    is_alarm: bool = False


def make_fix(
    source: str, fixed_at: datetime | None, lat: Any, lon: Any, *, accuracy: Any = None, speed_mps: Any = None,
    heading: Any = None, battery_percent: Any = None,
) -> Fix | None:  # fmt: skip
    """The fix of raw values, or None without a usable place or time; a negative measure means unknown."""
    lat, lon = read_number(lat, -90, 90), read_number(lon, -180, 180)
    if lat is None or lon is None or fixed_at is None:
        return None
    course = read_number(heading, 0, 720)
    return Fix(
        fixed_at, lat, lon, source, read_number(accuracy, 0, FARTHEST_OFF_METRES),
        read_number(speed_mps, 0, FASTEST_MPS), course if course is None else course % 360,
        read_number(battery_percent, 0, 100),
    )  # fmt: skip


def read_number(value: Any, least: float, most: float) -> float | None:
    """The number in a number or a text, or None when there is none from `least` to `most`."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if least <= number <= most else None


def times(value: Any, factor: float) -> float | None:
    """A measure in another unit; None stays None, and negative stays negative."""
    number = read_number(value, -1e9, 1e9)
    return None if number is None else number * factor


def read_time(value: Any, received_at: datetime) -> datetime | None:
    """The moment that seconds, milliseconds, ISO 8601 or "yyyy-MM-dd HH:mm:ss" mean; `received_at` for none, None for
    what is no time. Without a zone it is China's."""
    if value is None or value == "":
        return received_at
    number = read_number(value, -1e18, 1e18)
    try:
        if number is not None:
            at = datetime.fromtimestamp(number if number < SECONDS_END else number / 1000, UTC)
        else:
            # A plus that was not encoded has become a space on its way.
            at = datetime.fromisoformat(value.strip().replace(" ", "+") if "T" in value else value.strip())
            at = (at if at.tzinfo else at.replace(tzinfo=CHINA)).astimezone(UTC)
    except (AttributeError, TypeError, ValueError, OverflowError, OSError):
        return None
    return at if EARLIEST <= at <= LATEST else None


def read_json(body: bytes) -> Any:
    """The document in `body` whatever its type was said to be, or None."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None


def read_text(value: Any) -> str:
    """A short text, or a number as text; '' for anything else."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)[:200]
    return ""
