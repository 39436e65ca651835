"""Boards of shifts that follow what others do, and a check-in without a network."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from cast import PASSWORD
from factories.shifts import HERE, a_shift, a_team, a_volunteer, get_person, put, sign_up
from flask import Flask
from journeys.conftest import DESK, PHONE, Visit
from playwright.sync_api import Page, expect

from stations.places.queries.stations import get_station
from stations.shifts.queries.attendance import get_attendance
from stations.web.volunteer_links import make_token

Beside = Callable[[], AbstractContextManager[Flask]]
Visits = Callable[..., Visit]
TODAY = "2027-06-07"
SOON = 3_000
KEPT = "async () => { while (!(await caches.match(location.href))) await new Promise((go) => setTimeout(go, 50)); }"


def sit_down(trip: Visit, name: str, path: str) -> Page:
    page = trip.go("/account/sign-in")
    page.locator("#username").fill(name)
    page.locator("#password").fill(PASSWORD)
    page.locator("form [type=submit]").last.click()
    page.wait_for_url("**/account/")
    return trip.go(path)


@pytest.mark.parametrize("is_streamed", [True, False])
def test_a_place_taken_elsewhere_shows_on_the_board_of_gaps(visit: Visits, beside: Beside, is_streamed: bool) -> None:
    code = f"JG{is_streamed:d}"
    with beside():
        a_volunteer(code)
        shift = a_shift("08:00", 1, day=TODAY)
    trip = visit(DESK)
    if not is_streamed:
        trip.context.route("**/coordination/stream*", lambda route: route.abort())
    page = sit_down(trip, "city", "/coordination/gaps/?lang=en")
    line = page.locator(f"a[href*='/coordination/shifts/{shift}?']")
    expect(line).to_be_visible()
    bar = page.locator("[data-stream]")
    expect(bar).to_contain_text("Live" if is_streamed else "Not connected since")
    expect(bar).to_contain_text("s old")
    with beside():
        sign_up(code, shift)
    expect(line).to_have_count(0, timeout=SOON if is_streamed else 15_000)
    assert not is_streamed or trip.complaints == []


def test_a_check_in_without_a_network_is_sent_once_and_the_lead_sees_it(visit: Visits, beside: Beside) -> None:
    with beside() as app:
        a_team("JK")
        number = a_volunteer("JK-1", team="JK")
        mine = put("JK-1", a_shift("08:00", 1, day=TODAY))
        with app.test_request_context():
            link = f"/v/{make_token(number, get_person('JK-1').link_no)}"
        station = get_station(HERE)
    lead = sit_down(visit(DESK), "lead", f"/desk/{HERE}/here?lang=en")
    person = lead.locator("li", has_text="JK-1")
    expect(person).to_contain_text("Expected")
    there = {"latitude": station.lat, "longitude": station.lon}
    page = visit(PHONE, geolocation=there, permissions=["geolocation"]).go(f"{link}?lang=en")
    page.evaluate(KEPT)
    page.context.set_offline(True)
    page.get_by_role("button", name="Check in").click()
    expect(page.locator("[data-sync-count]")).to_contain_text("Not synced: 1")
    expect(person).to_contain_text("Expected")
    page.context.set_offline(False)
    expect(page.locator("[data-sync]")).to_be_hidden()
    expect(person).to_contain_text("Present", timeout=SOON)
    page.reload()
    with beside():
        row = get_attendance(mine)
    assert (row.in_at is not None, row.version) == (True, 1)
