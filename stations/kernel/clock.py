"""The one clock. Real time, unless a demonstration shows another day: then an offset from it."""

from datetime import UTC, datetime, timedelta

_offset = timedelta(0)


def now() -> datetime:
    """The time that every rule and every record uses: aware, UTC."""
    return datetime.now(UTC) + _offset


def real_now() -> datetime:
    """The machine's own time (for sessions, tokens and logs that outsiders compare)."""
    return datetime.now(UTC)


def shown(real: datetime) -> datetime:
    """What `now` tells at a moment of the machine's own time, which is also that of the devices out there."""
    return real + _offset


def show(shown: datetime, since: datetime) -> None:
    """From now on tell the time as if it had been `shown` at the real moment `since`."""
    global _offset
    _offset = shown - since


def show_real() -> None:
    """Tell the real time again."""
    global _offset
    _offset = timedelta(0)


def is_real() -> bool:
    """Whether the clock tells the machine's own time."""
    return not _offset
