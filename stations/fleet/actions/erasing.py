"""What is erased when it is no longer needed: phones, places and tracks. How many rides there were, when and how they
ended stays."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, and_, delete, or_, select, update

from stations.accounts.rules import PROGRAM
from stations.fleet.actions.withdrawing import REASON as ASKER
from stations.fleet.models import Booking, GateVisit, HelpRequest, PositionReport, Ride, VehiclePosition
from stations.fleet.rules.crew import REASONS
from stations.fleet.rules.requests import FORGOTTEN, OPEN
from stations.fleet.rules.rides import NO_ANSWER
from stations.kernel import audit, clock
from stations.kernel.db import db

KEPT_REASONS = (NO_ANSWER, FORGOTTEN, ASKER, *REASONS)  # codes; anything else somebody has typed
MOST_FIXES = 20_000  # in one transaction; the next minute takes the next ones


def erase_before(cutoff: datetime) -> dict[str, int]:
    """Erase what is older than `cutoff`; how many of each. An open request keeps what it needs."""
    over = HelpRequest.state.not_in(OPEN), HelpRequest.closed_at < cutoff, HelpRequest.erased_at.is_(None)
    ids = list(db.session.execute(select(HelpRequest.id).where(*over)).scalars())
    counts = {
        "phones": _count(select(HelpRequest.id).where(HelpRequest.id.in_(ids), HelpRequest.phone != "")),
        "places": len(ids),
        "fixes": _erase_track(cutoff),
        "last_positions": _run(delete(VehiclePosition).where(VehiclePosition.received_at < cutoff)),
        "visits": _run(delete(GateVisit).where(or_(GateVisit.left_at < cutoff, _is_left_behind(cutoff)))),
    }
    _run(
        update(HelpRequest)
        .where(HelpRequest.id.in_(ids))
        .values(phone="", place="", lat=None, lon=None, station_id=None, erased_at=clock.now())
    )
    _run(
        update(Ride)
        .where(Ride.help_request_id.in_(ids))
        .values(
            pickup_place="", pickup_lat=None, pickup_lon=None, dropoff_place="", dropoff_lat=None, dropoff_lon=None,
            handover_code="",
        )
    )  # fmt: skip
    _run(update(Ride).where(Ride.help_request_id.in_(ids), Ride.end_reason.not_in(KEPT_REASONS)).values(end_reason=""))
    named = update(Booking).where(Booking.ends_at < cutoff, Booking.place != "")
    counts["bookings"] = _run(named.values(place=""))
    if any(counts.values()):
        audit.record("fleet.erase", "fleet", actor=PROGRAM.username, after={**counts, "before": cutoff.isoformat()})
    return counts


def _is_left_behind(cutoff: datetime) -> Any:
    """A stay that nobody ended, of a vehicle that is heard of no more: it would stand in the way of the next one."""
    heard = select(VehiclePosition.vehicle_id).where(VehiclePosition.vehicle_id == GateVisit.vehicle_id).exists()
    return and_(GateVisit.left_at.is_(None), GateVisit.arrived_at < cutoff, ~heard)


def _erase_track(cutoff: datetime) -> int:
    old = select(PositionReport.id).where(PositionReport.received_at < cutoff).limit(MOST_FIXES)
    return _run(delete(PositionReport).where(PositionReport.id.in_(old)))


def _run(statement: Any) -> int:
    return cast(CursorResult[Any], db.session.execute(statement)).rowcount


def _count(chosen: Any) -> int:
    return len(list(db.session.execute(chosen)))
