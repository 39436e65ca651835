"""The waiting list, and the offers that stand."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from stations.kernel.db import db
from stations.kernel.errors import NotFound
from stations.kernel.text import _
from stations.places.models import Station
from stations.shifts.models.people import Volunteer
from stations.shifts.models.placing import WaitingEntry
from stations.shifts.models.planning import Shift, ShiftNeed
from stations.shifts.queries.scopes import AnySelect
from stations.shifts.rules.states import WaitState


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One volunteer who waits for a place of a need, or to whom it is offered until `offered_until`."""

    id: int
    state: WaitState
    need_id: int
    skill: str
    shift_id: int
    station: str
    station_name: str
    path: str
    post: str
    starts_at: datetime
    ends_at: datetime
    volunteer_id: int
    staff_no: str
    name: str
    volunteer_path: str
    asked_at: datetime
    offered_at: datetime | None
    offered_until: datetime | None


def get_entry(entry_id: int) -> WaitingRow:
    """The entry of that id, an ended one too."""
    rows = _load(WaitingEntry.id == entry_id)
    if not rows:
        raise NotFound("waiting.unknown", _("There is no such entry on the waiting list."))
    return rows[0]


def list_waiting(need_ids: Collection[int]) -> list[WaitingRow]:
    """Who waits for places of these needs, in the order in which they are asked; who was offered one is left out."""
    return _load(WaitingEntry.need_id.in_(sorted(need_ids)), WaitingEntry.state == WaitState.WAITING.value)


def list_waits_of(volunteer_id: int) -> list[WaitingRow]:
    """What one volunteer waits for or is offered."""
    live = WaitingEntry.state.in_([WaitState.WAITING.value, WaitState.OFFERED.value])
    return _load(WaitingEntry.volunteer_id == volunteer_id, live)


def list_lapsed_offers(now: datetime) -> list[WaitingRow]:
    """The offers whose time is over."""
    return _load(WaitingEntry.state == WaitState.OFFERED.value, WaitingEntry.offered_until <= now)


def _load(*wanted: ColumnElement[bool]) -> list[WaitingRow]:
    chosen: AnySelect = (
        select(
            WaitingEntry.id, WaitingEntry.state, ShiftNeed.id, ShiftNeed.skill, Shift.id, Station.code, Station.name,
            Station.path, Shift.post, Shift.starts_at, Shift.ends_at, Volunteer.id, Volunteer.staff_no, Volunteer.name,
            Volunteer.path, WaitingEntry.asked_at, WaitingEntry.offered_at, WaitingEntry.offered_until,
        )
        .select_from(WaitingEntry)
        .join(ShiftNeed, ShiftNeed.id == WaitingEntry.need_id)
        .join(Shift, Shift.id == ShiftNeed.shift_id)
        .join(Station, Station.id == Shift.station_id)
        .join(Volunteer, Volunteer.id == WaitingEntry.volunteer_id)
        .where(*wanted)
        .order_by(ShiftNeed.id, WaitingEntry.asked_at, WaitingEntry.id)
    )  # fmt: skip
    return [WaitingRow(entry, WaitState(state), *rest) for entry, state, *rest in db.session.execute(chosen)]
