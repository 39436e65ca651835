"""A morning looked at again: what happened with the slack then, where everybody was, and no phone anywhere."""

import re
from datetime import datetime, timedelta

import pytest
from cast import Cast
from conftest import on_both
from factories.fleet import DISPATCHER, a_request, a_track, an_offer
from html5lib import HTMLParser
from listening import listen

from stations.fleet.actions.rides import close_request, take_step
from stations.fleet.queries.tracks import thinning
from stations.fleet.rules.requests import Outcome
from stations.fleet.rules.rides import RideState
from stations.kernel import clock
from stations.kernel.audit import list_acts, list_events
from stations.kernel.db import db, transaction
from stations.workflows.fleet_watch import erase

pytestmark = pytest.mark.usefixtures("app")
START = datetime.fromisoformat("2027-06-07T07:45:00+08:00")


def wait(minutes: float) -> None:
    clock.show(clock.now() + timedelta(minutes=minutes), clock.real_now())


def step(ride: int, state: RideState, **more: str) -> None:
    with transaction():
        take_step(ride, state, DISPATCHER, **more)


def a_morning() -> int:
    """V010 refuses, V011 brings them in; then the request is closed."""
    number = a_request(phone="13800001234", place="四通桥")
    wait(1)
    first = an_offer(number, "V010")
    wait(0.5)
    step(first, RideState.REFUSED, reason="flat tyre")
    ride = an_offer(number, "V011")
    for state in (RideState.ACCEPTED, RideState.PICKED_UP, RideState.DROPPED_OFF):
        wait(2)
        step(ride, state)
    with transaction():
        close_request(number, Outcome.IN_TIME, DISPATCHER)
    return number


def rows(page: str) -> list[tuple[str, str]]:
    """What happened and the slack then."""
    line = r'<td><strong>([^<]+)</strong>(?: · (V\d+))?.*?<span class="slack[^>]*>([^<]+)</span>'
    found = re.findall(line, page, re.S)
    return [(f"{what} {vehicle}".strip(), slack.strip()) for what, vehicle, slack in found]


@on_both
def test_page_lists_what_happened_with_the_slack_then(cast: Cast) -> None:
    a_morning()
    page = cast.dispatcher.get("/dispatch/replay?day=2027-06-07&lang=en").text
    listed = rows(page)
    assert [what for what, _slack in listed] == [
        "Asked for help", "Offered V010", "Refused V010", "Offered V011", "Accepted V011", "Picked up V011",
        "Dropped off V011", "Request closed",
    ]  # fmt: skip
    slack = {what: int(left.split()[0]) for what, left in listed if left != "–"}
    assert slack["Asked for help"] > slack["Refused V010"] > slack["Offered V010"], "a ride takes time"
    assert slack["Offered V011"] == slack["Accepted V011"], "the vehicle came on as promised"
    assert slack["Dropped off V011"] > slack["Picked up V011"]
    assert "flat tyre" in page
    assert "In before the cut-off" in page
    assert "四通桥" in page
    assert "1380000" not in page
    HTMLParser(strict=True).parse(page)


def test_json_says_where_each_marker_stood(cast: Cast) -> None:
    number = a_morning()
    a_track("V011", [(START + timedelta(seconds=10 * n), 39.99 + n / 1000, 116.31) for n in range(30)])
    late = START + timedelta(seconds=200)
    a_track("V012", [(late, 39.9, 116.4)])
    a_track("V012", [(late + timedelta(seconds=1), 50.0, 116.4)], verdict="implausible")
    whole = cast.dispatcher.get("/dispatch/replay.json?day=2027-06-07").get_json()
    vehicles = {row[0]: row for row in whole["vehicles"]}
    assert len(vehicles) == 251
    begin = datetime.fromtimestamp(whole["from"], START.tzinfo)
    assert timedelta(0) <= START - begin <= timedelta(seconds=62)
    track = vehicles["V011"][4]
    lines = [track[n : n + 4] for n in range(0, len(track), 4)]
    slot = age = lat = 0
    for line in lines:
        slot, age, lat = slot + line[0], line[1], lat + line[3]
        moment = whole["from"] + slot * whole["step"]
        newest = min((moment - START.timestamp()) // 10, 29)
        assert abs(lat / whole["scale"] - (39.99 + newest / 1000)) < 1.1e-3
        assert 0 <= age <= 11
    assert lat == round((39.99 + 0.029) * whole["scale"])
    assert len(vehicles["V012"][4]) == 4, "the implausible one moved nothing"
    assert vehicles["V013"][4] == []
    assert [row[0] for row in whole["requests"]] == [number]
    assert [what for _at, what, _slack in whole["requests"][0][4]][:2] == ["asked", "offered"]
    assert [ride[1] for ride in whole["rides"]] == ["V010", "V011"]
    assert "1380000" not in str(whole)


def test_fix_that_came_later_is_not_known_before(cast: Cast) -> None:
    a_morning()
    came = START + timedelta(minutes=4)
    a_track("V011", [(START, 39.99, 116.31)], received_at=came)
    whole = cast.dispatcher.get("/dispatch/replay.json?day=2027-06-07").get_json()
    slot, age, *_place = next(row[4] for row in whole["vehicles"] if row[0] == "V011")
    assert 0 <= whole["from"] + slot * whole["step"] - came.timestamp() < whole["step"]
    assert age >= 240


def test_looking_is_on_record_once_a_look(cast: Cast) -> None:
    client = cast.dispatcher
    client.get("/dispatch/replay?day=2027-06-07")
    client.get("/dispatch/replay.json?day=2027-06-07")
    cast.haidian.get("/dispatch/replay.json?day=2027-06-07")
    db.session.rollback()
    seen = [(who, action) for _at, who, action, _reason in list_events("replay:2027-06-07")]
    assert seen == [("haidian", "fleet.replay"), ("dispatcher", "fleet.replay")]
    assert list_acts("fleet.replay", START - timedelta(days=1))[0].after == {"day": "2027-06-07"}
    wait(11)
    client.get("/dispatch/replay?day=2027-06-07")
    db.session.rollback()
    assert len(list_events("replay:2027-06-07")) == 3


def test_what_was_erased_shows_as_such(cast: Cast) -> None:
    a_morning()
    clock.show(clock.now() + timedelta(days=8), clock.real_now())
    erase(7)
    client = cast.dispatcher
    page = client.get("/dispatch/replay?day=2027-06-07&lang=en").text
    assert "place erased" in page
    assert "四通桥" not in page
    assert "have been erased. Vehicles stand at their bases." in page
    assert client.get("/dispatch/replay.json?day=2027-06-07").get_json()["requests"][0][2:4] == [None, None]
    HTMLParser(strict=True).parse(page)


def test_empty_and_wrong_days(cast: Cast) -> None:
    client = cast.dispatcher
    empty = client.get("/dispatch/replay?day=2027-06-01&lang=en")
    assert (empty.status_code, "Nobody asked for help that day." in empty.text) == (200, True)
    HTMLParser(strict=True).parse(empty.text)
    wrong = client.get("/dispatch/replay?day=yesterday&lang=en")
    assert (wrong.status_code, 'aria-invalid="true"' in wrong.text) == (400, True)
    for day in ("x", "2027-13-40", "9999-12-31"):
        assert client.get(f"/dispatch/replay.json?day={day}").status_code in (200, 400)
        assert client.get(f"/dispatch/replay?day={day}").status_code in (200, 400)


def test_district_sees_its_own_and_others_nothing(cast: Cast) -> None:
    ours, theirs = a_request(station="GH-HD-01"), a_request(station="MD-001")
    page = cast.haidian.get("/dispatch/replay").text
    assert f'data-of="{ours}"' in page
    assert f'data-of="{theirs}"' not in page
    for username in ("lead", "observer"):
        client = cast.sign_in(username)
        for address in ("replay", "replay.json"):
            assert client.get(f"/dispatch/{address}").status_code == 403


def test_replay_reads_as_often_for_many_as_for_one(cast: Cast) -> None:
    client = cast.dispatcher
    an_offer(a_request(), "V010")
    client.get("/dispatch/replay")
    with listen() as one:
        client.get("/dispatch/replay")
    for n in range(4):
        an_offer(a_request(point=(39.9 + n / 50, 116.4)), f"V02{n}")
    with listen() as many:
        client.get("/dispatch/replay")
    assert len(many) == len(one)


def test_thinning_bounds_what_is_sent() -> None:
    assert thinning(3, START, START + timedelta(hours=5)) == 15
    for vehicles, hours in ((251, 5), (251, 24), (5000, 24)):
        step = thinning(vehicles, START, START + timedelta(hours=hours))
        assert step % 15 == 0
        assert vehicles * hours * 3600 / step <= 120_000
