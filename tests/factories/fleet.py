"""Vehicles, help requests and offers in the demonstration."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from factories.places import BEIJING
from sqlalchemy import insert, select

from stations.accounts.models import Organization
from stations.accounts.rules import Actor, Scope
from stations.fleet.actions.requests import ask
from stations.fleet.actions.rides import OfferOrder, offer
from stations.fleet.models import PositionReport, Vehicle
from stations.fleet.rules.requests import HelpKind, HelpOrder
from stations.kernel import clock
from stations.kernel.db import db, transaction
from stations.places.models import Station

SITE = "KD0108-01"
DISPATCHER = Actor("dispatcher", "Dispatcher", (Scope("dispatcher", "YS-BJ/"),))
OTHER = Actor("dispatcher2", "Other", (Scope("dispatcher", "YS-BJ/"),))
HAIDIAN = Actor("haidian", "Haidian", (Scope("organizer", "YS-BJ/YS-BJ-110108/"),))
GOOD = date(2030, 1, 1)
HERE = (39.99, 116.31)


def vehicle_values(code: str, **changes: Any) -> dict[str, Any]:
    """A row that stands by, its file aside."""
    owner = db.session.execute(select(Organization.id, Organization.path).where(Organization.code == "YS-QY")).one()
    base = db.session.execute(select(Station.id).order_by(Station.code).limit(1)).scalar_one()
    fields: dict[str, Any] = {
        "code": code, "plate": f"测{code}", "kind": "sedan", "seats": 4, "has_wheelchair": False, "sticker_no": "",
        "organization_id": owner.id, "path": f"{owner.path}{code}/", "station_id": base, "crew_phone": "13900000000",
        "licence_until": GOOD, "registration_until": GOOD, "insurance_until": GOOD,
        "driver_checked_on": clock.now().astimezone(BEIJING).date(), "duty_from_minute": 0,
        "duty_until_minute": 1440, "state": "standby", "state_reason": "",
        "device_key": uuid4().hex, "link_no": 1, "version": 1,
    }  # fmt: skip
    return fields | changes


def a_vehicle(code: str = "T1", **changes: Any) -> int:
    """Put a vehicle on stand-by; its id."""
    with transaction():
        row = insert(Vehicle).values(vehicle_values(code, **changes)).returning(Vehicle.id)
        return db.session.execute(row).scalar_one()


def help_order(**changes: Any) -> HelpOrder:
    """Somebody running late for a site that has no double."""
    fields: dict[str, Any] = {
        "kind": HelpKind.LATE, "site": SITE, "station": "", "place": "", "point": HERE, "seats": 1,
        "needs_wheelchair": False, "phone": "", "is_site_checked": True,
    }  # fmt: skip
    return HelpOrder(**fields | changes)


def a_request(by: str = "public", **changes: Any) -> int:
    """Ask for help; the request's id."""
    with transaction():
        return int(ask(help_order(**changes), by)["id"])


def an_offer(request_id: int, vehicle: str = "T1", actor: Actor = DISPATCHER, **changes: Any) -> int:
    """Offer a ride to a vehicle; the ride's id."""
    order = OfferOrder(request_id, vehicle, 300, 600, "built-in", **changes)
    with transaction():
        return int(offer(order, actor)["ride"])


def a_track(vehicle: str, fixes: Iterable[tuple[datetime, float, float]], **changes: Any) -> int:
    """Let a vehicle have been at (time, latitude, longitude), each reported at once; its id."""
    fields = {"accuracy_metres": 8.0, "source": "beacon", "verdict": "good"} | changes
    with transaction():
        vehicle_id = db.session.execute(select(Vehicle.id).where(Vehicle.code == vehicle)).scalar_one()
        rows = [
            {"vehicle_id": vehicle_id, "fixed_at": at, "received_at": at, "lat": lat, "lon": lon} | fields
            for at, lat, lon in fixes
        ]
        db.session.execute(insert(PositionReport), rows)
    return vehicle_id
