"""Which volunteers ought to hear of something, as the shifts stand now, and where they are reached."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select

from stations.kernel.db import db
from stations.places.models import Station
from stations.shifts.models.people import Volunteer
from stations.shifts.models.placing import Assignment, Swap, WaitingEntry
from stations.shifts.models.planning import Shift, ShiftNeed
from stations.shifts.queries.scopes import AnySelect
from stations.shifts.rules.states import AssignmentState, SwapState, WaitState

FRESH = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NotifiableRow:
    """What one volunteer ought to hear: the assignment, offer or swap `id` came to be `at`; `until` ends its use."""

    id: int
    at: datetime
    until: datetime
    starts_at: datetime
    ends_at: datetime
    station_name: str
    volunteer_id: int
    path: str


def list_ahead(now: datetime) -> list[NotifiableRow]:
    """Confirmed places on shifts that begin within two days."""
    rows = _of_assignments(Assignment.at, Shift.starts_at, AssignmentState.CONFIRMED)
    return _load(rows.where(Shift.starts_at > now, Shift.starts_at < now + 2 * FRESH))


def list_called_off(now: datetime) -> list[NotifiableRow]:
    """Places on shifts that were cancelled within a day and would not be over yet."""
    rows = _of_assignments(Assignment.ended_at, Shift.ends_at, AssignmentState.CANCELLED)
    return _load(rows.where(Assignment.ended_at > now - FRESH, Shift.ends_at > now))


def list_offers(now: datetime) -> list[NotifiableRow]:
    """Offers that stand."""
    rows = _columns(WaitingEntry.id, WaitingEntry.offered_at, WaitingEntry.offered_until)
    rows = rows.join(ShiftNeed, ShiftNeed.shift_id == Shift.id).join(WaitingEntry, WaitingEntry.need_id == ShiftNeed.id)
    rows = rows.join(Volunteer, Volunteer.id == WaitingEntry.volunteer_id)
    return _load(rows.where(WaitingEntry.state == WaitState.OFFERED.value, WaitingEntry.offered_until > now))


def list_questions(now: datetime) -> list[NotifiableRow]:
    """Swaps that somebody is asked about."""
    rows = _columns(Swap.id, Swap.asked_at, Swap.until).join(Assignment, Assignment.shift_id == Shift.id)
    rows = rows.join(Swap, Swap.assignment_id == Assignment.id).join(Volunteer, Volunteer.id == Swap.volunteer_id)
    return _load(rows.where(Swap.state == SwapState.ASKED.value, Swap.until > now))


def find_address(volunteer_id: int) -> tuple[str, str] | None:
    """The phone number ('' for none) and the staff number of a volunteer who has not withdrawn."""
    mine = select(Volunteer.phone, Volunteer.staff_no).where(Volunteer.id == volunteer_id)
    row = db.session.execute(mine.where(Volunteer.withdrawn_at.is_(None))).one_or_none()
    return (row.phone, row.staff_no) if row else None


def erased_volunteers() -> Select[Any]:
    """A query of the ids of who was erased."""
    return select(Volunteer.id).where(Volunteer.erased_at.is_not(None))


def _of_assignments(at: Any, until: Any, state: AssignmentState) -> AnySelect:
    rows = _columns(Assignment.id, at, until).join(Assignment, Assignment.shift_id == Shift.id)
    return rows.join(Volunteer, Volunteer.id == Assignment.volunteer_id).where(Assignment.state == state.value)



def _columns(*first: Any) -> AnySelect:
    rest = (Shift.starts_at, Shift.ends_at, Station.name, Volunteer.id, Volunteer.path)
    return select(*first, *rest).select_from(Shift).join(Station, Station.id == Shift.station_id)


def _load(rows: AnySelect) -> list[NotifiableRow]:
    return [NotifiableRow(*row) for row in db.session.execute(rows.where(Volunteer.withdrawn_at.is_(None))).all()]
