"""Counting talks: who may do it where, asked of the roster, then counted; and the numbers to call."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from stations.config import ROOT
from stations.feedback.actions import count_talk, take_back_talk
from stations.feedback.queries import TalkRow, list_own
from stations.feedback.rules import Hotline, TalkOrder, moment_of, read_hotlines
from stations.kernel import clock
from stations.kernel.errors import Forbidden, Refused
from stations.kernel.text import Text, _
from stations.seasons.queries import get_calendar
from stations.shifts.actions.acting import oneself
from stations.shifts.queries.assignments import AssignmentRow, list_assignments_of
from stations.shifts.queries.known import list_skills_of
from stations.shifts.queries.volunteers import VolunteerRow
from stations.shifts.rules.spans import local_day
from stations.shifts.rules.states import AssignmentState

SKILL = "counsellor"
ONE_DAY = timedelta(days=1)
NO_PROOF: Text = _("This is for counsellors. No proof that is valid today is recorded for you; ask your team leader.")
NOT_HERE: Text = _("You have no shift at this station on that day, so nothing can be counted there.")


@dataclass(frozen=True, slots=True)
class Desk:
    """What a counsellor has before them: the shifts of today, the one whose station is meant, and what they counted
    there today, in the order of their presses."""

    shifts: list[AssignmentRow]
    here: AssignmentRow | None
    own: list[TalkRow]


def is_counsellor(row: VolunteerRow, at: datetime) -> bool:
    """Whether a proof that holds on that day is recorded."""
    day = local_day(at, get_calendar().zone)
    proofs = (one for one in list_skills_of(row.id) if one.skill == SKILL)
    return any(proof.valid_until is None or day <= proof.valid_until for proof in proofs)


def require_counsellor(row: VolunteerRow, at: datetime) -> None:
    """Refuse anybody else."""
    if not is_counsellor(row, at):
        raise Forbidden("counsel.skill", NO_PROOF)


def open_desk(row: VolunteerRow, station: str | None = None) -> Desk:
    """The page of a counsellor, at the station that is asked for or that of the shift that runs or comes next. Raises
    Forbidden for anybody else."""
    now = clock.now()
    require_counsellor(row, now)
    shifts = list_shifts_on(row, now)
    ahead = [one for one in shifts if one.ends_at > now]
    asked = [one for one in shifts if one.station == station]
    here = next(iter(asked or ahead or shifts[::-1]), None)
    day = local_day(now, get_calendar().zone)
    return Desk(shifts, here, list_own(oneself(row).username, here.station_id, day) if here else [])


def list_shifts_on(row: VolunteerRow, at: datetime) -> list[AssignmentRow]:
    """The shifts of a volunteer on that local day that were not called off, by start."""
    zone = get_calendar().zone
    held = list_assignments_of(row.id, at - ONE_DAY)
    return [
        one for one in held
        if one.state == AssignmentState.CONFIRMED and not one.is_cancelled
        and local_day(at, zone) in (local_day(one.starts_at, zone), local_day(one.ends_at, zone))
    ]  # fmt: skip


def count(row: VolunteerRow, order: TalkOrder) -> dict[str, Any]:
    """A counsellor counts a talk at a station where they have a shift on that day. Raises Refused with the reason."""
    _require_shift(row, order.station, order.at)
    return count_talk(order, oneself(row).username)


def take_back(row: VolunteerRow, station: str, at: datetime) -> dict[str, Any]:
    """The same counsellor takes back the last one that they counted there on that day."""
    _require_shift(row, station, at)
    return take_back_talk(station, at, oneself(row).username)


def _require_shift(row: VolunteerRow, station: str, at: datetime) -> None:
    moment = moment_of(at, clock.now())
    require_counsellor(row, moment)
    if station not in {one.station for one in list_shifts_on(row, moment)}:
        raise Refused("counsel.elsewhere", NOT_HERE)


@cache
def list_hotlines() -> tuple[Hotline, ...]:
    """The numbers that stand on every counsellor's page."""
    return read_hotlines((ROOT / "data" / "hotlines.csv").read_text(encoding="utf-8").splitlines())
