"""A free place, and who could fill it within two seconds by moving at most three others."""

from dataclasses import dataclass
from datetime import timedelta

from stations.accounts.rules import Actor
from stations.kernel.text import Text, _
from stations.seasons.queries import get_calendar
from stations.shifts.actions.placing import LIMITS
from stations.shifts.actions.replacing import MOST_CHANGED
from stations.shifts.optimizer.repairing import repair
from stations.shifts.optimizer.rows import Placement
from stations.shifts.queries.judging import list_candidates, list_held, list_seats, load_heat
from stations.shifts.queries.shifts import get_shift
from stations.shifts.queries.volunteers import VolunteerRow, get_volunteer
from stations.shifts.rules.planning import ShiftRow

AROUND = timedelta(hours=12)  # shifts whose proposals may change for it
SECONDS = 2.0
NOBODY: Text = _("Nobody whom you may place is free, near enough and has what this place asks for.")


@dataclass(frozen=True)
class Move:
    """Somebody gets a place (`is_placed`), or a place that was only proposed to them is taken back."""

    person: VolunteerRow
    shift: ShiftRow
    need_id: int
    is_placed: bool


@dataclass(frozen=True)
class Replacement:
    """What would change, the free place first; without moves `reason` says why nobody is found."""

    moves: list[Move]
    reason: Text


def find_replacement(row: ShiftRow, need_id: int, actor: Actor) -> Replacement:
    """Whom to place, of those whom the actor may see, at the least cost. What is confirmed is never moved; nothing is
    written."""
    actor.require("shifts.write", row.path)
    since, until = row.starts_at - AROUND, row.ends_at + AROUND
    seats = list_seats(actor.paths("shifts.write"), since, until)
    candidates = list_candidates(actor.paths("shifts.read"), since, until)
    held = list_held(since, until, proposed=True)
    mine = {number: kept for number, kept in held.items() if number in candidates}
    found = repair(
        seats, list(candidates.values()), mine, LIMITS, load_heat(since, until), zone=get_calendar().zone,
        need_ids=[need_id], most_changed=MOST_CHANGED, seconds=SECONDS,
    )  # fmt: skip
    if not any(one.need_id == need_id for one in found.placements):
        reasons = [one.reason for one in found.empty if one.need_id == need_id]
        return Replacement([], next(iter(reasons), NOBODY))
    first = sorted(found.placements, key=lambda one: one.need_id != need_id)
    return Replacement([*(_move(one, True) for one in first), *(_move(one, False) for one in found.dropped)], NOBODY)


def _move(one: Placement, is_placed: bool) -> Move:
    return Move(get_volunteer(one.volunteer_id), get_shift(one.shift_id), one.need_id, is_placed)
