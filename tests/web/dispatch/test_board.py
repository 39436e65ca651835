"""The board as a dispatcher uses it: most urgent first, two clicks, who was faster, what is typed is kept."""

import re
from datetime import datetime, timedelta

import pytest
from cast import Cast, token
from factories.fleet import DISPATCHER, HERE, OTHER, a_request, a_vehicle, an_offer
from flask.testing import FlaskClient
from html5lib import HTMLParser
from listening import listen

from stations.fleet.actions.rides import take_step
from stations.fleet.queries.requests import get_request
from stations.fleet.queries.rides import get_ride, list_rides_of
from stations.fleet.rules.requests import HelpKind, RequestState
from stations.fleet.rules.rides import RideState
from stations.kernel import clock
from stations.kernel.audit import list_events
from stations.kernel.db import db, transaction

pytestmark = pytest.mark.usefixtures("app")


def press(client: FlaskClient, address: str, **fields: str) -> tuple[int, str]:
    asked = {"csrf_token": token(client, "/account/"), "request_id": "press-00001"} | fields
    answer = client.post(address, data=asked)
    db.session.rollback()
    return answer.status_code, answer.text


def test_board_without_requests_says_what_will_come(cast: Cast) -> None:
    page = cast.dispatcher.get("/dispatch?lang=en")
    assert page.status_code == 200
    assert "Nobody asks for help." in page.text
    assert "no-store" in page.headers["Cache-Control"]
    HTMLParser(strict=True).parse(page.text)


def test_queue_is_ordered_by_what_must_happen_first(cast: Cast) -> None:
    home = a_request(kind=HelpKind.RIDE_HOME)
    near = a_request()
    far = a_request(point=(40.05, 116.45))
    unwell = a_request(kind=HelpKind.UNWELL)
    page = cast.dispatcher.get("/dispatch?lang=en").text
    listed = [int(found) for found in re.findall(r'class="queue__link" href="[^"]*request=(\d+)', page)]
    assert listed == [unwell, far, near, home]
    HTMLParser(strict=True).parse(page)
    assert "Last entry" in cast.dispatcher.get(f"/dispatch?request={near}&lang=en").text


def test_two_clicks_send_the_best_vehicle(cast: Cast) -> None:
    number = a_request()
    client = cast.dispatcher
    page = client.get(f"/dispatch?request={number}&lang=en").text
    best = re.search(r'name="vehicle" value="([^"]+)"', page)
    assert best
    assert "min to the caller" in page
    assert "Why not the other" in page
    status, _text = press(client, f"/dispatch/requests/{number}/offer", vehicle=best[1])
    assert status == 303
    ride = list_rides_of(number)[0]
    assert (ride.vehicle, ride.state, ride.offered_by) == (best[1], RideState.OFFERED, "dispatcher")
    assert ride.reach_seconds > 0
    assert press(client, f"/dispatch/requests/{number}/offer", vehicle=best[1])[0] == 303
    assert len(list_rides_of(number)) == 1, "sent twice, done once"


def test_who_comes_second_is_told_who_was_first(cast: Cast) -> None:
    number, other = a_request(), a_request()
    an_offer(number, "V010", OTHER)
    status, text = press(cast.dispatcher, f"/dispatch/requests/{other}/offer?lang=en", vehicle="V010")
    assert status == 409
    assert "dispatcher2 has just sent V010 on another ride." in text
    status, text = press(cast.dispatcher, f"/dispatch/requests/{number}/offer?lang=en", vehicle="V011")
    assert status == 409
    assert "dispatcher2 has already sent V010." in text


def test_vehicle_that_does_not_fit_is_refused_on_this_path_too(cast: Cast) -> None:
    a_vehicle("T1", seats=2)
    a_vehicle("T2", insurance_until=None)
    a_vehicle("T3", state="off")
    number = a_request(seats=3, needs_wheelchair=True)
    for vehicle, says in (("T1", "T1 has only 2 seats."), ("T2", "It cannot stand by yet"), ("T3", "T3 is off duty.")):
        status, text = press(cast.dispatcher, f"/dispatch/requests/{number}/offer?lang=en", vehicle=vehicle)
        assert (status, says in text) == (409, True), text[:200]
    assert press(cast.dispatcher, f"/dispatch/requests/{number}/offer", vehicle="NONE")[0] == 404
    assert press(cast.dispatcher, f"/dispatch/requests/{number}/offer", vehicle="")[0] == 400
    assert get_request(number).state is RequestState.WAITING


def test_unanswered_offer_is_back_on_top(cast: Cast) -> None:
    first, urgent = a_request(), a_request(kind=HelpKind.UNWELL)
    an_offer(first, "V010")
    clock.show(clock.now() + timedelta(seconds=61), clock.real_now())
    page = cast.dispatcher.get("/dispatch?lang=en").text
    listed = [int(found) for found in re.findall(r'class="queue__link" href="[^"]*request=(\d+)', page)]
    assert listed == [first, urgent]
    assert "V010 does not answer" in page


def test_people_and_deeds_are_named_in_words(cast: Cast) -> None:
    number, other = a_request(), a_request()
    refused = an_offer(number, "V010")
    with transaction():
        take_step(refused, RideState.REFUSED, DISPATCHER, reason="breakdown")
    an_offer(number, "V011")
    client = cast.dispatcher
    page = client.get(f"/dispatch?request={number}&lang=en").text
    assert "offered by 演示调度员" in page
    past = re.findall(r"</time> ([^<]+)</li>", page)
    assert past == [
        "演示调度员 · Offered", "演示调度员 · Refused · Breakdown or accident", "演示调度员 · Offered",
        "the asker · Asked for help",
    ]  # fmt: skip
    status, text = press(client, f"/dispatch/requests/{other}/offer?lang=en", vehicle="V011")
    assert (status, "演示调度员 has just sent V011 on another ride." in text) == (409, True)


def test_all_proposed_are_sent_at_once_each_vehicle_once(cast: Cast) -> None:
    numbers = [a_request(point=(39.9 + n / 100, 116.3)) for n in range(4)]
    assert press(cast.dispatcher, "/dispatch/offers")[0] == 303
    rides = [list_rides_of(number)[0] for number in numbers]
    assert len({ride.vehicle for ride in rides}) == 4


def test_ride_that_is_wanted_later_is_booked_and_given_when_its_time_comes(cast: Cast) -> None:
    wanted = clock.now() + timedelta(hours=3)
    number = a_request(kind=HelpKind.RIDE_HOME, wanted_at=wanted)
    client = cast.dispatcher
    assert "Book V" in client.get(f"/dispatch?request={number}&lang=en").text
    assert press(client, f"/dispatch/requests/{number}/offer", vehicle="V010")[0] == 303
    assert (list_rides_of(number), get_request(number).booked_vehicle) == ([], "V010")
    again = {"vehicle": "V011", "request_id": "press-00002"}
    status, text = press(client, f"/dispatch/requests/{number}/offer?lang=en", **again)
    assert (status, "V010 is booked for it already." in text) == (409, True)
    clock.show(wanted - timedelta(minutes=20), clock.real_now())
    page = client.get("/dispatch?lang=en").text
    assert "proposed: V010" in page
    later = {"vehicle": "V011", "request_id": "press-00003"}
    assert press(client, f"/dispatch/requests/{number}/offer", **later)[0] == 303
    assert list_rides_of(number)[0].vehicle == "V011"
    assert get_request(number).booked_vehicle is None, "V010 has its time back"


def test_phone_is_masked_and_each_reveal_is_on_record(cast: Cast) -> None:
    number = a_request(phone="13800001234")
    client = cast.dispatcher
    assert "138****1234" in client.get("/dispatch").text
    assert "13800001234" not in client.get("/dispatch").text
    status, text = press(client, f"/dispatch/requests/{number}/phone?lang=en", reason="")
    assert (status, "Please say why you need the number." in text) == (400, True)
    status, text = press(client, f"/dispatch/requests/{number}/phone?lang=en", reason="not at the gate")
    assert (status, "13800001234" in text) == (200, True)
    assert list_events(f"help:{number}")[0][1:] == ("dispatcher", "help.reveal_phone", "not at the gate")


def test_place_in_words_is_set_or_kept(cast: Cast) -> None:
    number = a_request(point=None, place="路口")
    client = cast.dispatcher
    assert "ask, then set the place below" in client.get(f"/dispatch?request={number}&lang=en").text
    status, text = press(client, f"/dispatch/requests/{number}/place?lang=en", place="<b>nowhere</b>")
    assert status == 400
    assert "&lt;b&gt;nowhere&lt;/b&gt;" in text
    assert press(client, f"/dispatch/requests/{number}/place", lat="39.99", lon="116.31")[0] == 303
    assert get_request(number).point == HERE


def test_steps_and_closing_by_telephone(cast: Cast) -> None:
    number = a_request()
    ride = an_offer(number, "V010")
    client = cast.dispatcher
    assert press(client, f"/dispatch/rides/{ride}/accepted", help_id=str(number))[0] == 303
    assert get_ride(ride).state is RideState.EN_ROUTE
    status, text = press(client, f"/dispatch/rides/{ride}/refused?lang=en", request_id="press-00002")
    assert (status, "Please say why." in text) == (400, True)
    assert press(client, f"/dispatch/rides/{ride}/flying", request_id="press-00003")[0] == 404
    closing = {"request_id": "press-00004", "outcome": "false_alarm"}
    assert press(client, f"/dispatch/requests/{number}/close", **closing)[0] == 303
    assert get_ride(ride).state is RideState.CANCELLED
    closed = client.get("/dispatch/closed?lang=en").text
    assert "False alarm" in closed


def test_map_shows_vehicles_requests_and_how_gates_are_covered(cast: Cast) -> None:
    number = a_request()
    an_offer(number, "V010")
    whole = cast.dispatcher.get("/dispatch/vehicles.json").get_json()
    states = {row[0]: row[4] for row in whole["vehicles"]}
    assert len(states) == 251
    assert (states["V010"], states["V020"]) == ("riding", "posted")
    assert [row[0] for row in whole["requests"]] == [number]
    assert any(minutes is not None for *_gate, minutes in whole["gates"])
    assert "13800" not in str(whole)


def test_board_reads_as_often_for_many_as_for_one(cast: Cast) -> None:
    client = cast.dispatcher
    a_request()
    client.get("/dispatch")
    with listen() as one:
        client.get("/dispatch/parts")
    for n in range(5):
        a_request(point=(39.9 + n / 50, 116.4))
    with listen() as many:
        client.get("/dispatch/parts")
    assert len(many) == len(one)


def test_district_sees_its_own_requests_only(cast: Cast) -> None:
    ours, theirs = a_request(station="GH-HD-01"), a_request(station="MD-001")
    client = cast.haidian
    page = client.get("/dispatch").text
    assert f"request={ours}" in page
    assert f"request={theirs}" not in page
    for address in (f"/dispatch/requests/{theirs}/place", f"/dispatch/requests/{theirs}/phone"):
        assert press(client, address, reason="x", lat="39.9", lon="116.3")[0] == 404
    assert press(client, f"/dispatch/requests/{theirs}/offer", vehicle="V001")[0] == 404
    with transaction():
        ride = list_rides_of(theirs)
    assert ride == []


def test_whoever_may_not_dispatch_reads_or_stays_outside(cast: Cast) -> None:
    number = a_request(station="GH-HD-01")
    ride = an_offer(number, "V010")
    posts = (f"requests/{number}/offer", f"requests/{number}/place", f"requests/{number}/phone",
             f"requests/{number}/close", f"rides/{ride}/accepted", "offers")  # fmt: skip
    for username in ("lead", "team", "counsellor", "observer"):
        client = cast.sign_in(username)
        for address in ("", "/parts", "/closed", "/vehicles.json", "/stream"):
            assert client.get(f"/dispatch{address}").status_code == 403
        for address in posts:
            asked = {"csrf_token": token(client, "/account/"), "request_id": "press-00009", "vehicle": "V010"}
            assert client.post(f"/dispatch/{address}", data=asked).status_code == 403
    db.session.rollback()
    assert get_ride(ride).state is RideState.OFFERED
    with transaction():
        take_step(ride, RideState.ACCEPTED, DISPATCHER)


def test_board_shows_other_ways_only_when_it_is_too_late(cast: Cast) -> None:
    number = a_request(point=(40.05, 116.4))
    client = cast.dispatcher
    assert "What else helps" not in client.get(f"/dispatch?request={number}&lang=en").text
    clock.show(datetime.fromisoformat("2027-06-07T09:05:00+08:00"), clock.real_now())
    assert "What else helps" in client.get(f"/dispatch?request={number}&lang=en").text
