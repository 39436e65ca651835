"""The driver's page: who has the link may act, once, on the vehicle's own ride, and sees no more than it needs."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from cast import Cast
from conftest import on_both
from factories.fleet import a_request, a_vehicle, an_offer
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from stations.config import ROOT
from stations.fleet.actions.rides import Spot
from stations.fleet.models import Vehicle
from stations.fleet.queries.requests import get_request
from stations.fleet.queries.rides import find_live_ride, get_ride, list_rides_of
from stations.fleet.queries.vehicles import get_vehicle, list_posts
from stations.fleet.rules.requests import HelpKind, RequestState
from stations.fleet.rules.rides import RideState
from stations.fleet.rules.vehicles import VehicleState
from stations.kernel import clock
from stations.kernel.audit import list_events
from stations.kernel.db import db, transaction
from stations.web.driver_links import make_token

TODAY = Cast.now.date()
PAPERS = {
    "licence_until": TODAY, "registration_until": TODAY, "insurance_until": TODAY, "driver_checked_on": TODAY,
}  # fmt: skip
PHONE = "13800001234"
Link = Callable[..., str]


@pytest.fixture
def link(app: Flask) -> Link:
    """The address of a new vehicle's page."""

    def make(code: str = "T1", **fields: Any) -> str:
        number = a_vehicle(code, **PAPERS | fields)
        with app.test_request_context():
            return f"/d/{make_token(number, 1)}"

    return make


def press(client: FlaskClient, link: str, kind: str, **fields: Any) -> TestResponse:
    """A button, as a plain form."""
    return client.post(f"{link}/press?lang=en", data={"kind": kind, "id": uuid4().hex} | fields)


def sync(client: FlaskClient, link: str, *entries: Any) -> list[tuple[Any, ...]]:
    """What an outbox sends, and what became of it."""
    answer = client.post(f"{link}/presses?lang=en", json=list(entries))
    assert answer.status_code == 200, answer.text
    db.session.rollback()
    return [(result["status"], result["message"]) for result in answer.json["results"]]


def test_ride_goes_by_its_steps_and_the_page_forgets_it(client: FlaskClient, link: Link) -> None:
    page = link()
    number = a_request(phone=PHONE, place="南门外")
    ride = an_offer(number)
    offered = client.get(f"{page}?lang=en")
    assert offered.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in offered.headers
    assert "seconds to accept" in offered.text
    assert PHONE not in offered.text
    for kind, state, shown in (
        ("accept", RideState.EN_ROUTE, True),
        ("pick_up", RideState.PICKED_UP, True),
        ("drop_off", RideState.DROPPED_OFF, False),
    ):
        assert press(client, page, kind, ride=ride).status_code == 303
        db.session.rollback()
        assert get_ride(ride).state is state
        assert (PHONE in client.get(page).text) is shown
    over = client.get(f"{page}?lang=en").text
    assert "Standing by" in over
    assert "南门外" not in over
    assert [event.action for event in list_events(f"help:{number}")].count("ride.phone_shown") == 1


@on_both
def test_replayed_press_changes_nothing(app: Flask, client: FlaskClient, link: Link) -> None:
    page = link()
    ride = an_offer(a_request())
    accept = {"kind": "accept", "ride": str(ride), "id": "press-accept-1"}
    assert sync(client, page, accept) == [("done", "")]
    at = get_ride(ride).accepted_at
    assert sync(client, page, accept, accept) == [("replay", "")] * 2
    assert press(client, page, "accept", ride=ride, id="press-accept-1").status_code == 303
    db.session.rollback()
    assert (get_ride(ride).state, get_ride(ride).accepted_at) == (RideState.EN_ROUTE, at)
    ((status, why),) = sync(client, page, accept | {"kind": "pick_up"})
    assert (status, "already used" in why) == ("refused", True)


def test_outbox_keeps_its_order_and_says_what_was_refused(client: FlaskClient, link: Link) -> None:
    page = link()
    ride = str(an_offer(a_request()))
    entries = [{"kind": kind, "ride": ride, "id": f"press-{kind}"} for kind in ("accept", "drop_off", "pick_up")]
    results = sync(client, page, *entries)
    assert [status for status, _why in results] == ["done", "refused", "done"]
    assert "no longer possible" in results[1][1]
    assert get_ride(int(ride)).state is RideState.PICKED_UP


def test_cannot_needs_a_reason_and_sends_the_request_back(client: FlaskClient, link: Link) -> None:
    page = link()
    number = a_request()
    ride = an_offer(number)
    refused = press(client, page, "cannot", ride=ride)
    assert (refused.status_code, "Please say why." in refused.text) == (400, True)
    assert press(client, page, "cannot", ride=ride, reason="tired").status_code == 400
    assert press(client, page, "cannot", ride=ride, reason="stuck").status_code == 303
    db.session.rollback()
    assert (get_ride(ride).state, get_ride(ride).end_reason) == (RideState.REFUSED, "stuck")
    assert get_request(number).state is RequestState.WAITING


def test_breakdown_with_somebody_aboard_hands_them_over(client: FlaskClient, link: Link) -> None:
    page = link()
    number = a_request()
    ride = an_offer(number)
    for kind in ("accept", "pick_up"):
        press(client, page, kind, ride=ride)
    assert press(client, page, "cannot", ride=ride, reason="breakdown").status_code == 303
    db.session.rollback()
    assert get_ride(ride).state is RideState.HANDED_OVER
    assert (get_request(number).state, find_live_ride(get_ride(ride).vehicle_id)) == (RequestState.WAITING, None)


def test_relay_is_handed_over_by_the_code(client: FlaskClient, link: Link) -> None:
    first, second = link("T1"), link("T2")
    number = a_request(kind=HelpKind.PAPERS, place="家")
    bridge = Spot("桥下", (39.98, 116.3))
    rides = an_offer(number, "T1", dropoff=bridge), an_offer(number, "T2", leg=2, pickup=bridge)
    for page, ride in zip((first, second), rides, strict=True):
        press(client, page, "accept", ride=ride)
    press(client, first, "pick_up", ride=rides[0])
    db.session.rollback()
    code = get_ride(rides[0]).handover_code
    shown = client.get(f"{first}?lang=en").text
    assert code in re.findall(r">(\d{4})<", shown)
    assert re.search(r'data-kind="drop_off" disabled', shown)
    assert code not in client.get(f"{second}?lang=en").text
    wrong = press(client, second, "pick_up", ride=rides[1], code=f"{(int(code) + 1) % 10_000:04d}")
    assert (wrong.status_code, "not the hand-over code" in wrong.text) == (400, True)
    assert press(client, second, "pick_up", ride=rides[1], code=code).status_code == 303
    db.session.rollback()
    assert [row.state for row in list_rides_of(number)] == [RideState.HANDED_OVER, RideState.PICKED_UP]
    assert "Standing by" in client.get(f"{first}?lang=en").text


def test_crew_says_where_it_stands_and_that_all_is_well(client: FlaskClient, link: Link) -> None:
    page = link()
    key, post = next(iter(list_posts().items()))
    assert press(client, page, "stand_by", gate=key).status_code == 303
    assert f"{post.site_name} {post.name}" in client.get(page).text
    assert press(client, page, "stand_by", gate="base").status_code == 303
    assert press(client, page, "stand_by", gate="nowhere/1").status_code == 400
    assert press(client, page, "well").status_code == 303
    assert press(client, page, "off_duty").status_code == 303
    assert "Off duty" in client.get(f"{page}?lang=en").text
    db.session.rollback()
    row = get_vehicle("T1")
    assert (row.state, row.gate_id, row.crew_seen_at is None) == (VehicleState.OFF, None, False)


def test_link_acts_for_its_own_vehicle_only_and_dies_with_a_new_one(client: FlaskClient, link: Link) -> None:
    mine, other = link("T1"), link("T2")
    ride = an_offer(a_request())
    assert press(client, other, "accept", ride=ride).status_code == 403
    db.session.rollback()
    assert get_ride(ride).state is RideState.OFFERED
    with transaction():
        db.session.execute(update(Vehicle).where(Vehicle.code == "T1").values(link_no=2))
    for path in ("", "/now"):
        dead = client.get(f"{mine}{path}?lang=en")
        assert (dead.status_code, "no longer valid" in dead.text) == (404, True)
    assert press(client, mine, "accept", ride=ride).status_code == 404
    assert client.post(f"{mine}/presses", json=[]).status_code == 404
    for token in ("x", "WzEsMV0.forged", "%00", "A" * 3000, mine[3:] + "x"):
        assert client.get(f"/d/{token}").status_code == 404


def test_page_counts_the_offer_down_and_the_margin(client: FlaskClient, link: Link) -> None:
    page = link()
    ride = an_offer(a_request())
    clock.show(get_ride(ride).offered_at + timedelta(seconds=20), clock.real_now())
    db.session.rollback()
    now = client.get(f"{page}/now?lang=en").json
    assert (now["ride"]["state"], now["ride"]["presses"]) == ("offered", ["accept", "cannot"])
    assert 30 <= now["ride"]["seconds_left"] <= 40
    assert "no entry after 09:15" in now["html"]
    assert "Haidian" in now["html"]
    assert "海淀区" not in now["html"]
    clock.show(Cast.now + timedelta(minutes=85), clock.real_now())
    late = client.get(f"{page}/now?lang=en").json
    assert late["ride"]["seconds_left"] == 0
    assert "min too late" in late["html"]


def test_ways_lead_by_car_and_a_ride_home_has_no_gate(client: FlaskClient, link: Link) -> None:
    page = link()
    an_offer(a_request(kind=HelpKind.RIDE_HOME))
    shown = client.get(f"{page}?lang=en").text
    for word in ("mode=car", "type=drive", "mode=driving", "dirflg=d"):
        assert word in shown, word
    assert "They say where they are going" in shown
    assert "no entry after" not in shown


def test_list_that_is_none_is_refused(client: FlaskClient, link: Link) -> None:
    page = link()
    many = b"[" + b"{}," * 200 + b"{}]", b"[" + b" " * 2**20 + b"]", b"[" * 100_000
    for sent in (b"", b"null", b"{}", b'"x"', b"\xff", *many):
        answer = client.post(f"{page}/presses", data=sent)
        assert answer.status_code in (400, 413), sent[:20]
        assert answer.mimetype == "application/problem+json"


def test_as_many_presses_as_a_phone_sends_at_once_are_settled(client: FlaskClient, link: Link) -> None:
    batch = re.search(r"^const BATCH = (\d+);", (ROOT / "static" / "js" / "outbox.js").read_text(), re.MULTILINE)
    assert batch
    presses = [{"kind": "accept", "id": f"press-{number:04}", "ride": "77"} for number in range(int(batch[1]))]
    answer = client.post(f"{link()}/presses", json=presses).json
    assert [each["status"] for each in answer["results"]] == ["refused"] * len(presses)


STRANGE: list[Any] = [
    None, 1, [], {}, {"kind": "accept"}, {"kind": "accept", "id": "press-0001"}, {"kind": 1, "id": "press-0001"},
    {"kind": "accept", "id": "press-0001", "ride": "99999999999999999999"},
    {"kind": "accept", "id": "press-0001", "ride": "1.5"}, {"kind": "accept", "id": "press-0001", "ride": "77"},
    {"kind": "closed", "id": "press-0001"}, {"kind": "stand_by", "id": "press-0001", "gate": "\0"},
    {"kind": "pick_up", "id": "press-0001", "ride": "1", "code": "x" * 99}, {"kind": "well", "id": "x"},
    {"kind": "well", "id": "\0" * 8}, {"kind": "cannot", "id": "press-0001", "ride": "1", "reason": "\0"},
]  # fmt: skip


def test_strange_entry_is_refused_by_itself(client: FlaskClient, link: Link) -> None:
    page = link()
    results = sync(client, page, *STRANGE, {"kind": "well", "id": "press-after"})
    assert [status for status, _why in results] == ["refused"] * len(STRANGE) + ["done"]
    assert all(why for status, why in results if status == "refused")


def test_page_lists_the_nearest_gates_and_the_base(client: FlaskClient, link: Link) -> None:
    assert len(re.findall(r"<option", client.get(link()).text)) == 9
