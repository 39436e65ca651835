"""Offering a free place to the next one who waits for it. The offer keeps the place: `ShiftNeed.offered`."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update

from stations.kernel import audit, clock
from stations.kernel.db import changed_one, db
from stations.kernel.errors import NotFound
from stations.seasons.queries import get_calendar
from stations.shifts.actions.acting import Oneself
from stations.shifts.actions.placing import FULL, PlaceOrder, judge
from stations.shifts.models.placing import WaitingEntry
from stations.shifts.models.planning import ShiftNeed
from stations.shifts.queries.waiting import WaitingRow, list_waiting
from stations.shifts.rules.offers import offer_until
from stations.shifts.rules.states import WaitState


def offer_next(need_ids: Collection[int]) -> list[WaitingRow]:
    """Offer every free place of these needs to the next in rank, at once; who was offered one. Whoever the guard would
    now refuse is passed over and goes on waiting. Nothing where the shift begins too soon for an answer: its places
    are for whoever can come."""
    now, zone = clock.now(), get_calendar().zone
    offered = []
    for row in list_waiting(need_ids):
        until = offer_until(now, row.starts_at, zone)
        if until is not None and _may_come(row) and _keep_place(row.need_id) and _offer(row, now, until):
            offered.append(row)
    return offered


def note_offered(rows: Collection[WaitingRow]) -> None:
    """One audit line for each offer."""
    for row in rows:
        audit.record(
            "shift.offer", f"shift:{row.shift_id}", actor="program", scope=row.path,
            after={"entry": row.id, "volunteer": row.volunteer_id},
        )  # fmt: skip


def _may_come(row: WaitingRow) -> bool:
    order = PlaceOrder(row.need_id, row.volunteer_id)
    try:
        verdict = judge(order, Oneself(row.volunteer_id), locks=False)
    except NotFound:  # they withdraw at this moment
        return False
    return all(one.code == FULL for one in verdict.objections)


def _keep_place(need_id: int) -> bool:
    free = update(ShiftNeed).where(ShiftNeed.id == need_id, ShiftNeed.taken + ShiftNeed.offered < ShiftNeed.places)
    return changed_one(free.values(offered=ShiftNeed.offered + 1))


def give_back(need_id: int) -> None:
    """Keep one place less of a need: its offer is over."""
    kept = update(ShiftNeed).where(ShiftNeed.id == need_id, ShiftNeed.offered > 0)
    db.session.execute(kept.values(offered=ShiftNeed.offered - 1))


def _offer(row: WaitingRow, now: datetime, until: datetime) -> bool:
    """Whether they still wait; if not, the place is free again for the next one."""
    waits = update(WaitingEntry).where(WaitingEntry.id == row.id, WaitingEntry.state == WaitState.WAITING.value)
    if changed_one(waits.values(state=WaitState.OFFERED.value, offered_at=now, offered_until=until)):
        return True
    give_back(row.need_id)
    return False


def end_waits(*, need_ids: Collection[int] = (), volunteer_id: int | None = None) -> list[int]:
    """End every wait for these needs, or of that volunteer, as nobody waits any more; the needs of which places are
    free again."""
    live = WaitingEntry.state.in_([WaitState.WAITING.value, WaitState.OFFERED.value])
    whose = WaitingEntry.need_id.in_(sorted(need_ids)) if volunteer_id is None else (
        WaitingEntry.volunteer_id == volunteer_id
    )  # fmt: skip
    chosen = select(WaitingEntry.id, WaitingEntry.need_id, WaitingEntry.state).where(live, whose)
    rows = db.session.execute(chosen.order_by(WaitingEntry.need_id, WaitingEntry.id).with_for_update()).all()
    over = update(WaitingEntry).where(WaitingEntry.id.in_([row.id for row in rows]))
    db.session.execute(over.values(state=WaitState.LEFT.value, ended_at=clock.now()))
    freed = [row.need_id for row in rows if row.state == WaitState.OFFERED.value]
    for need_id in freed:
        give_back(need_id)
    return freed
