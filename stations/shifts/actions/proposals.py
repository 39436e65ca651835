"""The optimizer's roster: kept as a proposal beside the one that stands, then accepted whole, in part or not at all.
What is accepted passes the guard like everything else, at that moment."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from stations.accounts.rules import Actor
from stations.kernel import audit, clock
from stations.kernel.db import changed_one, db
from stations.kernel.errors import Invalid, Refused
from stations.kernel.text import Text, _
from stations.shifts.actions.placing import PlaceOrder, Verdict, place_all
from stations.shifts.actions.telling import tell
from stations.shifts.models.placing import Assignment, RosterProposal
from stations.shifts.models.planning import ShiftNeed
from stations.shifts.queries.assignments import list_proposed
from stations.shifts.queries.judging import load_seats
from stations.shifts.queries.proposals import get_proposal
from stations.shifts.rules.states import AssignmentState, Source

CLOSED: Text = _("This proposal was decided on already, or a newer one has taken its place.")


@dataclass(frozen=True)
class ProposalOrder:
    """A roster for the shifts below `path` that start from `since` to `until`: (need, volunteer) pairs, and what the
    page says of it, as plain JSON."""

    path: str
    since: datetime
    until: datetime
    pairs: tuple[tuple[int, int], ...]
    summary: dict[str, Any]


def keep_proposal(order: ProposalOrder, actor: Actor) -> dict[str, Any]:
    """Keep a proposal; an open one of the same path gives way to it. It takes nobody's place or time."""
    actor.require("shifts.write", order.path)
    now = clock.now()
    older = select(RosterProposal.id).where(RosterProposal.path == order.path, RosterProposal.closed_at.is_(None))
    for proposal_id in list(db.session.execute(older).scalars()):
        _close(proposal_id)
    made = insert(RosterProposal).values(
        path=order.path, since=order.since, until=order.until, summary=order.summary, made_by=actor.username,
        made_at=now,
    )  # fmt: skip
    proposal_id = db.session.execute(made.returning(RosterProposal.id)).scalar_one()
    seats = load_seats(ShiftNeed.id.in_({need_id for need_id, _volunteer in order.pairs}))
    rows = [
        {
            "need_id": need_id, "shift_id": seats[need_id].seat.work.shift_id, "volunteer_id": volunteer_id,
            "proposal_id": proposal_id, "state": AssignmentState.PROPOSED.value, "source": Source.OPTIMIZER.value,
            "starts_at": seats[need_id].seat.work.starts_at, "ends_at": seats[need_id].seat.work.ends_at,
            "override_reason": "", "by": actor.username, "at": now, "end_reason": "", "version": 1,
        }
        for need_id, volunteer_id in order.pairs
        if need_id in seats
    ]  # fmt: skip
    if rows:
        db.session.execute(insert(Assignment), rows)
    audit.record(
        "roster.propose", f"proposal:{proposal_id}", actor=actor.username, scope=order.path,
        after={"places": len(rows)},
    )  # fmt: skip
    tell(order.path)
    return {"id": proposal_id, "places": len(rows)}


def accept_proposal(proposal_id: int, actor: Actor, chosen: Collection[int] | None = None) -> dict[str, Any]:
    """Place those of the proposal's assignments that were chosen (ids; None for all), and close it. What the guard
    refuses by now is left out: `refused` says who and why, as (assignment, sentence)."""
    row = get_proposal(proposal_id)
    actor.require("shifts.write", row.path)
    if row.closed_at is not None:
        raise Refused("proposal.closed", CLOSED)
    proposed = [one for one in list_proposed(row.id) if chosen is None or one.id in chosen]
    if not proposed:
        raise Invalid("proposal.empty", _("Please choose at least one place."), field="chosen")
    orders = [PlaceOrder(one.need_id, one.volunteer_id, proposal_id=row.id) for one in proposed]
    _close(row.id)
    verdicts = place_all(orders, Source.OPTIMIZER, actor)
    placed = sum(verdict.is_granted for verdict in verdicts)
    audit.record(
        "roster.accept", f"proposal:{row.id}", actor=actor.username, scope=row.path,
        after={"placed": placed, "refused": len(verdicts) - placed},
    )  # fmt: skip
    tell(row.path)
    return {"id": row.id, "placed": placed, "refused": _why_not(verdicts, [one.id for one in proposed])}


def reject_proposal(proposal_id: int, actor: Actor) -> dict[str, Any]:
    """Close it; nothing of it is placed."""
    row = get_proposal(proposal_id)
    actor.require("shifts.write", row.path)
    _close(row.id)
    audit.record("roster.reject", f"proposal:{row.id}", actor=actor.username, scope=row.path)
    tell(row.path)
    return {"id": row.id}


def _close(proposal_id: int) -> None:
    still_open = update(RosterProposal).where(RosterProposal.id == proposal_id, RosterProposal.closed_at.is_(None))
    if not changed_one(still_open.values(closed_at=clock.now())):
        raise Refused("proposal.closed", CLOSED)
    db.session.execute(
        delete(Assignment).where(
            Assignment.proposal_id == proposal_id, Assignment.state == AssignmentState.PROPOSED.value
        )
    )


def _why_not(verdicts: Sequence[Verdict], numbers: Sequence[int]) -> list[list[Any]]:
    return [
        [number, str(verdict.objections[0].message)]
        for number, verdict in zip(numbers, verdicts, strict=True)
        if not verdict.is_granted
    ]
