"""What fills a free place at once: the change that the optimizer proposed, accepted whole or not at all."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import delete

from stations.accounts.rules import Actor
from stations.kernel import audit
from stations.kernel.db import db
from stations.kernel.errors import Invalid
from stations.kernel.replay import Answer, once
from stations.kernel.text import _
from stations.shifts.actions.placing import PlaceOrder, Unplaced, note_placed, place_all
from stations.shifts.models.placing import Assignment
from stations.shifts.queries.shifts import get_shift
from stations.shifts.rules.states import AssignmentState, Source

MOST_CHANGED = 4  # who steps in, and three others

Pair = tuple[int, int]


def accept_replacement(
    request_id: str, shift_id: int, placed: Sequence[Pair], taken_back: Sequence[Pair], who: Actor
) -> Answer:
    """Place (need, volunteer) pairs and take back those that were only proposed, all of it or nothing. Each place is
    judged by the guard at this moment. Raises Unplaced, saying why not."""

    def do() -> dict[str, Any]:
        row = get_shift(shift_id)
        who.require("shifts.write", row.path)
        if not 0 < len(placed) <= MOST_CHANGED or len(taken_back) > MOST_CHANGED:
            raise Invalid("replacement.form", _("Please look for a replacement again."))
        verdicts = place_all([PlaceOrder(*pair) for pair in placed], Source.ADMIN, who)
        refused = next((one for one in verdicts if not one.is_granted), None)
        if refused is not None:
            raise Unplaced(refused.objections)
        _take_back(taken_back, {volunteer_id for _need, volunteer_id in placed})
        note_placed(verdicts, Source.ADMIN, who)
        audit.record(
            "shift.replace", f"shift:{row.id}", actor=who.username, scope=row.path,
            after={"placed": [list(pair) for pair in placed], "taken_back": [list(pair) for pair in taken_back]},
        )  # fmt: skip
        return {"shift": row.id, "assignments": [one.assignment_id for one in verdicts]}

    mark = sha256(repr((sorted(placed), sorted(taken_back))).encode()).hexdigest()[:16]
    return once(request_id, f"shift.replace {shift_id} {mark}", who.username, do)


def _take_back(pairs: Sequence[Pair], placed: set[int]) -> None:
    """Only proposals, which hold nobody's time, and only of those who are placed elsewhere instead."""
    for need_id, volunteer_id in pairs:
        if volunteer_id in placed:
            db.session.execute(
                delete(Assignment).where(
                    Assignment.need_id == need_id, Assignment.volunteer_id == volunteer_id,
                    Assignment.state == AssignmentState.PROPOSED.value,
                )
            )  # fmt: skip
