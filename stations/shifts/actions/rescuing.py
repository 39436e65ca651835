"""When somebody is missing: their number, and the place offered to the next in rank at once."""

from typing import Any

from stations.accounts.rules import Actor
from stations.kernel import audit
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.text import _
from stations.shifts.actions.offering import note_offered, offer_next
from stations.shifts.actions.telling import tell
from stations.shifts.queries.shifts import get_shift
from stations.shifts.queries.volunteers import NO_VOLUNTEER, get_volunteer


def reveal_phone(volunteer_id: int, reason: str, actor: Actor) -> str:
    """A volunteer's whole number, for whoever leads them or keeps their file; who saw it and why is kept."""
    row = get_volunteer(volunteer_id)
    if not actor.may("shifts.read", row.path):
        raise NotFound("volunteer.unknown", NO_VOLUNTEER)
    if not actor.may("shifts.lead", row.path):
        actor.require("volunteers.write", row.path)
    if not reason.strip():
        raise Invalid("reveal.reason", _("Please say why you need the number."), field="reason")
    if not row.phone:
        raise NotFound("phone.none", _("No phone number was left, or it has been erased."))
    audit.record(
        "volunteer.reveal_phone", f"volunteer:{row.id}", actor=actor.username, scope=row.group_path,
        reason=reason.strip(),
    )  # fmt: skip
    return row.phone


def offer_places(shift_id: int, need_id: int, actor: Actor) -> dict[str, Any]:
    """Offer the free places of a need to those who wait, in their order. Refused where nobody can be asked."""
    row = get_shift(shift_id)
    actor.require("shifts.lead", row.path)
    if need_id not in {need.id for need in row.needs}:
        raise NotFound("need.unknown", _("There is no such place."))
    offered = offer_next([need_id])
    if not offered:
        raise Refused("offer.nobody", _("Nobody waits who could come, or the shift begins too soon to ask."))
    note_offered(offered)
    tell(row.path)
    return {"shift": row.id, "offers": len(offered)}
