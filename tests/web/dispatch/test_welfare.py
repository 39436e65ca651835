"""A crew that gives no sign is called, an alarm is seen by somebody, a phone is shown to who says why."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from cast import Cast, token
from conftest import on_both
from factories.fleet import DISPATCHER, a_request, a_vehicle, an_offer
from flask.testing import FlaskClient
from html5lib import HTMLParser
from sqlalchemy import insert, select

from stations.fleet.actions.rides import take_step
from stations.fleet.models import Vehicle, VehiclePosition
from stations.fleet.rules.rides import RideState
from stations.kernel import clock
from stations.kernel.audit import list_events
from stations.kernel.db import db, transaction

pytestmark = pytest.mark.usefixtures("app")


def press(client: FlaskClient, address: str, **fields: str) -> tuple[int, str]:
    asked = {"csrf_token": token(client, "/account/"), "request_id": "press-00001"} | fields
    answer = client.post(f"/dispatch/vehicles/{address}?lang=en", data=asked)
    db.session.rollback()
    return answer.status_code, answer.text


def wait(minutes: float) -> None:
    clock.show(clock.now() + timedelta(minutes=minutes), clock.real_now())


def a_ride(code: str) -> int:
    ride = an_offer(a_request(), code)
    with transaction():
        take_step(ride, RideState.ACCEPTED, DISPATCHER)
    return ride


def a_marker(code: str, **changes: Any) -> None:
    """The device of a vehicle was heard now."""
    now = clock.now()
    fields = {
        "fixed_at": now, "received_at": now, "seen_at": now, "heard_at": now, "lat": 39.9, "lon": 116.4,
        "source": "beacon", "interval_seconds": 10,
    }  # fmt: skip
    with transaction():
        vehicle_id = db.session.execute(select(Vehicle.id).where(Vehicle.code == code)).scalar_one()
        db.session.execute(insert(VehiclePosition).values(vehicle_id=vehicle_id, **fields | changes))


def board(client: FlaskClient) -> str:
    page = client.get("/dispatch?lang=en").text
    HTMLParser(strict=True).parse(page)
    return page


@on_both
def test_crew_without_a_sign_is_on_top_until_somebody_spoke_to_them(cast: Cast) -> None:
    client = cast.dispatcher
    a_ride("V012")
    wait(14)
    assert "No sign from" not in board(client)
    wait(2)
    page = board(client)
    assert "No sign from V012 for 16 min: call the crew." in page
    assert page.index("No sign from V012") < page.index('class="queue"')
    assert press(client, "V012/spoken")[0] == 303
    assert "No sign from" not in board(client)
    assert press(client, "V012/spoken")[0] == 303
    deeds = [event[1:3] for event in list_events("vehicle:V012")]
    assert deeds == [("dispatcher", "vehicle.spoken"), ("program", "vehicle.save")], "sent twice, done once"
    wait(16)
    assert "No sign from V012 for 16 min" in board(client)


def test_a_step_or_a_position_is_a_sign(cast: Cast) -> None:
    client = cast.dispatcher
    rides = {code: a_ride(code) for code in ("V012", "V013", "V014")}
    wait(14)
    with transaction():
        take_step(rides["V012"], RideState.PICKED_UP, DISPATCHER)
    a_marker("V013")
    wait(2)
    assert re.findall(r"No sign from (V\d+)", board(client)) == ["V014"]


def test_alarm_is_on_top_until_it_is_seen(cast: Cast) -> None:
    client = cast.dispatcher
    first = clock.now()
    a_marker("V020", alarm_at=first)
    wait(1.5)
    page = board(client)
    assert "Alarm from V020, 1 min ago: call the crew." in page
    at = re.search(r'name="at" value="([^"]+)"', page)
    assert at
    assert datetime.fromisoformat(at[1]) == first
    early = (first - timedelta(seconds=1)).isoformat()
    assert press(client, "V020/alarm", at=early, request_id="press-00002")[0] == 409, "a later alarm stays"
    assert press(client, "V020/alarm", at=at[1])[0] == 303
    assert press(client, "V020/alarm", at=at[1])[0] == 303, "a replay changes nothing"
    assert press(client, "V020/alarm", at=at[1], request_id="press-00003")[0] == 409
    assert "Alarm from" not in board(client)
    assert [event[2] for event in list_events("vehicle:V020")] == ["vehicle.alarm_seen", "vehicle.save"]
    for typed in ("", "now", "2027-06-07T07:45:00"):
        assert press(client, "V020/alarm", at=typed, request_id="press-00004")[0] == 400


def test_silent_devices_are_listed_behind_the_figure(cast: Cast) -> None:
    a_marker("V030", battery_percent=12.4)
    wait(0.5)
    a_marker("V031")
    page = board(cast.dispatcher)
    assert "<strong>1</strong> silent" in page
    assert re.search(r"<strong>V030</strong>[^<]*· not heard for 0 min · battery 12%", page)
    assert "<li><strong>V031</strong>" not in page


def test_crew_phone_is_masked_and_each_reveal_is_on_record(cast: Cast) -> None:
    client = cast.dispatcher
    a_vehicle("T1", crew_phone="13900001234")
    a_ride("T1")
    wait(16)
    assert "Crew of T1: 139****1234" in board(client)
    assert "13900001234" not in board(client)
    status, text = press(client, "T1/phone", reason=" ")
    assert (status, "Please say why you need the number." in text) == (400, True)
    status, text = press(client, "T1/phone", reason="no sign")
    assert (status, "13900001234" in text) == (200, True)
    assert list_events("vehicle:T1")[0][1:] == ("dispatcher", "vehicle.reveal_phone", "no sign")


def test_other_peoples_crews_are_left_alone(cast: Cast) -> None:
    a_vehicle("T1", crew_phone="13900001234")
    a_marker("T1", alarm_at=clock.now())
    at = clock.now().isoformat()
    haidian, lead, dispatcher = cast.haidian, cast.lead, cast.dispatcher
    for deed in ("T1/spoken", "T1/alarm", "T1/phone"):
        assert press(haidian, deed, reason="x", at=at)[0] == 404
        assert press(lead, deed, reason="x", at=at)[0] == 403
        assert press(dispatcher, deed.replace("T1", "NONE"), reason="x", at=at)[0] == 404
        assert press(dispatcher, deed, reason="x", at=at, request_id="")[0] == 400
    assert list_events("vehicle:T1") == []
