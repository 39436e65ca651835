"""THE guard: what speaks against a volunteer in a place. Every path that places anybody asks it, the roster too.

Pure: who is judged, what is held, who stands beside, and the limits come in; what comes out is every objection. Nothing
in here knows who asks. Capacity and overlap have the last word once more in the database."""

from collections.abc import Collection, Sequence
from datetime import tzinfo

from stations.kernel.text import _
from stations.shifts.rules.fitness import unfit
from stations.shifts.rules.hours import untimely
from stations.shifts.rules.rows import Candidate, Heat, Held, Limits, Objection, Seat, State, Work


def objections(
    candidate: Candidate,
    work: Work,
    skill: str,
    held: Sequence[Held],
    limits: Limits,
    heat: Heat,
    *,
    zone: tzinfo,
    beside: Collection[int] = (),
    asks_self: bool = False,
) -> tuple[Objection, ...]:
    """Everything that speaks against placing the candidate in a place of that skill ('' for anyone); () when nothing.

    `held` are the candidate's placements without this one, of which the confirmed ones count; `beside` the volunteers
    on the same shift; `asks_self` when the candidate signs up without having said before when free.
    """
    others = [one.work for one in held if one.state is State.CONFIRMED]
    found = [*unfit(candidate, work, skill, limits, heat, zone, asks_self)]
    found += untimely(candidate, work, others, limits, heat, zone)
    if not candidate.apart.isdisjoint(beside):
        message = _("Somebody with whom not to be posted is on this shift.")
        found.append(Objection("apart", message, may_override=True))
    return tuple(sorted(found, key=lambda one: one.may_override))


def objections_to_seat(
    candidate: Candidate,
    seat: Seat,
    held: Sequence[Held],
    limits: Limits,
    heat: Heat,
    *,
    zone: tzinfo,
    beside: Collection[int] = (),
    asks_self: bool = False,
) -> tuple[Objection, ...]:
    """`objections`, and before all that no place of the seat is left, which nobody can override."""
    found = objections(
        candidate, seat.work, seat.skill, held, limits, heat, zone=zone, beside=beside, asks_self=asks_self
    )
    if seat.taken < seat.places:
        return found
    message = _("All %(places)s places are taken.", places=seat.places)
    return (Objection("seat.full", message, may_override=False), *found)
