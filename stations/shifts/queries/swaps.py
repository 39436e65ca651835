"""Questions to take over or to exchange an assignment."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select

from stations.kernel.db import db
from stations.kernel.errors import NotFound
from stations.kernel.text import _
from stations.shifts.models.placing import Assignment, Swap
from stations.shifts.queries.scopes import AnySelect
from stations.shifts.rules.states import SwapState


@dataclass(frozen=True, slots=True)
class SwapRow:
    """Whoever holds `assignment_id` (`holder_id`) asks `volunteer_id` to take it over; in exchange for
    `other_assignment_id` where there is one."""

    id: int
    state: SwapState
    assignment_id: int
    holder_id: int
    volunteer_id: int
    other_assignment_id: int | None
    asked_by: str
    asked_at: datetime
    until: datetime


def get_swap(swap_id: int) -> SwapRow:
    """The question of that id, an answered one too."""
    rows = _load(Swap.id == swap_id)
    if not rows:
        raise NotFound("swap.unknown", _("There is no such swap."))
    return rows[0]


def list_swaps_of(volunteer_id: int) -> list[SwapRow]:
    """The open questions that a volunteer has asked or been asked, the first to lapse first."""
    mine = or_(Swap.volunteer_id == volunteer_id, Assignment.volunteer_id == volunteer_id)
    return _load(mine, Swap.state == SwapState.ASKED.value)


def _load(*wanted: ColumnElement[bool]) -> list[SwapRow]:
    chosen: AnySelect = (
        select(
            Swap.id, Swap.state, Swap.assignment_id, Assignment.volunteer_id, Swap.volunteer_id,
            Swap.other_assignment_id, Swap.asked_by, Swap.asked_at, Swap.until,
        )
        .join(Assignment, Assignment.id == Swap.assignment_id)
        .where(*wanted)
        .order_by(Swap.until, Swap.id)
    )  # fmt: skip
    return [SwapRow(swap, SwapState(state), *rest) for swap, state, *rest in db.session.execute(chosen)]
