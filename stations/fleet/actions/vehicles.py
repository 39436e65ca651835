"""Changes to vehicles: their file, whether they stand by, the driver's link."""

import secrets
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, exists, text, update
from sqlalchemy.exc import IntegrityError

from stations.accounts.queries import OrganizationRow, find_organization
from stations.accounts.rules import Actor
from stations.fleet.actions.telling import tell
from stations.fleet.models import LIVE, Ride, Vehicle
from stations.fleet.queries.bookings import has_bookings_ahead
from stations.fleet.queries.topics import VEHICLES
from stations.fleet.queries.vehicles import (
    NO_VEHICLE,
    find_vehicle,
    has_gate,
    list_bases,
    list_vehicles,
    lock_vehicle,
    vehicle_order,
)
from stations.fleet.rules.vehicles import VehicleOrder, VehicleState, check_standby, missing_in_file, today_in
from stations.kernel import audit, clock
from stations.kernel.db import attempt, changed_one, db
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.revision import next_revision
from stations.kernel.text import _
from stations.kernel.versions import NOTHING_YET, Changed, write_record
from stations.seasons.queries import get_calendar

PRIVATE = frozenset({"crew_phone"})  # what the audit trail, which is kept for ever, must not hold


def today() -> date:
    """The day in the season's zone."""
    return today_in(get_calendar().zone, clock.now())


def save_vehicle(order: VehicleOrder, actor: Actor) -> dict[str, Any]:
    """Add the vehicle of that code or bring it to `order`; refused outside the actor's scope. One whose papers are
    then no longer complete stands by no more."""
    organization = find_organization(order.organization)
    if organization is None:
        message = _("There is no organization %(code)s.", code=order.organization)
        raise Invalid("organization.unknown", message, field="organization")
    path = f"{organization.path}{order.code}/"
    actor.require("fleet.write", path)
    next_revision(VEHICLES)  # first: from here on nobody else writes a vehicle
    known = find_vehicle(order.code, archived=True)
    if known is not None and order.version != NOTHING_YET:
        actor.require("fleet.write", known.path)
    fields = _fields(order, organization, path)
    start = {
        "code": order.code, "state": VehicleState.OFF.value, "state_reason": "", "device_key": secrets.token_urlsafe(18)
    }  # fmt: skip
    try:
        with attempt():
            write_record(Vehicle, known.id if known else None, order.version, fields, start)
    except IntegrityError:
        raise Refused("vehicle.plate", _("Another vehicle has this plate."), field="plate") from None
    if missing_in_file(order.file, today()):
        _stand_down(order.code)
    before = vehicle_order(known).values() if known else {}
    subject, after = f"vehicle:{order.code}", order.values()
    audit.record_change("vehicle.save", subject, before, after, actor=actor.username, scope=path, hidden=PRIVATE)
    tell(path)
    return {"code": order.code, "is_new": known is None}


def _fields(order: VehicleOrder, organization: OrganizationRow, path: str) -> dict[str, Any]:
    base = list_bases().get(order.station)
    if base is None:
        raise Invalid("station.unknown", _("There is no such station."), field="station")
    return {
        "plate": order.plate, "kind": order.kind, "seats": order.seats, "has_wheelchair": order.has_wheelchair,
        "sticker_no": order.sticker_no, "organization_id": organization.id, "path": path, "station_id": base.id,
        "crew_phone": order.crew_phone, "duty_from_minute": order.duty[0], "duty_until_minute": order.duty[1],
        "licence_until": order.file.licence_until, "registration_until": order.file.registration_until,
        "insurance_until": order.file.insurance_until, "driver_checked_on": order.file.driver_checked_on,
        "archived_at": None,
    }  # fmt: skip


def _stand_down(code: str) -> None:
    """Off duty, unless somebody is waiting for it or sitting in it."""
    standing = update(Vehicle).where(Vehicle.code == code, Vehicle.state == VehicleState.STANDBY.value, ~_has_ride())
    db.session.execute(standing.values(state=VehicleState.OFF.value, state_at=clock.now(), gate_id=None))


def _has_ride() -> ColumnElement[bool]:
    return exists().where(Ride.vehicle_id == Vehicle.id, text(f"ride.{LIVE}"))


def set_state(
    code: str, wanted: VehicleState, actor: Actor, gate_id: int | None = None, reason: str = ""
) -> dict[str, Any]:
    """Let a vehicle stand by, at that gate or at its base, or send it off duty. Refused where its file lacks
    something, naming it, and off duty while it has a live ride."""
    next_revision(VEHICLES)
    vehicle = lock_vehicle(code)
    actor.require("fleet.dispatch", vehicle.path)
    now = clock.now()
    same = update(Vehicle).where(Vehicle.id == vehicle.id, Vehicle.archived_at.is_(None))
    if wanted is VehicleState.STANDBY:
        check_standby(vehicle.file, today())
        if gate_id is not None and not has_gate(gate_id):
            raise Invalid("gate.unknown", _("There is no such gate."), field="gate")
    else:
        same, gate_id = same.where(~_has_ride()), None
    state = {"state": wanted.value, "state_at": now, "state_reason": reason.strip(), "gate_id": gate_id}
    if not changed_one(same.values(**state)):
        raise Refused("vehicle.riding", _("%(vehicle)s is on a ride. End the ride first.", vehicle=code))
    audit.record(
        f"vehicle.{wanted.value}", f"vehicle:{code}", actor=actor.username, scope=vehicle.path,
        before={"state": vehicle.state.value, "gate": vehicle.gate_id},
        after={"state": wanted.value, "gate": gate_id}, reason=reason.strip(),
    )  # fmt: skip
    tell(vehicle.path)
    return {"code": code, "state": wanted.value}


def stand_by_all(actor: Actor) -> dict[str, Any]:
    """Let every vehicle of the actor's that is off duty and has a complete file stand by at its base; how many did."""
    next_revision(VEHICLES)
    day, paths = today(), actor.paths("fleet.dispatch")
    off = [row for row in list_vehicles(paths) if row.state is VehicleState.OFF]
    ready = [row for row in off if not row.list_missing(day)]
    if ready:
        chosen = update(Vehicle).where(Vehicle.id.in_([row.id for row in ready]), Vehicle.state == "off")
        state = {"state": VehicleState.STANDBY.value, "state_at": clock.now(), "state_reason": "", "gate_id": None}
        db.session.execute(chosen.values(**state))
        for path in paths:
            mine = [row.code for row in ready if row.path.startswith(path)]
            audit.record("fleet.standby", "fleet", actor=actor.username, scope=path, after={"vehicles": mine})
            tell(path)
    return {"stood": len(ready), "left": len(off) - len(ready)}


def record_check(code: str, actor: Actor) -> dict[str, Any]:
    """Say that the driver was checked before duty today: sober, rested, licence seen."""
    next_revision(VEHICLES)
    vehicle = lock_vehicle(code)
    actor.require("fleet.write", vehicle.path)
    day = today()
    checked = update(Vehicle).where(Vehicle.id == vehicle.id)
    db.session.execute(checked.values(driver_checked_on=day, version=Vehicle.version + 1))
    audit.record(
        "vehicle.check", f"vehicle:{code}", actor=actor.username, scope=vehicle.path, after={"on": day.isoformat()}
    )
    tell(vehicle.path)
    return {"code": code, "on": day.isoformat()}


def renew_checks(since: date) -> int:
    """Let every driver who was last checked from `since` on be checked today (a demonstration's); how many were."""
    day = today()
    due = [row.id for row in list_vehicles(("",)) if since <= (row.file.driver_checked_on or date.min) < day]
    if due:
        next_revision(VEHICLES)
        renewed = update(Vehicle).where(Vehicle.id.in_(due))
        db.session.execute(renewed.values(driver_checked_on=day, version=Vehicle.version + 1))
        tell("")
    return len(due)


def new_link(code: str, actor: Actor) -> dict[str, Any]:
    """Make every earlier link of the driver's page void, as when a phone is lost."""
    next_revision(VEHICLES)
    vehicle = lock_vehicle(code)
    actor.require("fleet.write", vehicle.path)
    raised = update(Vehicle).where(Vehicle.id == vehicle.id).values(link_no=Vehicle.link_no + 1)
    number = db.session.execute(raised.returning(Vehicle.link_no)).scalar_one()
    audit.record("vehicle.link", f"vehicle:{code}", actor=actor.username, scope=vehicle.path, after={"no": number})
    return {"code": code, "link_no": number}


def archive_vehicle(code: str, actor: Actor) -> dict[str, Any]:
    """Take a vehicle off every list; its history stays. Refused while it has a live ride or a booking ahead."""
    next_revision(VEHICLES)
    vehicle = find_vehicle(code, archived=True)
    if vehicle is None:
        raise NotFound("vehicle.unknown", NO_VEHICLE)
    actor.require("fleet.write", vehicle.path)
    now = clock.now()
    if vehicle.is_archived:
        raise Changed("vehicle")
    lock_vehicle(code)
    if has_bookings_ahead(vehicle.id, now):
        raise Refused("vehicle.booked", _("%(vehicle)s is still booked. Cancel its bookings first.", vehicle=code))
    gone = update(Vehicle).where(Vehicle.id == vehicle.id, ~_has_ride())
    off = {"state": VehicleState.OFF.value, "gate_id": None, "link_no": Vehicle.link_no + 1}
    if not changed_one(gone.values(archived_at=now, version=Vehicle.version + 1, **off)):
        raise Refused("vehicle.riding", _("%(vehicle)s is on a ride. End the ride first.", vehicle=code))
    audit.record("vehicle.archive", f"vehicle:{code}", actor=actor.username, scope=vehicle.path)
    tell(vehicle.path)
    return {"code": code}
