"""Giving a place back. Whoever waits for it is offered it at once."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import or_, update

from stations.kernel import audit, clock
from stations.kernel.db import changed_one, db
from stations.kernel.errors import Invalid, Refused
from stations.kernel.text import Text, _
from stations.shifts.actions.acting import Oneself, Who, note_seen, require_either
from stations.shifts.actions.offering import note_offered, offer_next
from stations.shifts.actions.telling import tell
from stations.shifts.models.placing import Assignment, Swap
from stations.shifts.models.planning import ShiftNeed
from stations.shifts.queries.assignments import AssignmentRow, get_assignment, load_assignments
from stations.shifts.queries.volunteers import lock_volunteers
from stations.shifts.rules.states import AssignmentState, Source, SwapState

OVER: Text = _("This place was given back already.")


def drop(assignment_id: int, who: Who, reason: str = "") -> dict[str, Any]:
    """Give a place back: by the volunteer until the shift begins, by a leader or an organizer with a reason. One that
    others gave and the volunteer never took up counts as declined. The next on the waiting list is offered it."""
    row = get_assignment(assignment_id)
    require_either(who, row.path, row.volunteer_id, row.volunteer_path)
    if isinstance(who, Oneself):
        if row.starts_at <= clock.now():
            raise Refused("shift.over", _("This shift has begun. Please call your team leader."))
    elif not reason.strip():
        raise Invalid("drop.reason", _("Please say why."), field="reason")
    lock_volunteers([row.volunteer_id])
    release([row], _end_of(row, who), reason)
    offered = offer_next([row.need_id])
    note_seen(who)
    note_dropped([row], who, reason)
    note_offered(offered)
    tell(row.path)
    return {"id": row.id, "shift": row.shift_id, "offers": len(offered)}


def _end_of(row: AssignmentRow, who: Who) -> AssignmentState:
    if not isinstance(who, Oneself):
        return AssignmentState.REMOVED
    never_theirs = row.source != Source.SELF and row.acknowledged_at is None
    return AssignmentState.DECLINED if never_theirs else AssignmentState.DROPPED


def acknowledge(assignment_id: int, who: Oneself) -> dict[str, Any]:
    """Say that one will come."""
    row = get_assignment(assignment_id)
    require_either(who, row.path, row.volunteer_id, row.volunteer_path)
    held = update(Assignment).where(Assignment.id == row.id, Assignment.state == AssignmentState.CONFIRMED.value)
    if not changed_one(held.values(acknowledged_at=clock.now(), version=Assignment.version + 1)):
        raise Refused("assignment.over", OVER)
    note_seen(who)
    tell(row.path)
    return {"id": row.id, "shift": row.shift_id}


def release(rows: Sequence[AssignmentRow], state: AssignmentState, reason: str) -> None:
    """End confirmed assignments, free their places and withdraw what was asked about them. The caller has locked the
    volunteers. Raises Refused where one of them has ended already."""
    now = clock.now()
    for row in sorted(rows, key=lambda one: one.need_id):
        held = update(Assignment).where(Assignment.id == row.id, Assignment.state == AssignmentState.CONFIRMED.value)
        ended = {"state": state.value, "ended_at": now, "end_reason": reason.strip()[:200]}
        if not changed_one(held.values(version=Assignment.version + 1, **ended)):
            raise Refused("assignment.over", OVER)
        taken = update(ShiftNeed).where(ShiftNeed.id == row.need_id, ShiftNeed.taken > 0)
        db.session.execute(taken.values(taken=ShiftNeed.taken - 1))
    _withdraw_swaps([row.id for row in rows])


def _withdraw_swaps(assignment_ids: Collection[int]) -> None:
    about = or_(Swap.assignment_id.in_(assignment_ids), Swap.other_assignment_id.in_(assignment_ids))
    asked = update(Swap).where(about, Swap.state == SwapState.ASKED.value)
    db.session.execute(asked.values(state=SwapState.WITHDRAWN.value, ended_at=clock.now()))


def release_ahead(volunteer_id: int, reason: str) -> tuple[list[AssignmentRow], list[int]]:
    """Free what a volunteer, who is locked, holds from now on: the rows, and their needs."""
    mine = Assignment.volunteer_id == volunteer_id
    ahead = Assignment.state == AssignmentState.CONFIRMED.value, Assignment.starts_at > clock.now()
    rows = load_assignments(mine, *ahead)
    release(rows, AssignmentState.DROPPED, reason)
    return rows, [row.need_id for row in rows]


def note_dropped(rows: Sequence[AssignmentRow], who: Who, reason: str) -> None:
    """One audit line for each place that was given back. What a volunteer typed may be of their health: it is kept
    with the assignment, which is erased one day, and not here."""
    for row in rows:
        audit.record(
            "shift.drop", f"shift:{row.shift_id}", actor=who.username, scope=row.path,
            before={"assignment": row.id, "volunteer": row.volunteer_id, "source": row.source},
            reason="" if isinstance(who, Oneself) else reason.strip(),
        )  # fmt: skip
