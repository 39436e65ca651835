"""What may be asked for, and what an order must say before anybody is sent."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from stations.kernel.errors import Invalid, Refused
from stations.kernel.text import Text, _

MOST_SEATS = 8
LIVE = timedelta(days=1)  # after which a request that nobody closed is over
FORGOTTEN = "forgotten"  # the reason of its end
_NUMBER = re.compile(r"\d(?:[\s-]?\d){6,}")


class HelpKind(StrEnum):
    """Why somebody asks."""

    LATE = "late"
    WRONG_SITE = "wrong_site"
    PAPERS = "papers"
    UNWELL = "unwell"
    RIDE_HOME = "ride_home"


KIND_NAMES: dict[str, Text] = {
    HelpKind.LATE: _("Running late"),
    HelpKind.WRONG_SITE: _("At the wrong exam site"),
    HelpKind.PAPERS: _("Forgot papers"),
    HelpKind.UNWELL: _("Feeling unwell"),
    HelpKind.RIDE_HOME: _("Ride home"),
}

# The first runs against the gate's clock; a ride home does not.
AGAINST_THE_CLOCK = frozenset({HelpKind.LATE, HelpKind.WRONG_SITE, HelpKind.PAPERS})


class RequestState(StrEnum):
    """How a help request stands."""

    WAITING = "waiting"
    RIDING = "riding"
    CLOSED = "closed"
    CANCELLED = "cancelled"


STATE_NAMES: dict[str, Text] = {
    RequestState.WAITING: _("Looking for a vehicle"),
    RequestState.RIDING: _("A vehicle is on it"),
    RequestState.CLOSED: _("Done"),
    RequestState.CANCELLED: _("Called off"),
}
OPEN = (RequestState.WAITING, RequestState.RIDING)


class Outcome(StrEnum):
    """How a request ended."""

    IN_TIME = "in_time"
    LATE = "late"
    HELPED = "helped"  # where no cut-off was at stake
    NOT_NEEDED = "not_needed"
    FALSE_ALARM = "false_alarm"


OUTCOME_NAMES: dict[str, Text] = {
    Outcome.IN_TIME: _("In before the cut-off"),
    Outcome.LATE: _("After the cut-off"),
    Outcome.HELPED: _("Helped"),
    Outcome.NOT_NEEDED: _("No longer needed"),
    Outcome.FALSE_ALARM: _("False alarm"),
}


@dataclass(frozen=True)
class HelpOrder:
    """What is asked for: `site` and `station` are codes; where they are is a position, a station or typed words."""

    kind: HelpKind
    site: str
    station: str
    place: str
    point: tuple[float, float] | None
    seats: int
    needs_wheelchair: bool
    phone: str
    is_site_checked: bool
    wanted_at: datetime | None = None


def check_site(order: HelpOrder, alike: tuple[str, ...]) -> None:
    """Refuse a target that others are confused with until the asker says that the ticket names it."""
    if alike and not order.is_site_checked:
        message = _(
            "People mix this site up with %(others)s. Please compare with the admission ticket and confirm.",
            others="、".join(alike),
        )
        raise Refused("site.alike", message, field="is_site_checked", status=400)


def check_where(order: HelpOrder) -> None:
    """Somebody has to be found: a position, a station, or words."""
    if order.point is None and not order.station and not order.place.strip():
        raise Invalid("place.missing", _("Please say where you are."), field="place")


def check_wanted(wanted_at: datetime | None, now: datetime) -> None:
    """A ride can be wanted later, within the season's reach."""
    if wanted_at is not None and not now - timedelta(minutes=5) <= wanted_at <= now + timedelta(days=14):
        raise Invalid("wanted.when", _("Please choose a time within the next 14 days."), field="wanted_at")


def without_numbers(text: str) -> str:
    """A reason as it may be kept for ever: what could be somebody's phone is taken out."""
    return _NUMBER.sub("***", text.strip())


def outcome_of(cutoff_at: datetime | None, dropped_off_at: datetime | None) -> Outcome:
    """How a ride that ended at the gate counts."""
    if cutoff_at is None or dropped_off_at is None:
        return Outcome.HELPED
    return Outcome.IN_TIME if dropped_off_at <= cutoff_at else Outcome.LATE
