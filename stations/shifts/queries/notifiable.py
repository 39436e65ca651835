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
from stations.shifts.rules.states import AssignmentState, Source, SwapState, WaitState

FRESH = timedelta(days=1)
BY_OTHERS = (Source.LEADER, Source.ADMIN, Source.OPTIMIZER, Source.IMPORT)


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


def list_ahead(now: datetime, until: datetime) -> list[NotifiableRow]:
    """Confirmed places on shifts that begin after `now` and before `until`."""
    rows = _of_assignments(Assignment.at, Shift.starts_at, AssignmentState.CONFIRMED)
    return _load(rows.where(Assignment.starts_at > now, Assignment.starts_at < until))


def list_placed(now: datetime) -> list[NotifiableRow]:
    """Places that others gave within a day, and that the volunteer has not yet taken up."""
    rows = _of_assignments(Assignment.at, Shift.ends_at, AssignmentState.CONFIRMED)
    fresh = rows.where(Assignment.at > now - FRESH, Assignment.ends_at > now, Assignment.acknowledged_at.is_(None))
    return _load(fresh.where(Assignment.source.in_([source.value for source in BY_OTHERS])))


def list_moved(now: datetime) -> list[NotifiableRow]:
    """Places whose shift was changed within a day."""
    rows = _of_assignments(Assignment.moved_at, Shift.ends_at, AssignmentState.CONFIRMED)
    return _load(rows.where(Assignment.moved_at > now - FRESH, Assignment.ends_at > now))


def list_ended(now: datetime, state: AssignmentState) -> list[NotifiableRow]:
    """Places that came to that end within a day, on shifts that would not be over yet."""
    rows = _of_assignments(Assignment.ended_at, Shift.ends_at, state)
    return _load(rows.where(Assignment.ended_at > now - FRESH, Assignment.ends_at > now))


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


def list_answers(now: datetime, state: SwapState) -> list[NotifiableRow]:
    """Swaps that were answered so within a day, for who asked."""
    rows = _columns(Swap.id, Swap.ended_at, Shift.ends_at).join(Assignment, Assignment.shift_id == Shift.id)
    rows = rows.join(Swap, Swap.assignment_id == Assignment.id).join(Volunteer, Volunteer.id == Assignment.volunteer_id)
    return _load(rows.where(Swap.state == state.value, Swap.ended_at > now - FRESH, Shift.ends_at > now))


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
