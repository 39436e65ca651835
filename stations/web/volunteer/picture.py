"""What a volunteer's pages show, gathered: shifts, what is asked of them, what they could take, what they said."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from stations.kernel import clock
from stations.kernel.errors import NotFound
from stations.kernel.geo.datum import Point
from stations.places.queries.atlas import get_atlas
from stations.places.queries.rows import StationRow
from stations.places.rules.links import list_links
from stations.seasons.queries import get_calendar
from stations.shifts.queries.assignments import (
    NO_ASSIGNMENT,
    AssignmentRow,
    list_assignments_by_id,
    list_assignments_of,
    list_assignments_of_team,
)
from stations.shifts.queries.known import CompanionRow, WishRow, get_availability, list_companions_of, list_wishes_of
from stations.shifts.queries.open_shifts import OpenShift, list_open_shifts_for, list_shift_days
from stations.shifts.queries.service import CertificateRow, list_certificates, list_service, sum_all
from stations.shifts.queries.stand_ins import StandIn, list_exchanges, list_stand_ins
from stations.shifts.queries.swaps import SwapRow, list_swaps_of
from stations.shifts.queries.volunteers import VolunteerRow, list_volunteers
from stations.shifts.queries.waiting import WaitingRow, list_waits_of
from stations.shifts.rules.attendance import check_in_span
from stations.shifts.rules.offers import question_until
from stations.shifts.rules.states import AssignmentState, WaitState

DAY = timedelta(days=1)
FAR = timedelta(days=60)
MOST_LEADERS = 2
MOST_CERTIFICATES = 20

Links = list[tuple[object, str]]


@dataclass(frozen=True)
class Place:
    """Where a shift is, as far as the station is known."""

    station: StationRow | None
    links: Links


@dataclass(frozen=True)
class Question:
    """A swap in words: `given` is the asker's shift, `wanted` the one for which they would exchange it."""

    swap: SwapRow
    given: AssignmentRow
    wanted: AssignmentRow | None


@dataclass(frozen=True)
class Home:
    """The first page. `ahead` is what is held and what was called off, by start; `next` the first that is held, and
    whether it may be checked in to now."""

    next: AssignmentRow | None
    may_check_in: bool
    place: Place | None
    ahead: list[AssignmentRow]
    leaders: list[VolunteerRow]
    offers: list[WaitingRow]
    waits: list[WaitingRow]
    asked_of_me: list[Question]
    asked_by_me: list[Question]


@dataclass(frozen=True)
class ShiftSheet:
    """One shift that is held; whom of the team one could ask, and for which of their shifts."""

    row: AssignmentRow
    place: Place
    leaders: list[VolunteerRow]
    question: Question | None
    stand_ins: list[StandIn]
    exchanges: list[AssignmentRow]
    has_begun: bool
    can_ask: bool


@dataclass(frozen=True)
class OpenSheet:
    """The shifts of one day: those to take, those to wait for, and those for which something speaks against it. `waits`
    maps the needs that are waited for to whether a place is offered."""

    days: list[date]
    day: date | None
    free: list[OpenShift]
    full: list[OpenShift]
    barred: list[OpenShift]
    waits: dict[int, bool]


@dataclass(frozen=True)
class AboutSheet:
    """What a volunteer said about themselves. What others asked for of them is not among `companions`: whoever is
    avoided would read it."""

    days: list[date]
    said: dict[tuple[date, str], bool]
    posts: dict[str, bool]
    stations: list[tuple[WishRow, str]]
    choices: list[StationRow]
    companions: list[CompanionRow]


@dataclass(frozen=True)
class HoursSheet:
    """What was done this season: attendances and minutes kept apart, one line a shift."""

    rows: list[AssignmentRow]
    attendances: int
    minutes: int
    certificates: list[CertificateRow]


def make_home(row: VolunteerRow) -> Home:
    """Gather it."""
    now = clock.now()
    held = list_assignments_of(row.id, now)
    ahead = [one for one in held if one.state != AssignmentState.DROPPED]
    first = next((one for one in ahead if one.state == AssignmentState.CONFIRMED and not one.is_cancelled), None)
    waits = list_waits_of(row.id)
    questions = _questions(row)
    return Home(
        next=first, may_check_in=first is not None and _may_check_in(first, now),
        place=find_place(first.station) if first else None, ahead=ahead, leaders=list_leaders(row),
        offers=[one for one in waits if _is_offered(one, now)],
        waits=[one for one in waits if one.state is WaitState.WAITING and one.starts_at > now],
        asked_of_me=[one for one in questions if one.swap.volunteer_id == row.id and one.swap.until > now],
        asked_by_me=[one for one in questions if one.swap.holder_id == row.id and one.swap.until > now],
    )  # fmt: skip


def _may_check_in(row: AssignmentRow, now: datetime) -> bool:
    opens, closes = check_in_span(row.starts_at, row.ends_at)
    return row.in_at is None and opens <= now <= closes


def _is_offered(one: WaitingRow, now: datetime) -> bool:
    return one.state is WaitState.OFFERED and one.offered_until is not None and one.offered_until > now


def _questions(row: VolunteerRow) -> list[Question]:
    swaps = list_swaps_of(row.id)
    ids = {number for swap in swaps for number in (swap.assignment_id, swap.other_assignment_id) if number}
    known = {one.id: one for one in list_assignments_by_id(ids)} if ids else {}
    return [
        Question(swap, known[swap.assignment_id], known.get(swap.other_assignment_id or 0))
        for swap in swaps
    ]  # fmt: skip


def find_place(code: str) -> Place:
    """The station of that code, with the ways to navigate there."""
    station = get_atlas(get_calendar().zone).find_station(code)
    return Place(station, [*list_links(Point(station.lat, station.lon), station.name)] if station else [])


def list_leaders(row: VolunteerRow) -> list[VolunteerRow]:
    """The leader and a deputy of the volunteer's team, without themselves."""
    if not row.team:
        return []
    first = list_volunteers((row.team_path,), team=row.team, limit=MOST_LEADERS + 1)
    return [one for one in first if one.standing and one.id != row.id][:MOST_LEADERS]


def make_shift(row: VolunteerRow, assignment_id: int) -> ShiftSheet:
    """Gather it. Raises NotFound for what is not, or no longer, held by them."""
    held = next(iter(list_assignments_by_id([assignment_id])), None)
    is_mine = held is not None and held.volunteer_id == row.id and held.state == AssignmentState.CONFIRMED
    if held is None or not is_mine or held.is_cancelled:
        raise NotFound("assignment.unknown", NO_ASSIGNMENT)
    now = clock.now()
    can_ask = question_until(now, held.starts_at) is not None
    question = next((one for one in _questions(row) if one.given.id == held.id), None)
    return ShiftSheet(
        row=held, place=find_place(held.station), leaders=list_leaders(row), question=question,
        stand_ins=list_stand_ins(held) if can_ask and not question else [],
        exchanges=_exchanges(row, held, now) if can_ask and not question else [],
        has_begun=held.starts_at <= now, can_ask=can_ask,
    )  # fmt: skip


def _exchanges(row: VolunteerRow, held: AssignmentRow, now: datetime) -> list[AssignmentRow]:
    if not row.team:
        return []
    theirs = [
        one for one in list_assignments_of_team((row.team_path,), now, now + FAR)
        if one.volunteer_id != row.id and one.starts_at > now and one.shift_id != held.shift_id and not one.is_cancelled
    ]  # fmt: skip
    return list_exchanges(held, theirs)


def make_open(row: VolunteerRow, asked: date | None) -> OpenSheet:
    """Gather it, for the day that was asked for or the first one."""
    zone, now = get_calendar().zone, clock.now()
    city = row.path.split("/", 1)[0] + "/"
    days = list_shift_days(city, now)
    day = asked if asked in days else next(iter(days), None)
    if day is None:
        return OpenSheet([], None, [], [], [], {})
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    found = list_open_shifts_for(row.id, city, max(midnight, now), midnight + DAY)
    found.sort(key=lambda one: one.way_minutes)
    waits = {one.need_id: one.state is WaitState.OFFERED for one in list_waits_of(row.id)}
    return OpenSheet(
        days, day, free=[one for one in found if one.may_take],
        full=[one for one in found if one.is_full and not one.objections],
        barred=[one for one in found if one.objections], waits=waits,
    )  # fmt: skip


def make_about(row: VolunteerRow) -> AboutSheet:
    """Gather it: the days of the season that are not over, and those with shifts."""
    calendar, now = get_calendar(), clock.now()
    today, city = now.astimezone(calendar.zone).date(), row.path.split("/", 1)[0] + "/"
    wishes = list_wishes_of(row.id)
    standings = get_atlas(calendar.zone).list_standings(now)
    names = {station.code: station.name for station, _standing in standings}
    return AboutSheet(
        days=sorted({day for day in calendar.days if day >= today} | set(list_shift_days(city, now))),
        said=get_availability(row.id),
        posts={one.code: one.is_liked for one in wishes if one.about == "post"},
        stations=[(one, names.get(one.code, one.code)) for one in wishes if one.about == "station"],
        choices=sorted((station for station, _s in standings), key=lambda one: (one.district, one.code)),
        companions=[one for one in list_companions_of(row.id) if one.is_own],
    )  # fmt: skip


def make_hours(row: VolunteerRow) -> HoursSheet:
    """Gather it: every minute counted once, none while somebody has not left."""
    now, since = clock.now(), get_calendar().year(clock.now())[0]
    held = list_assignments_of(row.id, since)
    done = [one for one in held if one.state == AssignmentState.CONFIRMED and one.starts_at <= now]
    served = sum_all(list_service((row.path,), since, now, volunteer_id=row.id))
    certificates = [one for one in list_certificates((row.path,), MOST_CERTIFICATES) if not one.is_revoked]
    return HoursSheet(done[::-1], served.attendances, served.minutes, certificates)
