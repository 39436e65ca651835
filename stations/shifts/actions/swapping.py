"""Swaps: somebody asks another to take over a shift, or to exchange it for one of theirs. Nothing changes hands before
the other agrees, and then all of it or nothing does."""

from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from stations.accounts.rules import Actor
from stations.kernel import audit, clock
from stations.kernel.db import attempt, changed_one, db
from stations.kernel.errors import Forbidden, Invalid, NotFound, Refused
from stations.kernel.replay import Answer, once
from stations.kernel.text import Text, _
from stations.shifts.actions.acting import NOT_YOURS, Oneself, Who, note_seen, require_either
from stations.shifts.actions.dropping import OVER, note_dropped, release
from stations.shifts.actions.placing import PlaceOrder, Unplaced, Verdict, note_placed, place_all
from stations.shifts.actions.telling import tell
from stations.shifts.models.placing import Swap
from stations.shifts.queries.assignments import AssignmentRow, get_assignment
from stations.shifts.queries.known import NO_COLLEAGUE, are_colleagues
from stations.shifts.queries.swaps import SwapRow, get_swap
from stations.shifts.queries.volunteers import (
    VolunteerRow,
    find_volunteer,
    get_volunteer,
    lock_volunteers,
)
from stations.shifts.rules.offers import question_until
from stations.shifts.rules.states import AssignmentState, Source, SwapState

ANSWERED: Text = _("This question was answered already, or it is too late.")


def ask_swap(assignment_id: int, staff_no: str, who: Who, other_assignment_id: int | None = None) -> dict[str, Any]:
    """Ask the volunteer of that number to take over an assignment, for one of theirs where it is named. One question
    an assignment; asked by its holder or by who leads them. A holder may ask colleagues; everybody else is answered as
    a number that does not exist, so that nobody learns here who else has a file."""
    row = _get_held(assignment_id)
    require_either(who, row.path, row.volunteer_id, row.volunteer_path)
    to = _find_asked(row, staff_no.strip(), who)
    if to.id == row.volunteer_id:
        raise Invalid("swap.self", _("Please name somebody else."), field="staff_no")
    if other_assignment_id is not None and _get_held(other_assignment_id).volunteer_id != to.id:
        raise Invalid("swap.other", _("That shift is not theirs."), field="other")
    until = question_until(clock.now(), row.starts_at)
    if until is None:
        raise Refused("shift.over", _("The shift begins too soon for a swap. Please call your team leader."))
    question = insert(Swap).values(
        assignment_id=row.id, volunteer_id=to.id, other_assignment_id=other_assignment_id,
        state=SwapState.ASKED.value, asked_by=who.username, asked_at=clock.now(), until=until,
    )  # fmt: skip
    try:
        with attempt():
            swap_id = db.session.execute(question.returning(Swap.id)).scalar_one()
    except IntegrityError:
        raise Refused("swap.asked", _("Somebody was asked already. Withdraw that question first.")) from None
    note_seen(who)
    _note("swap.ask", row, who, swap_id)
    return {"id": swap_id, "shift": row.shift_id}


def _find_asked(row: AssignmentRow, staff_no: str, who: Who) -> VolunteerRow:
    to = find_volunteer(staff_no)
    if to is not None and not to.is_withdrawn:
        if isinstance(who, Actor) and who.may("shifts.read", to.path):
            return to
        if are_colleagues(get_volunteer(row.volunteer_id), to):
            return to
    raise NotFound("volunteer.unknown", NO_COLLEAGUE, field="staff_no")


def agree_swap(request_id: str, swap_id: int, who: Oneself) -> Answer:
    """Agree to it: both assignments change hands at once, each new placement judged by the guard. Raises Unplaced with
    what speaks against it; then both keep what they had, and the question stands."""

    def do() -> dict[str, Any]:
        swap = get_swap(swap_id)
        _require_asked(swap, who)
        lock_volunteers([swap.holder_id, swap.volunteer_id])
        given = _get_held(swap.assignment_id)
        taken = None if swap.other_assignment_id is None else _get_held(swap.other_assignment_id)
        _answer(swap, SwapState.AGREED)
        verdicts = _change_hands(given, taken, swap.volunteer_id)
        note_seen(who)
        _note("swap.agree", given, who, swap.id)
        note_dropped([given, *([taken] if taken else [])], who, "")
        note_placed(verdicts, Source.SWAP, who)
        return {"id": swap.id, "assignments": [verdict.assignment_id for verdict in verdicts]}

    return once(request_id, f"swap.agree {swap_id}", who.username, do)


def _change_hands(given: AssignmentRow, taken: AssignmentRow | None, to: int) -> list[Verdict]:
    """Free both places and give each to the other, in this transaction, which holds the rows of both needs. What is
    judged is as if each took the place by themselves: their consent was asked."""
    release([given, *([taken] if taken else [])], AssignmentState.DROPPED, "")
    orders = [PlaceOrder(given.need_id, to)]
    if taken is not None:
        orders.append(PlaceOrder(taken.need_id, given.volunteer_id))
    verdicts = [verdict for order in orders for verdict in place_all([order], Source.SWAP, Oneself(order.volunteer_id))]
    for verdict in verdicts:
        if not verdict.is_granted:
            raise Unplaced(verdict.objections)
    return verdicts


def refuse_swap(swap_id: int, who: Oneself) -> dict[str, Any]:
    """Say no to it."""
    swap = get_swap(swap_id)
    _require_asked(swap, who)
    _answer(swap, SwapState.REFUSED)
    note_seen(who)
    _note("swap.refuse", get_assignment(swap.assignment_id), who, swap.id)
    return {"id": swap.id}


def withdraw_swap(swap_id: int, who: Who) -> dict[str, Any]:
    """Ask no longer."""
    swap = get_swap(swap_id)
    row = get_assignment(swap.assignment_id)
    require_either(who, row.path, row.volunteer_id, row.volunteer_path)
    _answer(swap, SwapState.WITHDRAWN)
    note_seen(who)
    _note("swap.withdraw", row, who, swap.id)
    return {"id": swap.id}


def lapse_swaps() -> int:
    """End the questions that nobody answered in time; how many. For the program's round of every minute."""
    now = clock.now()
    late = update(Swap).where(Swap.state == SwapState.ASKED.value, Swap.until <= now)
    ended = late.values(state=SwapState.LAPSED.value, ended_at=now).returning(Swap.id)
    return len(list(db.session.execute(ended).scalars()))


def _get_held(assignment_id: int) -> AssignmentRow:
    row = get_assignment(assignment_id)
    if row.state != AssignmentState.CONFIRMED or row.is_cancelled:
        raise Refused("assignment.over", OVER)
    return row


def _require_asked(swap: SwapRow, who: Oneself) -> None:
    if who.volunteer_id != swap.volunteer_id:
        raise Forbidden("permission.missing", NOT_YOURS)


def _answer(swap: SwapRow, state: SwapState) -> None:
    now = clock.now()
    asked = update(Swap).where(Swap.id == swap.id, Swap.state == SwapState.ASKED.value, Swap.until > now)
    if not changed_one(asked.values(state=state.value, ended_at=now)):
        raise Refused("swap.over", ANSWERED)


def _note(action: str, row: AssignmentRow, who: Who, swap_id: int) -> None:
    audit.record(
        action, f"shift:{row.shift_id}", actor=who.username, scope=row.path,
        after={"swap": swap_id, "assignment": row.id},
    )  # fmt: skip
    tell(row.path)
