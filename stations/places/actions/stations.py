"""Changes to stations."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, update

from stations.accounts.queries import find_organization
from stations.accounts.rules import Actor
from stations.kernel import audit, clock
from stations.kernel.db import changed_one, db
from stations.kernel.errors import Invalid
from stations.kernel.revision import next_revision
from stations.kernel.text import _
from stations.kernel.versions import NOTHING_YET, Changed, write_record
from stations.places import rules
from stations.places.actions.writing import get_district_code
from stations.places.models import OpeningHours, ServiceOffered, Station
from stations.places.queries.loading import STATIONS
from stations.places.queries.sheets import station_order
from stations.places.queries.stations import find_station, get_station
from stations.places.rules import Hours, StationState
from stations.places.rules.orders import StationOrder


def save_station(order: StationOrder, actor: Actor) -> dict[str, Any]:
    """Add the station of that code or bring it to `order`; refused outside the actor's scope."""
    organization = find_organization(order.organization)
    if organization is None:
        message = _("There is no organization %(code)s.", code=order.organization)
        raise Invalid("organization.unknown", message, field="organization")
    path = f"{organization.path}{order.code}/"
    actor.require("places.write", path)
    revision = next_revision(STATIONS)  # first: from here on nobody else writes a station
    known = find_station(order.code, archived=True)
    if known is not None and order.version != NOTHING_YET:
        actor.require("places.write", known.path)
    fields = {
        "name": order.name, "kind": order.kind, "organization_id": organization.id, "path": path,
        "district_code": get_district_code(order.district), "address": order.address, "lat": order.point.lat,
        "lon": order.point.lon, "phone": order.phone, "archived_at": None, "revision": revision,
    }  # fmt: skip
    if order.version is None:  # a sheet says it; a page has its own button
        fields["verified_at"] = order.verified_at
    start = {"code": order.code, "state": StationState.PLANNED.value, "state_reason": ""}
    station_id = write_record(Station, known.id if known else None, order.version, fields, start)
    _replace_services(station_id, order.offers)
    _replace_hours(station_id, order.hours)
    before = station_order(known).values() if known else {}
    after = station_order(get_station(order.code)).values()
    subject = f"station:{order.code}"
    audit.record_change("station.save", subject, before, after, actor=actor.username, scope=path)
    return {"code": order.code, "is_new": known is None}


def archive_station(code: str, actor: Actor) -> None:
    """Take a station off every list; its history stays."""
    station = get_station(code)
    actor.require("places.write", station.path)
    gone = update(Station).where(Station.id == station.id, Station.archived_at.is_(None))
    fields = {"archived_at": clock.now(), "version": Station.version + 1, "revision": next_revision(STATIONS)}
    if not changed_one(gone.values(**fields)):
        raise Changed("station")
    audit.record("station.archive", f"station:{code}", actor=actor.username, scope=station.path)


def set_state(code: str, wanted: StationState, reason: str, actor: Actor, zone: ZoneInfo) -> dict[str, Any]:
    """Open, pause or close a station now, for today. Opening verifies it."""
    revision = next_revision(STATIONS)
    station = get_station(code)
    actor.require("places.operate", station.path)
    now = clock.now()
    current = rules.current_state(station.hours, station.said, now, zone)
    rules.change_state(current, wanted, reason)
    fields: dict[str, Any] = {"state": wanted.value, "state_at": now, "state_reason": reason.strip()}
    if wanted is StationState.OPEN:
        fields["verified_at"] = now
    same = update(Station).where(
        Station.id == station.id,
        Station.state == station.said.state.value,
        Station.state_at.is_(None) if station.said.at is None else Station.state_at == station.said.at,
        Station.archived_at.is_(None),
    )
    if not changed_one(same.values(**fields, revision=revision)):
        raise Changed("station")
    before, after = {"state": current.value}, {"state": wanted.value, "on": now.astimezone(zone).date().isoformat()}
    audit.record(
        f"station.{wanted.value}", f"station:{code}", actor=actor.username, scope=station.path, before=before,
        after=after, reason=reason.strip(),
    )  # fmt: skip
    return {"code": code, "state": wanted.value}


def verify(code: str, actor: Actor) -> dict[str, Any]:
    """Say that what the page shows of a station is true now."""
    station = get_station(code)
    actor.require("places.operate", station.path)
    now = clock.now()
    seen = update(Station).where(Station.id == station.id, Station.archived_at.is_(None))
    if not changed_one(seen.values(verified_at=now, revision=next_revision(STATIONS))):
        raise Changed("station")
    audit.record("station.verify", f"station:{code}", actor=actor.username, scope=station.path)
    return {"code": code, "verified_at": now.isoformat()}


def _replace_services(station_id: int, services: Iterable[str]) -> None:
    db.session.execute(delete(ServiceOffered).where(ServiceOffered.station_id == station_id))
    rows = [{"station_id": station_id, "service": service} for service in services]
    if rows:
        db.session.execute(insert(ServiceOffered), rows)


def _replace_hours(station_id: int, hours: Hours) -> None:
    db.session.execute(delete(OpeningHours).where(OpeningHours.station_id == station_id))
    rows = [_hours_row(station_id, day, None, span) for day, spans in enumerate(hours.weekly) for span in spans]
    for day, spans in hours.dated.items():
        rows += [_hours_row(station_id, None, day, span) for span in spans or (None,)]
    if rows:
        db.session.execute(insert(OpeningHours), rows)


def _hours_row(station_id: int, weekday: int | None, day: date | None, span: tuple[int, int] | None) -> dict[str, Any]:
    opens, closes = span or (None, None)
    return {
        "station_id": station_id, "weekday": weekday, "day": day, "opens_minute": opens, "closes_minute": closes,
    }  # fmt: skip
