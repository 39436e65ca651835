"""Bookings: spans of a vehicle's time. Rides share a lane; a roving patrol has its own and may be called away."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from stations.kernel.errors import Invalid
from stations.kernel.text import Text, _

LONGEST = timedelta(hours=24)


class BookingKind(StrEnum):
    """What the time is kept for."""

    BOOKED = "booked"
    ROVING = "roving"
    HOTLINE = "hotline"


BOOKING_KINDS: dict[str, Text] = {
    "booked": _("Booked ride"),
    "roving": _("Roving patrol"),
    "hotline": _("Hotline ride"),
}
BOOKING_WORDS = {"预约": "booked", "巡游": "roving", "热线": "hotline"}


@dataclass(frozen=True)
class BookingOrder:
    """Which vehicle's time is kept, for what, from when until when; `place` says where, in words."""

    vehicle: str
    kind: BookingKind
    starts_at: datetime
    ends_at: datetime
    place: str = ""
    help_request_id: int | None = None


def lane_of(kind: BookingKind) -> int:
    """The lane on which two spans may not overlap."""
    return 1 if kind is BookingKind.ROVING else 0


def check_span(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Refuse a span that ends before it begins, is longer than a day, or is over."""
    if ends_at <= starts_at:
        raise Invalid("booking.reversed", _("It must end after it begins."), field="ends")
    if ends_at - starts_at > LONGEST:
        raise Invalid("booking.long", _("A booking lasts a day at most."), field="ends")
    if ends_at <= now:
        raise Invalid("booking.over", _("This time is over already."), field="ends")
