"""What the guard and the roster judge by: candidates, what they hold, seats, who stands beside, heat. A handful of
SELECTs, for one volunteer or for a whole city."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, union_all

from stations.kernel.db import db
from stations.kernel.text import Text, _
from stations.places.models import Station
from stations.shifts.models.people import (
    Availability,
    Companion,
    Duty,
    HeatDay,
    Volunteer,
    VolunteerSkill,
    Wish,
)
from stations.shifts.models.placing import Assignment
from stations.shifts.models.planning import Shift, ShiftNeed
from stations.shifts.queries.scopes import AnySelect, below
from stations.shifts.rules.planning import ShiftRow
from stations.shifts.rules.rows import Busy, Candidate, Heat, Held, Seat, State, Work

REACH = timedelta(days=2)  # what lies further from a shift has no say in it: rest and hours are of neighbouring days
DRIVING: Text = _("Duty as a vehicle's driver")
DRIVER = "driver"
WORK_COLUMNS = (
    Shift.id, Shift.station_id, Station.district_code, Shift.post, Station.lat, Station.lon, Shift.starts_at,
    Shift.ends_at, Station.name,
)  # fmt: skip
Sides = dict[int, list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class OpenSeat:
    """A seat of a live shift with what the guard does not ask: whose it is, and how many of its taken places are only
    kept for an offer."""

    seat: Seat
    path: str
    offered: int


def work_of(row: ShiftRow) -> Work:
    """A shift as the guard sees it."""
    return Work(
        row.id, row.station_id, row.district, row.post, row.lat, row.lon, row.starts_at, row.ends_at, row.station_name
    )


def list_candidates(paths: Sequence[str], since: datetime, until: datetime) -> dict[int, Candidate]:
    """The volunteers below `paths`, with the minutes that they served before `since`; by id."""
    scope = below(Volunteer.path, paths)
    served: dict[int, int] = defaultdict(int)
    before = select(Assignment.volunteer_id, Assignment.starts_at, Assignment.ends_at).where(
        Assignment.state == State.CONFIRMED.value, Assignment.ends_at <= since
    )
    for volunteer_id, starts_at, ends_at in db.session.execute(before):
        served[volunteer_id] += int((ends_at - starts_at).total_seconds()) // 60
    return load_candidates(scope, since, until, served)


def load_candidates(
    scope: ColumnElement[bool], since: datetime, until: datetime, served: dict[int, int] | None = None
) -> dict[int, Candidate]:
    """The live volunteers for whom `scope`, on Volunteer, holds; their other duty in the span."""
    skills = _sides(select(VolunteerSkill.volunteer_id, VolunteerSkill.skill, VolunteerSkill.valid_until), scope)
    said = _sides(select(Availability.volunteer_id, Availability.day, Availability.half, Availability.is_free), scope)
    wishes = _sides(
        select(Wish.volunteer_id, Wish.about, Wish.code, Station.id, Wish.is_liked)
        .outerjoin(Station, (Wish.about == "station") & (Station.code == Wish.code)),
        scope,
    )  # fmt: skip
    companions = _companions(scope)
    duties = _sides(
        select(Duty.volunteer_id, Duty.starts_at, Duty.ends_at).where(Duty.starts_at < until, Duty.ends_at > since),
        scope,
    )
    chosen = select(
        Volunteer.id, Volunteer.team_id, Volunteer.standing, Volunteer.born_on,
        Volunteer.guardian_consent_at.is_not(None), Volunteer.lat, Volunteer.lon,
    ).where(scope, Volunteer.withdrawn_at.is_(None))  # fmt: skip
    return {
        row[0]: Candidate(
            *row[:5],
            skills=dict(skills.get(row[0], ())),
            available=_available(said.get(row[0])),
            lat=row[5],
            lon=row[6],
            likes=_liked(wishes.get(row[0], ()), True),
            dislikes=_liked(wishes.get(row[0], ()), False),
            together=_with(companions.get(row[0], ()), True) - _with(companions.get(row[0], ()), False),
            apart=_with(companions.get(row[0], ()), False),
            minutes_before=(served or {}).get(row[0], 0),
            busy=tuple(Busy(starts, ends, DRIVING, DRIVER) for starts, ends in duties.get(row[0], ())),
        )
        for row in db.session.execute(chosen.order_by(Volunteer.id))
    }


def _sides(chosen: AnySelect, scope: ColumnElement[bool]) -> Sides:
    """What a side table says, by the volunteer in its first column."""
    found: Sides = defaultdict(list)
    owner = chosen.selected_columns[0]
    for row in db.session.execute(chosen.join(Volunteer, Volunteer.id == owner).where(scope)):
        found[row[0]].append(tuple(row[1:]))
    return found


def _companions(scope: ColumnElement[bool]) -> Sides:
    found: Sides = defaultdict(list)
    sides = (Companion.asked_by, Companion.other_id), (Companion.other_id, Companion.asked_by)
    both = union_all(
        *(
            select(mine, other, Companion.is_together).join(Volunteer, Volunteer.id == mine).where(scope)
            for mine, other in sides
        )
    )
    for mine, other, is_together in db.session.execute(both):
        found[mine].append((other, is_together))
    return found


def _with(said: Iterable[tuple[Any, ...]], is_together: bool) -> frozenset[int]:
    return frozenset(other for other, together in said if together is is_together)


def _available(said: list[tuple[Any, ...]] | None) -> frozenset[tuple[date, str]] | None:
    return None if said is None else frozenset((day, half) for day, half, is_free in said if is_free)


def _liked(wishes: Iterable[tuple[Any, ...]], liked: bool) -> frozenset[str | int]:
    """Posts by code, stations by id; a station that is no more is nobody's wish."""
    codes = (station if about == "station" else code for about, code, station, is_liked in wishes if is_liked is liked)
    return frozenset(code for code in codes if code is not None)


def list_held(
    since: datetime, until: datetime, volunteer_ids: Collection[int] | None = None, *, proposed: bool = False
) -> dict[int, list[Held]]:
    """What volunteers hold in the span and REACH around it, by volunteer; of these, or of all. With `proposed`, what
    the newest proposals would give them too."""
    states = [State.CONFIRMED.value, *([State.PROPOSED.value] if proposed else [])]
    chosen = (
        select(Assignment.volunteer_id, Assignment.state, Assignment.need_id, *WORK_COLUMNS)
        .join(Shift, Shift.id == Assignment.shift_id)
        .join(Station, Station.id == Shift.station_id)
        .where(
            Assignment.state.in_(states), Assignment.starts_at < until + REACH, Assignment.ends_at > since - REACH
        )
        .order_by(Assignment.starts_at, Assignment.id)
    )  # fmt: skip
    if volunteer_ids is not None:
        chosen = chosen.where(Assignment.volunteer_id.in_(sorted(volunteer_ids)))
    held: dict[int, list[Held]] = defaultdict(list)
    for volunteer_id, state, need_id, *work in db.session.execute(chosen):
        held[volunteer_id].append(Held(Work(*work), State(state), need_id))
    return held


def list_seats(paths: Sequence[str], since: datetime, until: datetime) -> list[Seat]:
    """The seats of the live shifts below `paths` that start in the span; what is kept for an offer counts as taken."""
    wanted = below(Station.path, paths), Shift.starts_at >= since, Shift.starts_at < until
    return [row.seat for row in load_seats(*wanted).values()]


def load_seats(*wanted: ColumnElement[bool]) -> dict[int, OpenSeat]:
    """The seats of live shifts for which all of `wanted`, on Shift, Station and ShiftNeed, hold; by need."""
    chosen = (
        select(
            ShiftNeed.id, ShiftNeed.skill, ShiftNeed.places, ShiftNeed.taken, ShiftNeed.offered, Station.path,
            *WORK_COLUMNS,
        )
        .select_from(ShiftNeed)
        .join(Shift, Shift.id == ShiftNeed.shift_id)
        .join(Station, Station.id == Shift.station_id)
        .where(Shift.cancelled_at.is_(None), *wanted)
        .order_by(Shift.starts_at, Shift.id, ShiftNeed.skill)
    )  # fmt: skip
    works: dict[int, Work] = {}
    seats = {}
    for need_id, skill, places, taken, offered, path, *fields in db.session.execute(chosen):
        work = works.setdefault(fields[0], Work(*fields))
        seats[need_id] = OpenSeat(Seat(need_id, work, skill, places, taken + offered), path, offered)
    return seats


def list_beside(shift_ids: Collection[int]) -> dict[int, set[int]]:
    """Who is on each of these shifts."""
    chosen = select(Assignment.shift_id, Assignment.volunteer_id).where(
        Assignment.shift_id.in_(sorted(shift_ids)), Assignment.state == State.CONFIRMED.value
    )
    beside: dict[int, set[int]] = {shift_id: set() for shift_id in shift_ids}
    for shift_id, volunteer_id in db.session.execute(chosen):
        beside[shift_id].add(volunteer_id)
    return beside


def load_heat(since: datetime, until: datetime) -> Heat:
    """What is forecast for the days of the span, whatever their zone."""
    days = HeatDay.day.between(since.date() - REACH, until.date() + REACH)
    chosen = select(HeatDay.district_code, HeatDay.day, HeatDay.celsius).where(days)
    return {(district, day): celsius for district, day, celsius in db.session.execute(chosen)}
