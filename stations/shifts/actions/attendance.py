"""Checking in and out, by whom it may be, and what the program closes when nobody did."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, update

from stations.accounts.rules import PROGRAM, Actor
from stations.kernel import audit, clock
from stations.kernel.db import changed_one, db
from stations.kernel.errors import Forbidden, Invalid, NotFound, Refused
from stations.kernel.replay import Answer, once
from stations.kernel.text import _
from stations.seasons.queries import get_calendar
from stations.shifts.actions.acting import NOT_YOURS, Oneself, Who, note_seen
from stations.shifts.actions.telling import tell
from stations.shifts.models.service import Attendance
from stations.shifts.queries.attendance import AttendanceRow, list_by_digits, list_unclosed, lock_attendance
from stations.shifts.rules.attendance import (
    AFTER_END,
    AROUND_START,
    DIGITS,
    How,
    Presence,
    Press,
    Seen,
    Where,
    are_digits_of,
    check_correction,
    check_in_time,
    check_moment,
    check_out_time,
    check_place,
    next_presence,
)
from stations.shifts.rules.spans import local_day

NOWHERE = Where()
ONE_DAY = timedelta(days=1)
LOOKS_BACK = timedelta(days=3)  # what the program closes; older shifts were closed long ago


@dataclass(frozen=True)
class Correction:
    """What a leader says it was. Without `in_at` nobody came. `version` is what the writer saw."""

    assignment_id: int
    in_at: datetime | None
    out_at: datetime | None
    reason: str
    version: int


def check_in(assignment_id: int, who: Who, at: datetime, where: Where = NOWHERE, how: How = How.LINK) -> dict[str, Any]:
    """Somebody is at their post since `at`. A volunteer's own press needs a place (`where`); that of station or team
    lead, who see them, none. Whoever is present already is answered the same. Raises Refused with the reason."""
    row, how, at = _open(assignment_id, who, at, how)
    state = row.presence(at)
    if state is not Presence.PRESENT:
        next_presence(state, Press.IN)
        check_in_time(row.spot, at, how, get_calendar().zone)
        if isinstance(who, Oneself):
            check_place(row.spot, where)
        _write(row, in_at=at, in_how=how.value, in_by=who.username, no_show_at=None)
        _note("attendance.in", row, who.username, {"at": at.isoformat(), "how": how.value})
    note_seen(who)
    return _answer(row.assignment_id)


def check_out(assignment_id: int, who: Who, at: datetime, how: How = How.LINK) -> dict[str, Any]:
    """Somebody has left since `at`. One that the program closed is told better; one who left is answered the same."""
    row, how, at = _open(assignment_id, who, at, how)
    seen = row.seen
    if row.presence(at) is not Presence.LEFT or row.is_closed_by_program:
        if row.is_closed_by_program:
            seen = Seen(row.in_at)
        else:
            next_presence(row.presence(at), Press.OUT)
        check_out_time(seen, row.spot, at, get_calendar().zone)
        _write(row, out_at=at, out_how=how.value, out_by=who.username, is_closed_by_program=False)
        _note("attendance.out", row, who.username, {"at": at.isoformat(), "how": how.value})
    note_seen(who)
    return _answer(row.assignment_id)


def correct_attendance(order: Correction, who: Actor) -> dict[str, Any]:
    """Say what it really was, with a reason. Raises Invalid, and Refused where somebody changed it meanwhile."""
    row = lock_attendance(order.assignment_id)
    if not may_attend(who, row):
        raise Forbidden("permission.missing", NOT_YOURS)
    if not order.reason.strip():
        raise Invalid("attendance.reason", _("Please say why."), field="reason")
    if row.version != order.version:
        raise Refused("row.changed", _("Somebody else changed this meanwhile. Please look again."))
    now = clock.now()
    if order.in_at is None and now < row.starts_at:
        raise Refused("attendance.early", _("This shift has not begun."))
    check_correction(row.spot, order.in_at, order.out_at, now)
    how = How.CORRECTION.value
    _write(
        row, in_at=order.in_at, in_how=how, in_by=who.username, out_at=order.out_at,
        out_how=how if order.out_at else "", out_by=who.username if order.out_at else "",
        is_closed_by_program=False, no_show_at=now if order.in_at is None else None,
    )  # fmt: skip
    _note("attendance.correct", row, who.username, _shown(order.in_at, order.out_at), order.reason.strip())
    return _answer(row.assignment_id)


def check_in_by_digits(request_id: str, station: str, digits: str, press: Press) -> Answer:
    """What somebody at a station, who scanned its code, says of themselves by the last four digits of their staff or
    phone number, or the whole staff number. Names nobody. Raises Refused with the reason."""
    row = _find_by_digits(station, digits, press)
    me = Oneself(row.volunteer_id)
    now = clock.now()

    def do() -> dict[str, Any]:
        if press is Press.OUT:
            return check_out(row.assignment_id, me, now, How.CODE)
        return check_in(row.assignment_id, me, now, Where(station), How.CODE)

    return once(request_id, f"attendance.{press.value} {station}", me.username, do)


def reveal_volunteer_phone(assignment_id: int, reason: str, who: Actor) -> str:
    """The whole number of somebody expected at a post, for a reason; who looked, and why, is kept."""
    row = lock_attendance(assignment_id)
    if not may_attend(who, row):
        raise NotFound("assignment.unknown", NOT_YOURS)
    if not reason.strip():
        raise Invalid("reveal.reason", _("Please say why you need the number."), field="reason")
    _note("volunteer.reveal_phone", row, who.username, {}, reason.strip())
    return row.phone


def close_attendance() -> tuple[int, int]:
    """(check-outs that the program made at the shift's end, no-shows), of what is over for a while."""
    now, closed, missed = clock.now(), 0, 0
    for row in list_unclosed(now, now - LOOKS_BACK):
        if row.in_at is None:
            next_presence(row.presence(now), Press.NO_SHOW)
            _write(row, no_show_at=now)
            missed += 1
        else:
            next_presence(row.presence(now), Press.CLOSE)
            out_at = max(row.in_at, row.ends_at)
            _write(row, out_at=out_at, out_how=How.PROGRAM.value, out_by=PROGRAM.username, is_closed_by_program=True)
            closed += 1
        _note("attendance.close", row, PROGRAM.username, {"came": row.in_at is not None})
    return closed, missed


def may_attend(who: Who, row: AttendanceRow) -> bool:
    """Whether it is theirs to say that this volunteer is there: their own, their leader's, the station's. A leader who
    is one of them says of themselves what any volunteer may, and no more."""
    if isinstance(who, Oneself):
        return who.volunteer_id == row.volunteer_id
    if who.username == Oneself(row.volunteer_id).username:
        return False
    return who.may("shifts.attend", row.path) or who.may("shifts.attend", row.volunteer_path)


def _open(assignment_id: int, who: Who, at: datetime, how: How) -> tuple[AttendanceRow, How, datetime]:
    row = lock_attendance(assignment_id)
    if not may_attend(who, row):
        raise Forbidden("permission.missing", NOT_YOURS)
    return row, how if isinstance(who, Oneself) else How.STAFF, check_moment(at, clock.now())


def _find_by_digits(station: str, digits: str, press: Press) -> AttendanceRow:
    now, typed = clock.now(), digits.strip()
    if len(typed) < DIGITS:
        message = _("Please type the last four digits of your staff number or phone number.")
        raise Invalid("attendance.digits", message, field="digits")
    found = list_by_digits(typed, now - ONE_DAY, now + ONE_DAY)
    zone = get_calendar().zone
    today = local_day(now, zone)
    own = [
        row for row in found
        if are_digits_of(typed, row.staff_no, row.phone) and local_day(row.starts_at, zone) == today
    ]  # fmt: skip
    here = [row for row in own if row.station == station]
    if len({row.volunteer_id for row in here}) > 1:
        message = _("Several volunteers here have these digits. Please type your whole staff number.")
        raise Refused("attendance.several", message, field="digits")
    if here:
        return _choose(here, now, press)
    raise _nowhere(own, now)


def _choose(rows: list[AttendanceRow], now: datetime, press: Press) -> AttendanceRow:
    """Of several shifts the one that is meant: out of the one they are at, into the nearest that they have not left."""
    present = [row for row in rows if row.presence(now) is Presence.PRESENT]
    ahead = [row for row in rows if row.ends_at >= now and row.presence(now) not in (Presence.PRESENT, Presence.LEFT)]
    near = [row for row in ahead if abs(row.starts_at - now) <= AROUND_START]
    wanted = present if press is Press.OUT else near or present or ahead
    left = [row for row in rows if row.ends_at + AFTER_END >= now]
    return (wanted or left or rows)[0] if press is Press.IN else (wanted or left or rows)[-1]


def _nowhere(own: list[AttendanceRow], now: datetime) -> Refused:
    near = [row for row in own if row.starts_at - AROUND_START <= now <= row.ends_at]
    if len({row.volunteer_id for row in near}) == 1:
        message = _("This is the wrong station: the shift is at %(station)s.", station=near[0].station_name)
        return Refused("attendance.elsewhere", message, field="digits")
    message = _("Nobody with these digits has a shift here today. Please look again, or ask the station lead.")
    return Refused("attendance.unknown", message, field="digits")


def _write(row: AttendanceRow, **fields: Any) -> None:
    if row.version:
        held = update(Attendance).where(
            Attendance.assignment_id == row.assignment_id, Attendance.version == row.version
        )
        if not changed_one(held.values(version=Attendance.version + 1, **fields)):
            raise Refused("row.changed", _("Somebody else changed this meanwhile. Please look again."))
    else:
        start = {"in_how": "", "in_by": "", "out_how": "", "out_by": "", "is_closed_by_program": False, "version": 1}
        db.session.execute(insert(Attendance).values(assignment_id=row.assignment_id, **{**start, **fields}))
    tell(row.path)


def _note(action: str, row: AttendanceRow, by: str, after: dict[str, Any], reason: str = "") -> None:
    audit.record(
        action, f"shift:{row.shift_id}", actor=by, scope=row.path, reason=reason, after=after,
        before={"assignment": row.assignment_id, "volunteer": row.volunteer_id, **_shown(row.in_at, row.out_at)},
    )  # fmt: skip


def _shown(in_at: datetime | None, out_at: datetime | None) -> dict[str, str]:
    return {"in_at": in_at.isoformat() if in_at else "", "out_at": out_at.isoformat() if out_at else ""}


def _answer(assignment_id: int) -> dict[str, Any]:
    row = lock_attendance(assignment_id)
    return {
        "id": row.assignment_id, "shift": row.shift_id, "post": row.post, "station": row.station,
        "starts_at": row.starts_at.isoformat(), "ends_at": row.ends_at.isoformat(), **_shown(row.in_at, row.out_at),
    }  # fmt: skip
