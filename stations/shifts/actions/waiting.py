"""The waiting list: joining, leaving, and answering an offer."""

from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from stations.kernel import audit, clock
from stations.kernel.db import attempt, changed_one, db
from stations.kernel.errors import Refused
from stations.kernel.replay import Answer, once
from stations.kernel.text import Text, _
from stations.shifts.actions.acting import Oneself, Who, note_seen, require_either
from stations.shifts.actions.offering import give_back, note_offered, offer_next
from stations.shifts.actions.placing import FULL, PlaceOrder, Unplaced, judge, note_placed, place_all
from stations.shifts.actions.telling import tell
from stations.shifts.models.placing import WaitingEntry
from stations.shifts.queries.volunteers import lock_volunteers
from stations.shifts.queries.waiting import WaitingRow, get_entry, list_lapsed_offers
from stations.shifts.rules.states import Source, WaitState

OVER: Text = _("This offer is over.")


def join_waiting(need_id: int, volunteer_id: int, who: Who) -> dict[str, Any]:
    """Wait for a place of a need, behind whoever waits already. Refused where a place is free, where the guard objects
    to the volunteer, and to whoever waits for it."""
    verdict = judge(PlaceOrder(need_id, volunteer_id), who)
    others = [one for one in verdict.objections if one.code != FULL]
    if others:
        raise Unplaced(others)
    if not verdict.objections:
        raise Refused("waiting.free", _("There is a free place. Please sign up for it."))
    entry = insert(WaitingEntry).values(
        need_id=need_id, volunteer_id=volunteer_id, state=WaitState.WAITING.value, asked_at=clock.now()
    )
    try:
        with attempt():
            entry_id = db.session.execute(entry.returning(WaitingEntry.id)).scalar_one()
    except IntegrityError:
        raise Refused("waiting.twice", _("You are on the waiting list for this already.")) from None
    note_seen(who)
    _note("shift.wait", get_entry(entry_id), who)
    return {"id": entry_id, "shift": verdict.work.shift_id}


def leave_waiting(entry_id: int, who: Who) -> dict[str, Any]:
    """Wait no longer, or decline what is offered; then the next one is offered it."""
    row = get_entry(entry_id)
    require_either(who, row.path, row.volunteer_id, row.volunteer_path)
    state = WaitState.DECLINED if row.state is WaitState.OFFERED else WaitState.LEFT
    offered = _end(row, state)
    note_seen(who)
    _note("shift.wait_end", row, who)
    note_offered(offered)
    return {"id": row.id, "shift": row.shift_id, "offers": len(offered)}


def accept_offer(request_id: str, entry_id: int, who: Oneself) -> Answer:
    """Take the place that is kept. The guard is asked again: other things may be held by now. Raises Unplaced."""

    def do() -> dict[str, Any]:
        row = get_entry(entry_id)
        lock_volunteers([row.volunteer_id])
        now = clock.now()
        offered = update(WaitingEntry).where(
            WaitingEntry.id == row.id, WaitingEntry.state == WaitState.OFFERED.value, WaitingEntry.offered_until > now
        )
        if not changed_one(offered.values(state=WaitState.ACCEPTED.value, ended_at=now)):
            raise Refused("offer.over", OVER)
        order = PlaceOrder(row.need_id, row.volunteer_id, takes_offer=True)
        (verdict,) = place_all([order], Source.OFFER, who)
        if not verdict.is_granted:
            raise Unplaced(verdict.objections)
        note_seen(who)
        note_placed([verdict], Source.OFFER, who)
        return {"id": verdict.assignment_id, "shift": row.shift_id, "volunteer": row.volunteer_id}

    return once(request_id, f"shift.accept {entry_id}", who.username, do)


def lapse_offers() -> list[int]:
    """End the offers whose time is over and offer their places to the next; the ended entries. For the program's
    round of every minute."""
    lapsed, offered = [], []
    for row in list_lapsed_offers(clock.now()):
        if _is_ended(row, WaitState.LAPSED):
            give_back(row.need_id)
            lapsed.append(row)
            offered += offer_next([row.need_id])
    note_offered(offered)
    if lapsed:
        tell(*(row.path for row in lapsed))
    return [row.id for row in lapsed]


def _end(row: WaitingRow, state: WaitState) -> list[WaitingRow]:
    if not _is_ended(row, state):
        raise Refused("offer.over", OVER)
    if row.state is not WaitState.OFFERED:
        return []
    give_back(row.need_id)
    return offer_next([row.need_id])


def _is_ended(row: WaitingRow, state: WaitState) -> bool:
    same = update(WaitingEntry).where(WaitingEntry.id == row.id, WaitingEntry.state == row.state.value)
    live = same.where(WaitingEntry.state.in_([WaitState.WAITING.value, WaitState.OFFERED.value]))
    return changed_one(live.values(state=state.value, ended_at=clock.now()))


def _note(action: str, row: WaitingRow, who: Who) -> None:
    audit.record(
        action, f"shift:{row.shift_id}", actor=who.username, scope=row.path,
        after={"entry": row.id, "volunteer": row.volunteer_id},
    )  # fmt: skip
    tell(row.path)
