"""Who is there: what becomes of an attendance by which press, when a press counts, and where."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from math import dist

from stations.kernel.errors import Invalid, Refused
from stations.kernel.geo.chord import spot
from stations.kernel.text import Text, _

AROUND_START = timedelta(minutes=60)  # before and after the start of a shift: then a volunteer may check in
AFTER_END = timedelta(minutes=60)  # so long after the end a check-out is waited for
LATEST_NEWS = timedelta(hours=12)  # how old a press may be that a phone kept without a network
CLOCKS_APART = timedelta(minutes=2)
NEAR_METRES = 500
DIGITS = 4


class Presence(StrEnum):
    """Where somebody stands who is to be at a post."""

    EXPECTED = "expected"
    PRESENT = "present"
    LEFT = "left"
    MISSING = "missing"
    NO_SHOW = "no_show"


class Press(StrEnum):
    """What changes it."""

    IN = "in"
    OUT = "out"
    CLOSE = "close"  # by the program, at the shift's end
    NO_SHOW = "no_show"


class How(StrEnum):
    """By what a press is known. The first two are the volunteer's own and need a place."""

    CODE = "code"
    LINK = "link"
    STAFF = "staff"
    PROGRAM = "program"
    CORRECTION = "correction"


PRESENCE_NAMES: Mapping[str, Text] = {
    Presence.EXPECTED: _("Expected"),
    Presence.PRESENT: _("Present"),
    Presence.LEFT: _("Left"),
    Presence.MISSING: _("Missing"),
    Presence.NO_SHOW: _("Did not come"),
}
HOW_NAMES: Mapping[str, Text] = {
    How.CODE: _("by the station's code"),
    How.LINK: _("by their own link"),
    How.STAFF: _("by the station or the team"),
    How.PROGRAM: _("by the program"),
    How.CORRECTION: _("by a correction"),
}
# An offline press that reaches us after the program closed the shift is still the better news.
NEXT: Mapping[Presence, Mapping[Press, Presence]] = {
    Presence.EXPECTED: {Press.IN: Presence.PRESENT},
    Presence.MISSING: {Press.IN: Presence.PRESENT, Press.NO_SHOW: Presence.NO_SHOW},
    Presence.PRESENT: {Press.OUT: Presence.LEFT, Press.CLOSE: Presence.LEFT},
    Presence.LEFT: {},
    Presence.NO_SHOW: {Press.IN: Presence.PRESENT},
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of an attendance."""

    in_at: datetime | None = None
    out_at: datetime | None = None
    is_closed_by_program: bool = False
    no_show_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Where:
    """What shows where somebody is: the station whose code was scanned, or a position (WGS-84 degrees)."""

    station: str = ""
    point: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """Where and when a shift is."""

    station: str
    station_name: str
    lat: float
    lon: float
    starts_at: datetime
    ends_at: datetime


def presence(seen: Seen, starts_at: datetime, now: datetime) -> Presence:
    """Where somebody stands now."""
    if seen.no_show_at is not None:
        return Presence.NO_SHOW
    if seen.in_at is None:
        return Presence.MISSING if starts_at <= now else Presence.EXPECTED
    return Presence.PRESENT if seen.out_at is None else Presence.LEFT


def next_presence(state: Presence, press: Press) -> Presence:
    """What a press makes of it. Raises Refused."""
    allowed = NEXT[state].get(press)
    if allowed is None:
        raise Refused("attendance.state", STATE_REFUSALS.get((state, press), NOT_NOW))
    return allowed


NOT_NOW: Text = _("This cannot be recorded now. Please ask the station lead.")
STATE_REFUSALS: Mapping[tuple[Presence, Press], Text] = {
    (Presence.LEFT, Press.IN): _("This shift is checked out already. A leader may correct it."),
    (Presence.EXPECTED, Press.OUT): _("You have not checked in to this shift."),
    (Presence.MISSING, Press.OUT): _("You have not checked in to this shift."),
    (Presence.NO_SHOW, Press.OUT): _("You have not checked in to this shift."),
}


def check_moment(at: datetime, now: datetime) -> datetime:
    """When a press happened: a phone without a network sends it later, with its own time. Raises Invalid for one from
    the future and for one that is too old to believe."""
    if at - now > CLOCKS_APART:
        raise Invalid("attendance.future", _("This phone's clock is ahead. Please set it right and try again."))
    if now - at > LATEST_NEWS:
        raise Invalid(
            "attendance.old", _("This is more than %(hours)s hours old. A leader may correct the attendance.",
                                hours=LATEST_NEWS // timedelta(hours=1))
        )  # fmt: skip
    return min(at, now)


def check_in_span(starts_at: datetime, ends_at: datetime) -> tuple[datetime, datetime]:
    """From when until when a volunteer may check in to a shift."""
    return starts_at - AROUND_START, min(starts_at + AROUND_START, ends_at)


def check_in_time(spot_of: Spot, at: datetime, how: How, zone: tzinfo) -> None:
    """Refuse a check-in more than an hour away from the start; those who see the person may do it until the end."""
    opens, closes = check_in_span(spot_of.starts_at, spot_of.ends_at)
    if how is How.STAFF:
        closes = spot_of.ends_at
    values = {"start": _clock(spot_of.starts_at, zone), "opens": _clock(opens, zone), "closes": _clock(closes, zone)}
    if at < opens:
        message = _("Too early: the shift begins at %(start)s; check-in opens at %(opens)s.")
        raise Refused("attendance.early", message % values)
    if at > closes:
        message = _("Too late: the shift began at %(start)s and check-in closed at %(closes)s. Ask the station lead.")
        raise Refused("attendance.late", message % values)


def check_out_time(seen: Seen, spot_of: Spot, at: datetime, zone: tzinfo) -> None:
    """Refuse a check-out before the check-in, or long after the end."""
    if seen.in_at is not None and at < seen.in_at:
        raise Refused("attendance.order", _("The check-out is before the check-in. Ask the station lead."))
    if at > spot_of.ends_at + AFTER_END:
        message = _("Too late: the shift ended at %(end)s. A leader may correct the attendance.")
        raise Refused("attendance.late", message % {"end": _clock(spot_of.ends_at, zone)})


def check_place(spot_of: Spot, where: Where) -> None:
    """Refuse a volunteer's own check-in anywhere but at the station of the shift."""
    if where.station == spot_of.station:
        return
    if where.station:
        raise _elsewhere(spot_of)
    if where.point is None:
        raise Refused(
            "attendance.place", _("Please scan the code at the station, or share where you are, to check in.")
        )
    if dist(spot(*where.point), spot(spot_of.lat, spot_of.lon)) > NEAR_METRES:
        raise _elsewhere(spot_of)


def check_correction(spot_of: Spot, in_at: datetime | None, out_at: datetime | None, now: datetime) -> None:
    """Refuse times that cannot be: out of order, to come, or far from the shift. Without a check-in nobody came."""
    if in_at is None and out_at is not None:
        raise Invalid("attendance.order", _("Please say when they came."), field="in_at")
    if in_at is None:
        return
    last = min(now, spot_of.ends_at + AFTER_END)
    if not spot_of.starts_at - AROUND_START <= in_at <= last:
        raise Invalid("attendance.in_at", _("This is not a time of this shift."), field="in_at")
    if out_at is not None and not in_at <= out_at <= last:
        raise Invalid("attendance.out_at", _("This is not a time of this shift, after they came."), field="out_at")


def are_digits_of(typed: str, staff_no: str, phone: str) -> bool:
    """Whether `typed` is the whole staff number, or the last four digits of it or of the phone number."""
    if typed.casefold() == staff_no.casefold():
        return True
    return len(typed) == DIGITS and typed.isdigit() and (staff_no.endswith(typed) or phone.endswith(typed))


def _elsewhere(spot_of: Spot) -> Refused:
    return Refused(
        "attendance.elsewhere",
        _("This is the wrong station: the shift is at %(station)s.", station=spot_of.station_name),
    )


def _clock(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"
