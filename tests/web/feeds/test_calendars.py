"""Calendars by the rules that calendars trip over (RFC 5545), read back by the library."""

from datetime import UTC, datetime, timedelta
from typing import Any

from factories.shifts import (
    HERE,
    ORGANIZER,
    a_shift,
    a_team,
    a_volunteer,
    at,
    get_person,
    put,
    sign_up,
    themselves,
)
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar

from stations.kernel.db import db, transaction
from stations.shifts.actions.dropping import acknowledge, drop
from stations.shifts.actions.shifts import cancel_shift, change_shift
from stations.shifts.actions.volunteers import new_link
from stations.shifts.queries.shifts import get_shift
from stations.shifts.rules.orders import ShiftOrder
from stations.web.volunteer_links import make_station_calendar_link


def address(staff_no: str) -> str:
    """Where a volunteer's calendar lies."""
    return f"/feeds/volunteer/{get_person(staff_no).feed_key}.ics"


def read(client: FlaskClient, url: str) -> dict[str, Any]:
    """The events of a feed, by UID, after its octets were looked at."""
    db.session.rollback()
    answer = client.get(url)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    lines = answer.data.split(b"\r\n")
    assert lines[-1] == b""
    assert all(b"\n" not in line and len(line) <= 75 for line in lines)
    for line in lines:
        line.decode()  # no character is cut in two
    calendar: Any = Calendar.from_ical(answer.data)
    assert (calendar["version"], calendar["prodid"][:3]) == ("2.0", "-//")
    events = list(calendar.walk("VEVENT"))
    zones = {str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")}
    assert {event["dtstart"].params["TZID"] for event in events} <= zones
    assert all(event["dtstamp"].dt.utcoffset() == timedelta(0) for event in events)
    return {str(event["uid"]): event for event in events}


def test_own_shifts_stand_in_it_and_nobody_else(client: FlaskClient) -> None:
    a_team()
    a_volunteer("L1", team="T1", standing="leader", phone="13800001234")
    a_volunteer("S1", team="T1", phone="13911112222")
    shift = a_shift("07:00", 2.5, post="guidance", needs={"": 2})
    mine = sign_up("S1", shift)
    put("L1", shift)
    (event,) = read(client, address("S1")).values()
    assert str(event["uid"]) == f"assignment-{mine}@bankao"
    assert event["dtstart"].dt == at("07:00")
    assert event["dtend"].dt - event["dtstart"].dt == timedelta(hours=2.5)
    assert (event["status"], event["sequence"]) == ("CONFIRMED", 0)
    assert "演示工会伴考点·海淀01" in event["summary"]
    body = client.get(address("S1")).text
    assert not any(name in body for name in ("志愿者", "1380000", "1391111", "L1"))
    assert "Guidance at" in client.get(f"{address('S1')}?lang=en").text.replace("\r\n ", "")


def test_change_and_end_count_on_and_stay(client: FlaskClient) -> None:
    a_volunteer("S1")
    moved, off, dropped = a_shift("07:00", 1), a_shift("09:00", 1), a_shift("11:00", 1)
    ids = [sign_up("S1", shift) for shift in (moved, off, dropped)]
    before = read(client, address("S1"))
    with transaction():
        acknowledge(ids[0], themselves("S1"))
        row = get_shift(moved)
        change_shift(
            moved, ShiftOrder(HERE, row.post, at("07:30"), at("08:30"), {"": 1}, version=row.version), ORGANIZER
        )
        cancel_shift(off, ORGANIZER, "rain")
        drop(ids[2], themselves("S1"))
    after = read(client, address("S1"))
    assert after.keys() == before.keys()
    events = [after[f"assignment-{number}@bankao"] for number in ids]
    assert [str(event["status"]) for event in events] == ["CONFIRMED", "CANCELLED", "CANCELLED"]
    assert all(event["sequence"] > before[uid]["sequence"] for uid, event in after.items())
    assert all(event["dtstamp"].dt == before[uid]["dtstamp"].dt for uid, event in after.items())
    assert events[0]["dtstart"].dt == at("07:30")


def test_same_rows_are_the_same_bytes_and_answered_304(client: FlaskClient) -> None:
    a_volunteer("S1")
    sign_up("S1", a_shift())
    first = client.get(address("S1"))
    assert client.get(address("S1")).data == first.data
    known = {"If-None-Match": first.headers["ETag"]}
    again = client.get(address("S1"), headers=known)
    assert (again.status_code, again.data) == (304, b"")
    sign_up("S1", a_shift("14:00"))
    assert client.get(address("S1"), headers=known).status_code == 200


def test_empty_calendar_is_one(client: FlaskClient) -> None:
    a_volunteer("S1")
    assert read(client, address("S1")) == {}


def test_address_dies_with_the_link(client: FlaskClient) -> None:
    a_volunteer("S1")
    old = address("S1")
    with transaction():
        new_link("S1", ORGANIZER)
    db.session.rollback()
    for gone in (old, "/feeds/volunteer/x.ics", "/feeds/station/GH-HD-01.ics"):
        assert client.get(gone).status_code == 404
    assert client.get(address("S1")).status_code == 200


def test_station_has_its_shifts_without_names(app: Flask, client: FlaskClient) -> None:
    a_volunteer("S1")
    shift, off = a_shift("07:00", 2, needs={"": 3, "first_aid": 1}), a_shift("10:00", 2)
    sign_up("S1", shift)
    with transaction():
        cancel_shift(off, ORGANIZER, "rain")
    with app.test_request_context():
        url = make_station_calendar_link(HERE).removeprefix("http://localhost")
    events = read(client, url)
    assert {uid: str(event["status"]) for uid, event in events.items()} == {
        f"shift-{shift}@bankao": "CONFIRMED", f"shift-{off}@bankao": "CANCELLED",
    }  # fmt: skip
    assert "志愿者" not in client.get(url).text
    stamp: datetime = events[f"shift-{shift}@bankao"]["dtstamp"].dt
    assert stamp == datetime(2027, 1, 1, tzinfo=UTC)
