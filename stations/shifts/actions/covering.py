"""Somebody else takes the place of one who is missing: both in one transaction, and both are kept."""

from typing import Any

from stations.accounts.rules import Actor
from stations.kernel.errors import Refused
from stations.kernel.replay import Answer, once
from stations.kernel.text import _
from stations.shifts.actions.acting import require_either
from stations.shifts.actions.dropping import note_dropped, release
from stations.shifts.actions.placing import PlaceOrder, Unplaced, note_placed, place_all
from stations.shifts.queries.assignments import get_assignment
from stations.shifts.queries.attendance import lock_attendance
from stations.shifts.queries.volunteers import lock_volunteers
from stations.shifts.rules.states import AssignmentState, Source

COVERED = "covered by another"


def cover(request_id: str, assignment_id: int, volunteer_id: int, who: Actor) -> Answer:
    """Give the place of somebody who has not come to another, past the waiting list. Raises Unplaced, and Refused for
    one who is there; then nothing has changed."""

    def do() -> dict[str, Any]:
        row = get_assignment(assignment_id)
        require_either(who, row.path, row.volunteer_id, row.volunteer_path)
        lock_volunteers([row.volunteer_id, volunteer_id])
        if lock_attendance(assignment_id).in_at is not None:
            raise Refused("cover.present", _("They have come meanwhile."))
        release([row], AssignmentState.REMOVED, COVERED)
        (verdict,) = place_all([PlaceOrder(row.need_id, volunteer_id)], Source.LEADER, who)
        if not verdict.is_granted:
            raise Unplaced(verdict.objections)
        note_dropped([row], who, COVERED)
        note_placed([verdict], Source.LEADER, who)
        return {"id": verdict.assignment_id, "shift": row.shift_id, "volunteer": volunteer_id, "covers": row.id}

    return once(request_id, f"shift.cover {assignment_id} {volunteer_id}", who.username, do)
