"""Shifts: added, changed and cancelled, with those who hold their places."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError

from stations.accounts.rules import Actor
from stations.kernel import audit, clock
from stations.kernel.db import attempt, changed_one, db
from stations.kernel.errors import Invalid, Refused
from stations.kernel.text import Text, _
from stations.seasons.queries import get_calendar
from stations.shifts.actions.dropping import note_dropped, release
from stations.shifts.actions.offering import end_waits, note_offered, offer_next
from stations.shifts.actions.rejudging import Unfit, list_unfit
from stations.shifts.actions.telling import tell
from stations.shifts.models.placing import Assignment
from stations.shifts.models.planning import Shift, ShiftNeed
from stations.shifts.queries.assignments import list_assignments_on
from stations.shifts.queries.shifts import find_station_spot, get_shift, lock_shift
from stations.shifts.queries.volunteers import lock_volunteers
from stations.shifts.rules.orders import ShiftOrder, check_shift
from stations.shifts.rules.planning import ShiftRow, StationSpot, fit_needs
from stations.shifts.rules.states import AssignmentState

CHANGED: Text = _("Somebody else changed this meanwhile. Please look again; what you typed is kept.")
MOVED: Text = _("The shift has another time.")


def add_shift(order: ShiftOrder, actor: Actor) -> dict[str, Any]:
    """Add a shift at a station of the actor's."""
    check_shift(order)
    spot = _get_spot(order.station)
    if order.exam_session_id not in (None, *(session.id for session in get_calendar().sessions)):
        raise Invalid("session.unknown", _("There is no such exam session."), field="session")
    actor.require("shifts.write", spot.path)
    shift_id = insert_shift(
        {
            "station_id": spot.id, "exam_session_id": order.exam_session_id, "post": order.post,
            "starts_at": order.starts_at, "ends_at": order.ends_at,
        },
        order.needs,
    )  # fmt: skip
    audit.record("shift.add", f"shift:{shift_id}", actor=actor.username, scope=spot.path, after=_spoken(order))
    tell(spot.path)
    return {"id": shift_id}


def insert_shift(fields: Mapping[str, Any], needs: Mapping[str, int]) -> int:
    """Write a shift with its needs; its id. For what has been checked."""
    return insert_shifts([(fields, needs)])[0]


def insert_shifts(rows: Sequence[tuple[Mapping[str, Any], Mapping[str, int]]]) -> list[int]:
    """`insert_shift` for many of the same fields, in two statements."""
    made = insert(Shift).returning(Shift.id, sort_by_parameter_order=True)
    shifts = [{"sequence": 0, "version": 1, **fields} for fields, _needs in rows]
    ids = list(db.session.execute(made, shifts).scalars()) if shifts else []
    needs = [
        {"shift_id": shift_id, "skill": skill, "places": places, "taken": 0, "offered": 0}
        for shift_id, (_fields, wanted) in zip(ids, rows, strict=True)
        for skill, places in sorted(wanted.items())
        if places
    ]
    if needs:
        db.session.execute(insert(ShiftNeed), needs)
    return ids


def change_shift(shift_id: int, order: ShiftOrder, actor: Actor) -> dict[str, Any]:
    """Give a shift another time, post or needs. Needs never go under what is taken. At another time or post the guard
    judges everybody on it again: `unfit` says who it would refuse, as (assignment, sentence). Those whom no reason
    could place lose their place where the order says so (`dropped`); else nothing is changed."""
    check_shift(order)
    row = get_shift(shift_id)
    actor.require("shifts.write", row.path)
    if order.station != row.station:
        raise Invalid("shift.station", _("A shift stays at its station. Cancel it and add another."), field="station")
    if row.is_cancelled:
        raise Refused("shift.cancelled", _("This shift was cancelled."))
    lock_volunteers([one.volunteer_id for one in list_assignments_on(row.id)])
    row = lock_shift(shift_id)
    if order.version is not None and row.version != order.version:
        raise Refused("shift.changed", CHANGED)
    _check_bound(row, order.needs)
    unfit = move_shift(row, order.starts_at, order.ends_at, order.post, drops_unfit=order.drops_unfit)
    dropped = [one.row for one in unfit if not one.may_stay]
    set_needs(get_shift(row.id), order.needs)
    offered = offer_next([need.id for need in get_shift(row.id).needs])
    note_dropped(dropped, actor, str(MOVED))
    note_offered(offered)
    audit.record(
        "shift.change", f"shift:{row.id}", actor=actor.username, scope=row.path,
        before=_spoken(_order_of(row)), after=_spoken(order),
    )  # fmt: skip
    tell(row.path)
    return {
        "id": row.id, "dropped": [one.id for one in dropped],
        "unfit": [[one.row.id, str(one.objections[0].message)] for one in unfit],
    }  # fmt: skip


def move_shift(row: ShiftRow, starts_at: datetime, ends_at: datetime, post: str, *, drops_unfit: bool) -> list[Unfit]:
    """Write another time or post of a locked shift whose volunteers are locked, and of everybody's assignment to it;
    whom the guard would now refuse. Those who cannot stay are dropped, or Refused is raised."""
    if (row.starts_at, row.ends_at, row.post) == (starts_at, ends_at, post):
        return []
    unfit = list_unfit(row, starts_at, ends_at, post)
    out = [one for one in unfit if not one.may_stay]
    if out and not drops_unfit:
        message = _(
            "%(count)s people could not stay, the first because: %(why)s", count=len(out),
            why=out[0].objections[0].message,
        )  # fmt: skip
        raise Refused("shift.unfit", message)
    release([one.row for one in out], AssignmentState.REMOVED, str(MOVED))
    same = update(Shift).where(Shift.id == row.id, Shift.version == row.version)
    times = {"starts_at": starts_at, "ends_at": ends_at}
    if not changed_one(same.values(post=post, sequence=Shift.sequence + 1, version=Shift.version + 1, **times)):
        raise Refused("shift.changed", CHANGED)
    moved = times | {"moved_at": clock.now()}
    live = Assignment.state.in_([AssignmentState.CONFIRMED.value, AssignmentState.PROPOSED.value])
    try:
        with attempt():
            db.session.execute(update(Assignment).where(Assignment.shift_id == row.id, live).values(**moved))
    except IntegrityError:  # somebody signed up while their rows were being locked
        raise Refused("shift.changed", CHANGED) from None
    return unfit


def set_needs(row: ShiftRow, wanted: Mapping[str, int]) -> None:
    """Bring a locked shift's places to what is wanted, never under what is taken."""
    needs, _short = fit_needs(row.needs, wanted)
    if row.places != needs:
        write_needs(row.id, {need.skill: need.places for need in row.needs}, needs)
        db.session.execute(update(Shift).where(Shift.id == row.id).values(version=Shift.version + 1))


def write_needs(shift_id: int, known: Mapping[str, int], needs: Mapping[str, int]) -> None:
    """Add, change and remove the needs that differ. One that anybody ever held or waited for is kept, with no place."""
    for skill in sorted(known.keys() | {skill for skill, places in needs.items() if places}):
        places = needs.get(skill, 0)
        if skill not in known:
            row = {"shift_id": shift_id, "skill": skill, "places": places, "taken": 0, "offered": 0}
            db.session.execute(insert(ShiftNeed).values(row))
        elif places != known[skill]:
            mine = update(ShiftNeed).where(ShiftNeed.shift_id == shift_id, ShiftNeed.skill == skill)
            if not changed_one(mine.where(ShiftNeed.taken + ShiftNeed.offered <= places).values(places=places)):
                raise Refused("shift.changed", CHANGED)


def cancel_shift(shift_id: int, actor: Actor, reason: str) -> dict[str, Any]:
    """Call a shift off: everybody on it is free again, and nobody waits for it any more."""
    row = get_shift(shift_id)
    actor.require("shifts.write", row.path)
    if not reason.strip():
        raise Invalid("cancel.reason", _("Please say why."), field="reason")
    lock_volunteers([one.volunteer_id for one in list_assignments_on(row.id)])
    freed = close_shift(lock_shift(shift_id), reason)
    audit.record(
        "shift.cancel", f"shift:{row.id}", actor=actor.username, scope=row.path, after={"freed": freed},
        reason=reason.strip(),
    )  # fmt: skip
    tell(row.path)
    return {"id": row.id, "freed": freed}


def close_shift(row: ShiftRow, reason: str) -> int:
    """Cancel a locked shift whose volunteers are locked; how many are free again."""
    if row.is_cancelled:
        raise Refused("shift.cancelled", _("This shift was cancelled."))
    held = list_assignments_on(row.id)
    end_waits(need_ids=[need.id for need in row.needs])
    release(held, AssignmentState.CANCELLED, reason)
    proposed = delete(Assignment).where(
        Assignment.shift_id == row.id, Assignment.state == AssignmentState.PROPOSED.value
    )
    db.session.execute(proposed)
    gone = {"cancelled_at": clock.now(), "sequence": Shift.sequence + 1, "version": Shift.version + 1}
    db.session.execute(update(Shift).where(Shift.id == row.id).values(**gone))
    return len(held)


def _check_bound(row: ShiftRow, wanted: Mapping[str, int]) -> None:
    short = fit_needs(row.needs, wanted)[1]
    if short:
        need = next(need for need in row.needs if need.skill == short[0])
        message = _("%(count)s of these places are taken or offered.", count=need.taken + need.offered)
        raise Refused("shift.bound", message, field="needs")


def _get_spot(code: str) -> StationSpot:
    spot = find_station_spot(code)
    if spot is None:
        raise Invalid("station.unknown", _("There is no such station."), field="station")
    return spot


def _order_of(row: ShiftRow) -> ShiftOrder:
    return ShiftOrder(row.station, row.post, row.starts_at, row.ends_at, row.places)


def _spoken(order: ShiftOrder) -> dict[str, Any]:
    return {
        "post": order.post, "from": order.starts_at.isoformat(), "until": order.ends_at.isoformat(),
        "needs": dict(order.needs),
    }  # fmt: skip
