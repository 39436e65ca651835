"""A roster worked out for one organization's shifts: what the optimizer is told, and what its answer says in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

from stations.accounts.rules import Actor
from stations.kernel import clock
from stations.kernel.db import db
from stations.kernel.errors import Refused
from stations.kernel.progress import tell
from stations.kernel.text import Text, _
from stations.seasons.queries import get_calendar
from stations.shifts.actions.placing import LIMITS
from stations.shifts.actions.proposals import ProposalOrder
from stations.shifts.optimizer.roster import propose
from stations.shifts.optimizer.rows import Empty, Proposal, Stage
from stations.shifts.queries.judging import list_candidates, list_held, list_seats, load_heat
from stations.shifts.rules.rows import Candidate, Heat, Held, Seat

SEED = 1
STEPS = 100


@dataclass(frozen=True)
class Question:
    """All that a roster takes, read at one moment."""

    seats: list[Seat]
    candidates: dict[int, Candidate]
    held: dict[int, list[Held]]
    heat: Heat

    @property
    def free(self) -> int:
        """How many places are to be filled."""
        return sum(max(seat.places - seat.taken, 0) for seat in self.seats)


def work_out(path: str, since: datetime, until: datetime, seconds: float, actor: Actor) -> ProposalOrder:
    """The roster of the free places below `path` of shifts that are still to begin in the span, from the volunteers
    whom the actor may see, in at most about `seconds`. Holds no connection while it thinks, and writes nothing: what
    came of it is to be kept by `keep_proposal`. Raises Refused where there is nothing to fill."""
    actor.require("shifts.write", path)
    since = max(since, clock.now())
    question = ask(path, since, until, actor.paths("shifts.read"))
    db.session.remove()
    if not question.free:
        raise Refused("roster.full", _("No place of the shifts that are still to begin is free."))
    if not question.candidates:
        raise Refused("roster.nobody", _("There are no volunteers yet."))
    began, told = monotonic(), _telling(seconds)
    found = propose(
        question.seats, list(question.candidates.values()), question.held, LIMITS, question.heat,
        zone=get_calendar().zone, seed=SEED, seconds=seconds, told=told,
    )  # fmt: skip
    tell(_("Roster worked out:"), STEPS, STEPS)
    pairs = tuple((one.need_id, one.volunteer_id) for one in found.placements)
    return ProposalOrder(path, since, until, pairs, summarize(found, question.free, monotonic() - began))


def ask(path: str, since: datetime, until: datetime, volunteer_paths: Sequence[str]) -> Question:
    """What the optimizer is to know; what was proposed before and not decided on costs to be taken back."""
    candidates = list_candidates(volunteer_paths, since, until)
    held = list_held(since, until, proposed=True)
    mine = {volunteer_id: rows for volunteer_id, rows in held.items() if volunteer_id in candidates}
    return Question(list_seats((path,), since, until), candidates, mine, load_heat(since, until))


def _telling(seconds: float) -> Any:
    began = monotonic()

    def told(_stage: Stage) -> bool:
        passed = (monotonic() - began) / seconds
        tell(_("Roster worked out:"), min(int(passed * STEPS), STEPS - 1), STEPS)
        return False

    return told


def summarize(found: Proposal, free: int, seconds: float) -> dict[str, Any]:
    """What the page says of it, as plain JSON. `over_percent` is by how much, at most, it costs more than the best
    roster could."""
    over = 0.0 if found.is_proven or found.bound <= 0 else (found.cost / found.bound - 1) * 100
    return {
        "free": free, "filled": len(found.placements), "seconds": round(seconds, 1), "cost": round(found.cost),
        "bound": round(found.bound), "is_proven": found.is_proven, "over_percent": round(over, 1),
        "rounds": found.rounds, "taken_back": len(found.dropped), "empty": [_empty(one) for one in found.empty],
    }  # fmt: skip


def _empty(one: Empty) -> dict[str, Any]:
    return {"need": one.need_id, "places": one.places, "reason": pack_text(one.reason)}


def pack_text(text: Text) -> dict[str, Any]:
    """A sentence as plain JSON, to be said later in another reader's language."""
    values = {name: pack_text(v) if isinstance(v, Text) else v for name, v in text.values.items()}
    return {"message": text.message, "values": values}


def unpack_text(packed: Mapping[str, Any]) -> Text:
    """The sentence that `pack_text` has packed."""
    values = {name: unpack_text(v) if isinstance(v, dict) else v for name, v in packed["values"].items()}
    return Text(packed["message"], values)
