"""A station changes hands: begun, counted, signed by another; each step is one guarded UPDATE."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from stations.accounts.queries import list_display_names
from stations.accounts.rules import Actor
from stations.kernel import audit, clock
from stations.kernel.db import attempt, changed_one, db
from stations.kernel.errors import Forbidden, Refused
from stations.kernel.text import Text, _
from stations.places.queries.rows import StationRow
from stations.shifts.models.handing_over import Handover
from stations.shifts.queries.handovers import HandoverRow, find_live_handover, get_handover
from stations.shifts.rules.handovers import LIVE_STATES, CountLine, HandoverState, LeftOpen, list_variances

PERMISSION = "stock.write"  # whoever may count a station's supplies may hand them over
ANY_CANCEL = "stock.approve"

TAKEN: dict[HandoverState, Text] = {
    HandoverState.BEGUN: _("%(name)s is still counting. Please sign when that is done."),
    HandoverState.COUNTED: _("%(name)s has counted already. Somebody else signs now."),
    HandoverState.SIGNED: _("%(name)s has signed this hand-over already."),
    HandoverState.CANCELLED: _("%(name)s has cancelled this hand-over."),
}


def begin_handover(station: StationRow, who: Actor) -> dict[str, Any]:
    """Begin one as the outgoing lead. Refused, with their name, while another's is under way."""
    who.require(PERMISSION, station.path)
    fresh = insert(Handover).values(
        station_id=station.id, state=HandoverState.BEGUN.value, begun_by=who.username, begun_at=clock.now(), counts=[],
        left_open={}, note="", ended_by="",
    )  # fmt: skip
    try:
        with attempt():
            begun = db.session.execute(fresh.returning(Handover.id)).scalar_one()
    except IntegrityError:
        live = find_live_handover(station.code)
        name = _name(live.begun_by) if live else ""
        raise Refused("handover.live", _("%(name)s has begun a hand-over here already.", name=name)) from None
    _note("begin", begun, station.path, who, {"station": station.code})
    return {"id": begun}


def claim_count(handover_id: int, station: str, note: str, left_open: LeftOpen, who: Actor) -> HandoverRow:
    """Say that the outgoing lead has counted, before the counts are booked in the same transaction. Raises Refused."""
    row = get_handover(handover_id, station)
    who.require(PERMISSION, row.path)
    if row.begun_by != who.username:
        message = _("%(name)s began this hand-over and counts.", name=_name(row.begun_by))
        raise Forbidden("handover.not_yours", message)
    _step(row, (HandoverState.BEGUN,), HandoverState.COUNTED, counted_at=clock.now(), note=note,
          left_open=asdict(left_open))  # fmt: skip
    return row


def note_counted(row: HandoverRow, lines: Sequence[CountLine], who: Actor) -> dict[str, Any]:
    """Keep what was counted, after it was booked."""
    counts = [asdict(line) for line in lines]
    db.session.execute(update(Handover).where(Handover.id == row.id).values(counts=counts))
    variances = {line.item: line.difference for line in list_variances(lines)}
    _note("count", row.id, row.path, who, {"items": len(lines), "variances": variances})
    return {"id": row.id, "variances": variances}


def sign_handover(handover_id: int, station: str, who: Actor) -> dict[str, Any]:
    """Take the station over as the incoming lead, who must be somebody else. Raises Refused with who was first."""
    row = get_handover(handover_id, station)
    who.require(PERMISSION, row.path)
    if row.begun_by == who.username:
        message = _("Whoever hands over cannot sign for it. The incoming lead signs with their own account.")
        raise Forbidden("handover.same_person", message)
    _step(row, (HandoverState.COUNTED,), HandoverState.SIGNED, ended_by=who.username, ended_at=clock.now())
    _note("sign", row.id, row.path, who, {"from": row.begun_by})
    return {"id": row.id}


def cancel_handover(handover_id: int, station: str, who: Actor) -> dict[str, Any]:
    """Cancel one's own that is not signed, or anybody's as an organizer; counts that were booked stay booked."""
    row = get_handover(handover_id, station)
    if row.begun_by != who.username:
        who.require(ANY_CANCEL, row.path)
    who.require(PERMISSION, row.path)
    _step(row, LIVE_STATES, HandoverState.CANCELLED, ended_by=who.username, ended_at=clock.now())
    _note("cancel", row.id, row.path, who, {"state": row.state.value})
    return {"id": row.id}


def _step(row: HandoverRow, since: Sequence[HandoverState], to: HandoverState, **fields: Any) -> None:
    """The row count is the verdict; whoever is late is told who was first."""
    guarded = update(Handover).where(Handover.id == row.id, Handover.state.in_(since))
    if not changed_one(guarded.values(state=to.value, **fields)):
        now = get_handover(row.id, row.station)
        raise Refused(f"handover.{now.state.value}", TAKEN[now.state] % {"name": _name(now.ended_by or now.begun_by)})


def _note(action: str, handover_id: int, path: str, who: Actor, after: dict[str, Any]) -> None:
    audit.record(f"handover.{action}", f"handover:{handover_id}", actor=who.username, scope=path, after=after)


def _name(username: str) -> str:
    return list_display_names([username]).get(username, username)
