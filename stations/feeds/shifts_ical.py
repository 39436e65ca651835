"""Shifts as an iCalendar feed (RFC 5545): the same rows give the same bytes, so that a calendar that asks every hour is
answered 304. What was called off stays in it and says so: a calendar forgets nothing that merely vanishes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone

from stations.kernel.text import Text, _
from stations.places.queries.rows import StationRow
from stations.shifts.queries.assignments import AssignmentRow
from stations.shifts.rules.planning import ShiftRow
from stations.shifts.rules.skills import post_of, skill_name
from stations.shifts.rules.states import AssignmentState

PRODUCT = "-//Bankao//Shifts//EN"
CALLED_OFF: Text = _("Called off: %(title)s")
REFRESH = "PT1H"


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. `stamped_at` is when it came to be; what was changed since, `sequence` says."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    title: Text
    place: str
    is_cancelled: bool
    stamped_at: datetime
    about: str = ""
    point: tuple[float, float] | None = None


def entry_of_assignment(row: AssignmentRow, station: StationRow | None) -> Entry:
    """What a volunteer's calendar shows of one place that they hold, or held: no other person. One that has ended
    counts one change more than its shift."""
    is_over = row.is_cancelled or row.state != AssignmentState.CONFIRMED
    return Entry(
        uid=f"assignment-{row.id}@bankao", sequence=row.sequence + is_over, starts_at=row.starts_at,
        ends_at=row.ends_at, title=_title(row.post, row.station_name), place=_place(row.station_name, station),
        is_cancelled=is_over, stamped_at=row.at, about=str(skill_name(row.skill)) if row.skill else "",
        point=(station.lat, station.lon) if station else None,
    )  # fmt: skip


def entry_of_shift(row: ShiftRow, station: StationRow) -> Entry:
    """What a station's calendar shows of one shift: how many people it needs, and nobody's name. When it was made is
    not kept: its year stands for that."""
    needs = (f"{skill_name(need.skill)} {need.places}" for need in row.needs if need.places)
    return Entry(
        uid=f"shift-{row.id}@bankao", sequence=row.sequence, starts_at=row.starts_at, ends_at=row.ends_at,
        title=_title(row.post, row.station_name), place=_place(row.station_name, station),
        is_cancelled=row.is_cancelled, stamped_at=datetime(row.starts_at.year, 1, 1, tzinfo=UTC),
        about=", ".join(needs), point=(row.lat, row.lon),
    )  # fmt: skip


def write_calendar(name: str, entries: Iterable[Entry], zone: ZoneInfo) -> bytes:
    """The whole feed; times on the clock of `zone`, whose rules are in it."""
    listed = sorted(entries, key=lambda one: (one.starts_at, one.uid))
    calendar: Any = Calendar()
    for field, value in (
        ("prodid", PRODUCT), ("version", "2.0"), ("calscale", "GREGORIAN"), ("x-wr-calname", name),
        ("x-wr-timezone", zone.key), ("x-published-ttl", REFRESH),
    ):  # fmt: skip
        calendar.add(field, value)
    if listed:
        calendar.add_component(_zone_rules(zone, listed))
    for one in listed:
        calendar.add_component(_event(one, zone))
    return bytes(calendar.to_ical())


def _zone_rules(zone: ZoneInfo, listed: list[Entry]) -> Any:
    since = date(listed[0].starts_at.year, 1, 1)
    until = date(max(one.ends_at for one in listed).year + 1, 1, 2)
    return Timezone.from_tzinfo(zone, first_date=since, last_date=until)


def _event(one: Entry, zone: ZoneInfo) -> Any:
    event: Any = Event()
    title = CALLED_OFF % {"title": one.title} if one.is_cancelled else one.title
    event.add("uid", one.uid)
    event.add("dtstamp", one.stamped_at.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", one.sequence)
    event.add("dtstart", one.starts_at.astimezone(zone))
    event.add("dtend", one.ends_at.astimezone(zone))
    event.add("summary", str(title))
    event.add("location", one.place)
    event.add("status", "CANCELLED" if one.is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if one.is_cancelled else "OPAQUE")
    event.add("class", "PRIVATE")
    if one.point:
        event.add("geo", one.point)
    if one.about:
        event.add("description", one.about)
    return event


def _title(post: str, station: str) -> Text:
    return _("%(post)s at %(station)s", post=post_of(post).name, station=station)


def _place(name: str, station: StationRow | None) -> str:
    return f"{name}, {station.address}" if station and station.address else name
