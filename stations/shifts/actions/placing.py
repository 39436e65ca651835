"""Placing volunteers: THE one path to a place of a shift, whoever asks and however it came about. The volunteers' rows
are locked while the guard judges what each of them holds; the database holds the places and that no two overlap."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from stations.accounts.rules import Actor
from stations.kernel import audit, clock
from stations.kernel.db import attempt, changed_one, db
from stations.kernel.errors import NotFound, Refused
from stations.kernel.replay import Answer, once
from stations.kernel.text import _
from stations.seasons.queries import get_calendar
from stations.shifts.actions.acting import Oneself, Who, note_seen, require_either
from stations.shifts.actions.telling import tell
from stations.shifts.models.people import Volunteer
from stations.shifts.models.placing import Assignment
from stations.shifts.models.planning import Shift, ShiftNeed
from stations.shifts.queries.judging import (
    OpenSeat,
    list_beside,
    list_held,
    load_candidates,
    load_heat,
    load_seats,
)
from stations.shifts.queries.shifts import NO_SHIFT
from stations.shifts.queries.volunteers import NO_VOLUNTEER, lock_volunteers
from stations.shifts.rules.placing import objections_to_seat
from stations.shifts.rules.rows import Candidate, Heat, Held, Limits, Objection, Work
from stations.shifts.rules.states import AssignmentState, Source

APART = "assignment_apart"  # the constraint, or the trigger on SQLite
LIMITS = Limits()
FULL = "seat.full"


@dataclass(frozen=True)
class PlaceOrder:
    """Who is to have a place of which need. `override_reason` says why objections that may be overridden do not count;
    `takes_offer` that the place was kept for them, `proposal_id` whose idea it was."""

    need_id: int
    volunteer_id: int
    override_reason: str = ""
    takes_offer: bool = False
    proposal_id: int | None = None


@dataclass(frozen=True)
class Verdict:
    """What came of an order: the assignment's id, or what speaks against it (`objections`, the first is the firmest).
    With both, the objections were overridden. `path` is the station's."""

    order: PlaceOrder
    work: Work
    path: str
    objections: tuple[Objection, ...] = ()
    is_granted: bool = False
    assignment_id: int = 0


class Unplaced(Refused):
    """The guard said no. `objections` is all that it said; `may_override` whether a reason would do."""

    def __init__(self, objections: Sequence[Objection]) -> None:
        super().__init__(objections[0].code, objections[0].message)
        self.objections = tuple(objections)
        self.may_override = all(one.may_override for one in objections)


@dataclass
class _Ground:
    """All that a judgement takes, read once; it learns of every order that it grants."""

    seats: dict[int, OpenSeat]
    candidates: dict[int, Candidate]
    paths: dict[int, str]
    held: dict[int, list[Held]]
    beside: dict[int, set[int]]
    heat: Heat
    now: datetime = field(default_factory=clock.now)

    def grant(self, order: PlaceOrder) -> None:
        """Count the place as taken and the volunteer as bound."""
        known = self.seats[order.need_id]
        seat = known.seat
        if not order.takes_offer:
            self.seats[order.need_id] = replace(known, seat=replace(seat, taken=seat.taken + 1))
        self.held.setdefault(order.volunteer_id, []).append(Held(seat.work, need_id=seat.need_id))
        self.beside[seat.work.shift_id].add(order.volunteer_id)


def place(request_id: str, order: PlaceOrder, source: Source, who: Who) -> Answer:
    """Give one volunteer a place; sent again it answers what it answered. Raises Unplaced, saying why not."""

    def do() -> dict[str, Any]:
        (verdict,) = place_all([order], source, who)
        if not verdict.is_granted:
            raise Unplaced(verdict.objections)
        note_seen(who)
        note_placed([verdict], source, who)
        return {"id": verdict.assignment_id, "shift": verdict.work.shift_id, "volunteer": order.volunteer_id}

    return once(request_id, f"shift.place {order.need_id} {order.volunteer_id}", who.username, do)


def place_all(orders: Sequence[PlaceOrder], source: Source, who: Who) -> list[Verdict]:
    """Judge and place many, one after the other, in a handful of statements; what came of each, in their order. The
    caller says so in the audit trail (`note_placed`) when it has written all the rest."""
    ground = _read_ground(orders)
    for order in orders:
        seat = ground.seats[order.need_id]
        require_either(who, seat.path, order.volunteer_id, ground.paths[order.volunteer_id])
    verdicts = [_decide(order, ground, who) for order in orders]
    granted = [verdict for verdict in verdicts if verdict.is_granted]
    numbers = iter(_insert([_row(verdict, source, who, ground.now) for verdict in granted]))
    return [replace(one, assignment_id=next(numbers)) if one.is_granted else one for one in verdicts]


def judge(order: PlaceOrder, who: Who, *, locks: bool = True) -> Verdict:
    """What `place_all` would say of one order; nothing is written. The volunteer is locked from here on, unless all
    that is wanted is an opinion."""
    ground = _read_ground([order], locks=locks)
    row = ground.seats[order.need_id]
    require_either(who, row.path, order.volunteer_id, ground.paths[order.volunteer_id])
    return Verdict(order, row.seat.work, row.path, _judge(order, ground, who))


def _decide(order: PlaceOrder, ground: _Ground, who: Who) -> Verdict:
    """The guard's word, overridden where somebody says why; the last word is that of the guarded UPDATE."""
    row = ground.seats[order.need_id]
    found = _judge(order, ground, who)
    has_reason = isinstance(who, Actor) and order.override_reason.strip() != ""
    is_granted = not found or (has_reason and all(one.may_override for one in found))
    if is_granted and not _take(order):
        found, is_granted = (_full(row),), False
    if is_granted:
        ground.grant(order)
    return Verdict(order, row.seat.work, row.path, found, is_granted)


def _read_ground(orders: Iterable[PlaceOrder], *, locks: bool = True) -> _Ground:
    """Lock the volunteers, then the shifts against change, then read all that the guard asks."""
    volunteers = {order.volunteer_id for order in orders}
    needs = sorted({order.need_id for order in orders})
    if locks:
        lock_volunteers(volunteers)
        of_needs = select(ShiftNeed.shift_id).where(ShiftNeed.id.in_(needs))
        shifts = select(Shift.id).where(Shift.id.in_(of_needs)).order_by(Shift.id)
        db.session.execute(shifts.with_for_update(read=True)).all()
    seats = load_seats(ShiftNeed.id.in_(needs))
    if len(seats) < len(needs):
        raise NotFound("shift.unknown", NO_SHIFT)
    works = [row.seat.work for row in seats.values()]
    since, until = min(work.starts_at for work in works), max(work.ends_at for work in works)
    scope = Volunteer.id.in_(sorted(volunteers))
    candidates = load_candidates(scope, since, until)
    if len(candidates) < len(volunteers):
        raise NotFound("volunteer.unknown", NO_VOLUNTEER)
    paths = {number: path for number, path in db.session.execute(select(Volunteer.id, Volunteer.path).where(scope))}
    held = list_held(since, until, volunteers)
    beside = list_beside({work.shift_id for work in works})
    return _Ground(seats, candidates, paths, held, beside, load_heat(since, until))


def _judge(order: PlaceOrder, ground: _Ground, who: Who) -> tuple[Objection, ...]:
    seat = ground.seats[order.need_id].seat
    is_own = isinstance(who, Oneself)
    over = seat.work.starts_at if is_own else seat.work.ends_at
    if over <= ground.now:
        return (Objection("shift.over", _("This shift has begun or is over."), may_override=False),)
    if order.takes_offer:
        seat = replace(seat, taken=seat.taken - 1)
    return objections_to_seat(
        ground.candidates[order.volunteer_id], seat, ground.held.get(order.volunteer_id, []), LIMITS, ground.heat,
        zone=get_calendar().zone, beside=ground.beside[seat.work.shift_id], asks_self=is_own,
    )  # fmt: skip


def _take(order: PlaceOrder) -> bool:
    """Take one place of a need where there is one; whether there was."""
    need = update(ShiftNeed).where(ShiftNeed.id == order.need_id)
    if order.takes_offer:
        kept = need.where(ShiftNeed.offered > 0)
        return changed_one(kept.values(taken=ShiftNeed.taken + 1, offered=ShiftNeed.offered - 1))
    free = need.where(ShiftNeed.taken + ShiftNeed.offered < ShiftNeed.places)
    return changed_one(free.values(taken=ShiftNeed.taken + 1))


def _full(row: OpenSeat) -> Objection:
    message = _("All %(places)s places are taken.", places=row.seat.places)
    return Objection(FULL, message, may_override=False)


def _row(verdict: Verdict, source: Source, who: Who, now: datetime) -> dict[str, Any]:
    order, work = verdict.order, verdict.work
    return {
        "need_id": order.need_id, "shift_id": work.shift_id, "volunteer_id": order.volunteer_id,
        "proposal_id": order.proposal_id, "state": AssignmentState.CONFIRMED.value, "source": source.value,
        "starts_at": work.starts_at, "ends_at": work.ends_at,
        "override_reason": order.override_reason.strip()[:200] if verdict.objections else "", "by": who.username,
        "at": now, "acknowledged_at": now if isinstance(who, Oneself) else None, "end_reason": "", "version": 1,
    }  # fmt: skip


def _insert(rows: list[dict[str, Any]]) -> list[int]:
    if not rows:
        return []
    try:
        with attempt():
            made = insert(Assignment).returning(Assignment.id, sort_by_parameter_order=True)
            return list(db.session.execute(made, rows).scalars())
    except IntegrityError as error:
        if APART not in str(error.orig):
            raise
        # The volunteers are locked and their shifts were read: only a writer past this path comes here.
        raise Refused("time.overlap", _("Two shifts of one volunteer would overlap.")) from None


def note_placed(verdicts: Iterable[Verdict], source: Source, who: Who) -> None:
    """One audit line for each place that was given, with what was overridden and why; and tell who looks on."""
    placed = [verdict for verdict in verdicts if verdict.is_granted]
    for verdict in placed:
        overridden = {"overridden": [one.code for one in verdict.objections]} if verdict.objections else {}
        audit.record(
            "shift.place", f"shift:{verdict.work.shift_id}", actor=who.username, scope=verdict.path,
            after={"assignment": verdict.assignment_id, "volunteer": verdict.order.volunteer_id,
                   "source": source.value, **overridden},
            reason=verdict.order.override_reason.strip() if overridden else "",
        )  # fmt: skip
    if placed:
        tell(*(verdict.path for verdict in placed))
