"""Asking for help, finding where that is, calling it off, closing it, and the phone that is shown with a reason."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, update

from stations.accounts.rules import Actor
from stations.fleet.actions.telling import tell
from stations.fleet.models import Booking, HelpRequest
from stations.fleet.queries.requests import UNKNOWN, HelpRow, find_district_of, find_path_for, get_request
from stations.fleet.rules.requests import (
    AGAINST_THE_CLOCK,
    MOST_SEATS,
    HelpKind,
    HelpOrder,
    Outcome,
    RequestState,
    check_site,
    check_wanted,
    check_where,
    without_numbers,
)
from stations.kernel import audit, clock
from stations.kernel.db import changed_one, db
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.geo.distance import geodesic_metres
from stations.kernel.text import Text, _
from stations.places.queries.anchoring import find_sure_match, get_place_anchor, list_alike_sites
from stations.places.queries.atlas import Atlas, get_atlas
from stations.places.queries.rows import SiteRow, StationRow
from stations.seasons.queries import Calendar, get_calendar
from stations.seasons.rules import countdown

CHANGED: Text = _("This request has changed meanwhile. Please look again.")
PUBLIC = "public"


def ask(order: HelpOrder, asked_by: str) -> dict[str, Any]:
    """Take a request into the queue; its id and the asker's key. Whoever asks says no name."""
    calendar = get_calendar()
    atlas = get_atlas(calendar.zone)
    site = atlas.sites.get(order.site)
    if site is None:
        raise Invalid("site.unknown", _("Please choose the exam site."), field="site")
    check_where(order)
    check_site(order, tuple(other.name for other in list_alike_sites(atlas, site)))
    now = clock.now()
    check_wanted(order.wanted_at, now)
    if not 1 <= order.seats <= MOST_SEATS:
        raise Invalid("seats.range", _("A ride has 1 to %(most)s seats.", most=MOST_SEATS), field="seats")
    station = atlas.find_station(order.station) if order.station else None
    if order.station and station is None:
        raise Invalid("station.unknown", _("There is no such station."), field="station")
    point = order.point or find_named_point(atlas, order, station)
    fields: dict[str, Any] = {
        "key": secrets.token_urlsafe(16), "kind": order.kind.value, "state": RequestState.WAITING.value,
        "asked_at": now, "asked_by": asked_by, "wanted_at": order.wanted_at,
        "path": station.path if station else find_path_for(find_district_of(site.id)),
        "exam_site_id": site.id, "gate_id": find_gate_id(site, point),
        "entry_cutoff_at": find_cutoff(order, calendar, now), "station_id": station.id if station else None,
        "place": order.place.strip(), "lat": point[0] if point else None, "lon": point[1] if point else None,
        "seats": order.seats, "needs_wheelchair": order.needs_wheelchair, "phone": order.phone, "outcome": "",
        "version": 1,
    }  # fmt: skip
    made = db.session.execute(insert(HelpRequest).values(fields).returning(HelpRequest.id)).scalar_one()
    audit.record(
        "help.ask", f"help:{made}", actor=asked_by, scope=fields["path"],
        after={"kind": order.kind.value, "site": site.code, "station": order.station},
    )  # fmt: skip
    tell(fields["path"])
    return {"id": made, "key": fields["key"]}


def locate(request_id: int, point: tuple[float, float], place: str, actor: Actor) -> dict[str, Any]:
    """Say where a request is that came with words only, or where they have gone meanwhile."""
    row = get_mine(request_id, actor)
    site = get_atlas(get_calendar().zone).sites.get(row.site)
    if not row.is_open:
        raise Refused("help.over", CHANGED)
    fields = {
        "lat": point[0], "lon": point[1], "place": place.strip() or row.place,
        "gate_id": find_gate_id(site, point) if site else row.gate_id,
    }  # fmt: skip
    _write(row, fields)
    # The audit trail outlives what is erased: it says that somebody was found, not where.
    audit.record("help.locate", f"help:{row.id}", actor=actor.username, scope=row.path)
    tell(row.path)
    return {"id": row.id}


def call_off(row: HelpRow, by: str, outcome: Outcome = Outcome.NOT_NEEDED, reason: str = "") -> dict[str, Any]:
    """End a request that no vehicle is bound to any more."""
    if not row.is_open:
        raise Refused("help.over", CHANGED)
    fields = {"state": RequestState.CANCELLED.value, "closed_at": clock.now(), "outcome": outcome.value}
    _write(row, fields)
    release_time(row.id)
    audit.record(
        "help.call_off", f"help:{row.id}", actor=by, scope=row.path, after={"outcome": outcome.value},
        reason=without_numbers(reason),
    )  # fmt: skip
    tell(row.path)
    return {"id": row.id, "state": RequestState.CANCELLED.value}


def reveal_phone(request_id: int, reason: str, actor: Actor) -> str:
    """The asker's phone, which the page masks; who asked for it, when and why is kept."""
    row = get_mine(request_id, actor)
    if not reason.strip():
        raise Invalid("reveal.reason", _("Please say why you need the number."), field="reason")
    if not row.phone:
        raise NotFound("phone.none", _("No phone number was left, or it has been erased."))
    audit.record(
        "help.reveal_phone", f"help:{row.id}", actor=actor.username, scope=row.path, reason=without_numbers(reason)
    )
    return row.phone


def get_mine(request_id: int, actor: Actor, permission: str = "fleet.dispatch") -> HelpRow:
    """A request that the actor may work on; one elsewhere is as if it were not there."""
    row = get_request(request_id)
    if not actor.may(permission, row.path):
        raise NotFound("request.unknown", UNKNOWN)
    return row


def set_state(row: HelpRow, state: RequestState, **fields: Any) -> None:
    """Move a request on, if it is still as `row` saw it."""
    _write(row, {"state": state.value, **fields})


def find_named_point(atlas: Atlas, order: HelpOrder, station: StationRow | None) -> tuple[float, float] | None:
    """Where the vehicle is to go first, without a position: the station where they are, unless words say where the
    papers are."""
    if station is None or (order.kind is HelpKind.PAPERS and order.place.strip()):
        return find_typed_point(atlas, order.place)
    return station.lat, station.lon


def release_time(request_id: int, but: int | None = None) -> None:
    """Give back the time that vehicles other than `but` keep for a request."""
    kept = update(Booking).where(
        Booking.help_request_id == request_id, Booking.kind == "booked", Booking.cancelled_at.is_(None)
    )
    if but is not None:
        kept = kept.where(Booking.vehicle_id != but)
    db.session.execute(kept.values(cancelled_at=clock.now()))


def find_typed_point(atlas: Atlas, typed: str) -> tuple[float, float] | None:
    """Where a typed place certainly is; None leaves it to the dispatcher to ask."""
    match = find_sure_match(atlas, typed) if typed.strip() else None
    if match is None and typed.strip():  # people leave the last character of a metro station out
        match = find_sure_match(atlas, f"{typed.strip()}站")
    if match is None or match.kind == "district":
        return None
    if match.kind == "site":
        return atlas.sites[match.code].starts[0]
    if match.kind == "station":
        found = atlas.find_station(match.code)
        return (found.lat, found.lon) if found else None
    return get_place_anchor(atlas, f"{match.kind}:{match.code}").starts[0]


def find_gate_id(site: SiteRow, point: tuple[float, float] | None) -> int | None:
    """The gate to be brought to: the nearest from where they are, else the first."""
    if not site.gates:
        return None
    if point is None:
        return site.gates[0].id
    return min(site.gates, key=lambda gate: geodesic_metres(gate.lat, gate.lon, *point)).id


def find_cutoff(order: HelpOrder, calendar: Calendar, now: datetime) -> datetime | None:
    """The cut-off that the ride runs against: the next one of that day, none for those that do not."""
    if order.kind not in AGAINST_THE_CLOCK:
        return None
    at = order.wanted_at or now
    ahead = countdown(calendar.sessions, at)
    return ahead.cutoff_at if ahead and ahead.cutoff_at - at < timedelta(hours=12) else None


def _write(row: HelpRow, fields: dict[str, Any]) -> None:
    same = update(HelpRequest).where(HelpRequest.id == row.id, HelpRequest.version == row.version)
    if not changed_one(same.values(**fields, version=HelpRequest.version + 1)):
        raise Refused("help.changed", CHANGED)
