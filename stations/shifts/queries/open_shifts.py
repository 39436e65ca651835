"""The shifts that a volunteer could sign up for, as the guard sees it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from stations.kernel.db import db
from stations.places.models import Station
from stations.seasons.queries import get_calendar
from stations.shifts.models.people import Volunteer
from stations.shifts.models.planning import Shift
from stations.shifts.queries.judging import list_beside, list_held, load_candidates, load_heat, load_seats
from stations.shifts.queries.scopes import below
from stations.shifts.rules.placing import objections
from stations.shifts.rules.rows import Limits, Objection, Seat
from stations.shifts.rules.spans import minutes_from_home


@dataclass(frozen=True, slots=True)
class OpenShift:
    """A seat and what speaks against the volunteer in it; nothing does where they may sign up or, where it is full,
    wait. `way_minutes` is from about where they live, 0 where that is not known."""

    seat: Seat
    objections: tuple[Objection, ...]
    way_minutes: int

    @property
    def is_full(self) -> bool:
        """Whether every place is taken or kept for somebody."""
        return self.seat.taken >= self.seat.places

    @property
    def may_take(self) -> bool:
        """Whether they may sign up now."""
        return not self.objections and not self.is_full


def list_shift_days(path: str, since: datetime) -> list[date]:
    """The local days on which live shifts below `path` begin from then on."""
    chosen = select(Shift.starts_at).distinct().join(Station, Station.id == Shift.station_id)
    live = chosen.where(Shift.cancelled_at.is_(None), Shift.starts_at >= since, below(Station.path, (path,)))
    zone = get_calendar().zone
    return sorted({starts_at.astimezone(zone).date() for starts_at in db.session.execute(live).scalars()})


def list_open_shifts_for(
    volunteer_id: int, path: str, since: datetime, until: datetime, limits: Limits | None = None
) -> list[OpenShift]:
    """Every seat below `path` that begins in the span, by start, with what speaks against that volunteer; the shifts
    that they hold are left out. As many SELECTs for one seat as for a thousand."""
    limits = limits or Limits()
    candidate = load_candidates(Volunteer.id == volunteer_id, since, until).get(volunteer_id)
    wanted = below(Station.path, (path,)), Shift.starts_at >= since, Shift.starts_at < until
    seats = [row.seat for row in load_seats(*wanted).values()]
    if candidate is None or not seats:
        return []
    held = list_held(since, max(seat.work.ends_at for seat in seats), [volunteer_id]).get(volunteer_id, [])
    mine = {one.work.shift_id for one in held}
    beside = list_beside({seat.work.shift_id for seat in seats})
    heat, zone = load_heat(since, until), get_calendar().zone
    rows = []
    for seat in seats:
        work = seat.work
        if work.shift_id in mine:
            continue
        found = objections(
            candidate, work, seat.skill, held, limits, heat, zone=zone, beside=beside[work.shift_id], asks_self=True
        )
        rows.append(OpenShift(seat, found, minutes_from_home(candidate.lat, candidate.lon, work, limits)))
    return rows
