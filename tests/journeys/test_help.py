"""From a parent's three taps to the gate: with JavaScript and without, with a network and without."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from axe_playwright_python.sync_playwright import Axe
from cast import PASSWORD
from factories.fleet import a_request, a_vehicle, an_offer
from flask import Flask
from journeys.conftest import DESK, MIDDLE_OF_HAIDIAN, PHONE, Visit
from playwright.sync_api import Page, expect
from sqlalchemy import update

from stations.fleet.models import Ride as RideTable
from stations.fleet.queries.requests import get_request
from stations.kernel import clock
from stations.kernel.db import db, transaction
from stations.web.driver_links import make_token

HEAD_START = timedelta(seconds=90)  # a busy machine opens a browser more slowly than a crew has to answer
Visits = Callable[..., Visit]
PLAIN, ALIKE = "KD0108-01", "KD0108-12"
KEPT = "async () => { while (!(await caches.match(location.href))) await new Promise((go) => setTimeout(go, 50)); }"
LOOKS = 15_000  # the asker's page looks every five seconds
BEACON = "/t/beacon"


class Ride(NamedTuple):
    """A vehicle's page, its offered ride, the asker's page."""

    driver: str
    number: int
    asker: str


@pytest.fixture
def make_ride(beside: Callable[[], AbstractContextManager[Flask]]) -> Callable[..., Ride]:
    """Puts a vehicle on stand-by and offers it a ride."""

    def make(code: str, **fields: Any) -> Ride:
        with beside() as app:
            vehicle = a_vehicle(code, plate=f"京A·{code}")
            request = a_request(phone="13800001234", place="南门外", **fields)
            ride = an_offer(request, code)
            later = update(RideTable).where(RideTable.id == ride).values(offered_at=clock.now() + HEAD_START)
            with transaction():
                db.session.execute(later)
            with app.test_request_context():
                driver = f"/d/{make_token(vehicle, 1)}"
            return Ride(driver, ride, f"/help/r/{get_request(request).key}")

    return make


@pytest.fixture
def read(served_file: Path) -> Callable[..., list[tuple[Any, ...]]]:
    """Asks the served database."""

    def ask(question: str, *values: object) -> list[tuple[Any, ...]]:
        with sqlite3.connect(served_file) as database:
            found = database.execute(question, values).fetchall()
        database.close()
        return found

    return ask


def is_clean(page: Page, trip: Visit) -> None:
    """No violation, no complaint, nobody else asked, nothing wider than the screen."""
    assert Axe().run(page).response["violations"] == []
    assert [c for c in trip.complaints if "vibrate" not in c] == []
    assert trip.foreign == []
    size = page.viewport_size
    assert size is not None
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_parent_asks_without_javascript(visit: Visits, read: Callable[..., Any]) -> None:
    page = visit(PHONE, java_script_enabled=False).go("/help#late")
    page.locator("#late a[href*='help/ask']").click()
    expect(page.locator("#kind-late")).to_be_checked()
    page.locator("#place").fill("知春里地铁站旁的报刊亭")
    page.locator("#typed").fill("shiyi")
    page.locator(".ask__button").click()
    page.locator(f"#site-{ALIKE}").check()
    assert page.locator("#place").input_value() == "知春里地铁站旁的报刊亭"
    page.locator(".ask__button").click()  # not compared with the ticket
    expect(page.locator("#is_site_checked-error")).to_be_visible()
    page.locator("#is_site_checked").check()
    page.locator(".ask__button").click()
    page.wait_for_url("**/help/r/*")
    expect(page.locator("[data-state=open]")).to_be_visible()
    assert page.locator("noscript meta, meta[http-equiv=refresh]").count() == 1
    page.locator(".button--danger").click()
    expect(page.locator("[data-state=cancelled]")).to_be_visible()
    key = page.url.split("/")[-1]
    assert read("SELECT state FROM help_request WHERE key = ?", key) == [("cancelled",)]


def test_three_taps_with_the_position_and_a_double_one_make_one_request(
    visit: Visits, read: Callable[..., Any]
) -> None:
    trip = visit(PHONE, geolocation=MIDDLE_OF_HAIDIAN, permissions=["geolocation"])
    page = trip.go(f"/help/ask?site={PLAIN}")
    before = read("SELECT count(*) FROM help_request")[0][0]
    expect(page.locator("[data-located]")).not_to_be_checked()
    page.locator("#kind-late").check()
    page.locator("[data-located]").check()
    expect(page.locator("[data-position-said]")).not_to_be_empty()
    page.locator(".ask__button").dblclick()
    page.wait_for_url("**/help/r/*")
    found = read("SELECT lat, lon, phone FROM help_request ORDER BY id DESC LIMIT 1")
    assert found == [(39.98498, 116.31455, "")]
    assert read("SELECT count(*) FROM help_request")[0][0] == before + 1
    assert trip.complaints == []


def is_clear_of_the_bar(page: Page, field: str) -> None:
    """It has the focus, and neither it nor what is said of it stands behind the button or above the screen."""
    expect(page.locator(field)).to_be_focused()
    page.wait_for_timeout(600)  # scrolling is smooth
    bar, box = page.locator(".ask__send").bounding_box(), page.locator(field).bounding_box()
    said = page.locator(f"{field}-error").bounding_box()
    assert bar is not None
    assert box is not None
    assert said is not None
    assert 0 <= said["y"] < box["y"] + box["height"] <= bar["y"]


@pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("view", ["", "&lang=en&view=elder"])
def test_what_is_wrong_comes_into_view(visit: Visits, has_script: bool, view: str) -> None:
    page = visit(PHONE, java_script_enabled=has_script).go(f"/help/ask?kind=late&station=GH-HD-01{view}")
    page.locator("#phone").fill("12")
    page.locator("#typed").fill("没有这个学校")
    page.locator(".ask__button").click()
    page.locator(".notice--error").wait_for()
    is_clear_of_the_bar(page, "#typed" if page.locator("#typed-error").count() else "#phone")
    link = page.locator(".ask__wrongs a[href='#phone']")
    link.scroll_into_view_if_needed()
    link.click()
    is_clear_of_the_bar(page, "#phone")
    assert page.locator("#phone").input_value() == "12"


def test_three_presses_after_the_red_bar_where_the_site_is_known(visit: Visits, read: Callable[..., Any]) -> None:
    trip = visit(PHONE, geolocation=MIDDLE_OF_HAIDIAN, permissions=["geolocation"])
    page = trip.go(f"/?site={PLAIN}")
    page.locator(".red-bar a[href$='#late']").click()
    page.locator("#late a[href*='help/ask']").click()
    page.locator(".ask__located").dblclick()
    page.wait_for_url("**/help/r/*")
    found = read("SELECT kind, lat, lon FROM help_request ORDER BY id DESC LIMIT 2")
    assert found[0] == ("late", 39.98498, 116.31455)
    assert [url for url in trip.requests if "39.98" in url or "lat=" in url] == []
    assert trip.complaints == []


def test_position_that_is_not_allowed_is_said_and_nothing_is_lost(visit: Visits) -> None:
    trip = visit(PHONE)
    page = trip.go(f"/help/ask?kind=late&site={PLAIN}")
    page.locator("#phone").fill("13800001234")
    page.locator(".ask__located").click()
    expect(page.locator("[data-ask-said]")).to_be_visible()
    expect(page.locator("[data-ask-said]")).not_to_be_empty()
    assert page.locator("#phone").input_value() == "13800001234"
    assert page.locator(f"#site-{PLAIN}").is_checked()
    assert [url for url in trip.requests if url.endswith("/help/ask")] == []
    page.locator("#kind-papers").check()
    expect(page.locator(".ask__located")).to_be_hidden()  # papers are seldom where their owner is
    page.locator("#kind-late").check()
    page.locator("#place").fill("知春里")
    page.locator(".ask__button").click()
    page.wait_for_url("**/help/r/*")


def test_alike_site_is_confirmed_before_anything_is_sent(visit: Visits) -> None:
    trip = visit(PHONE)
    page = trip.go("/help/ask?kind=late&station=GH-HD-01")
    page.locator("#typed").press_sequentially("shiyixuexiao", delay=20)
    page.locator("#typed-options [role=option]").first.click()
    check = page.locator("#is_site_checked")
    expect(check).to_be_visible()
    expect(check).not_to_be_checked()
    page.locator(".ask__button").click()
    assert page.evaluate("document.activeElement.id") == "is_site_checked"
    assert "/help/ask" in page.url
    assert [url for url in trip.requests if url.endswith("/help/ask")] == []
    check.check()
    page.locator(".ask__button").click()
    page.wait_for_url("**/help/r/*")


def test_driver_goes_by_four_large_buttons_and_the_asker_sees_it(visit: Visits, make_ride: Callable[..., Ride]) -> None:
    ride = make_ride("J1001")
    trip = visit(PHONE)
    driver, asker = trip.go(ride.driver), visit(PHONE).go(ride.asker)
    for button in driver.locator(".driver__four .press__button:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 60
    four = driver.locator(".driver__four").bounding_box()
    assert four is not None
    assert four["y"] + four["height"] <= PHONE["height"] + 1
    assert int(driver.locator("[data-left]").inner_text()) <= 60
    expect(driver.locator("a[href^='tel:138']")).to_have_count(0)
    driver.locator("[data-kind=accept]").click()
    expect(driver.locator("[data-kind=pick_up]")).to_be_enabled()
    expect(driver.locator("a[href='tel:13800001234']")).to_be_visible()
    expect(asker.locator(".asked__plate")).to_have_text("京A·J1001", timeout=LOOKS)
    driver.locator("[data-kind=pick_up]").click()
    expect(asker.locator("[data-state=aboard]")).to_be_visible(timeout=LOOKS)
    expect(asker.locator(".button--danger")).to_have_count(0)
    driver.locator("[data-kind=drop_off]").click()
    expect(driver.locator(".driver__four")).to_have_count(0)
    assert "13800001234" not in driver.content()
    assert "南门外" not in driver.content()


def test_presses_without_a_network_wait_and_go_out_once_in_order(
    visit: Visits, make_ride: Callable[..., Ride], read: Callable[..., Any]
) -> None:
    ride = make_ride("J1002")
    page = visit(PHONE).go(ride.driver)
    page.locator("[data-kind=accept]").click()
    expect(page.locator("[data-kind=pick_up]")).to_be_enabled()
    page.evaluate(KEPT)
    page.context.set_offline(True)
    page.locator("[data-kind=pick_up]").click()
    expect(page.locator("[data-kind=drop_off]")).to_be_enabled()
    page.locator("[data-kind=drop_off]").click()
    expect(page.locator("[data-sync-count]")).to_contain_text("2")
    page.reload()  # out of what the worker keeps
    expect(page.locator("[data-sync-count]")).to_contain_text("2")
    assert read("SELECT state FROM ride WHERE id = ?", ride.number) == [("en_route",)]
    page.context.set_offline(False)
    expect(page.locator("[data-sync]")).to_be_hidden()
    steps = read("SELECT action FROM audit_event WHERE actor = 'vehicle:J1002' AND action LIKE 'ride.%' ORDER BY id")
    assert [action for (action,) in steps if action != "ride.phone_shown"] == [
        "ride.accepted", "ride.picked_up", "ride.dropped_off",
    ]  # fmt: skip


def test_cannot_says_why_by_a_tap(visit: Visits, make_ride: Callable[..., Ride], read: Callable[..., Any]) -> None:
    ride = make_ride("J1003")
    page = visit(PHONE).go(ride.driver)
    page.locator("[data-cannot] summary").click()
    expect(page.locator("[data-kind=accept]")).to_be_hidden()  # the reasons have the bar to themselves
    expect(page.locator(".driver__reasons button").first).to_be_visible()
    bar = page.locator(".driver__four").bounding_box()
    assert bar is not None
    assert bar["height"] <= PHONE["height"] / 3
    for button in page.locator(".driver__reasons button").all():
        assert button.evaluate("(it) => it.scrollWidth <= it.clientWidth")
    page.locator("[name=reason][value=stuck]").click()
    expect(page.locator(".driver__four")).to_have_count(0)
    assert read("SELECT state, end_reason FROM ride WHERE id = ?", ride.number) == [("refused", "stuck")]


def test_position_goes_out_only_when_it_is_allowed(
    visit: Visits, make_ride: Callable[..., Ride], read: Callable[..., Any]
) -> None:
    ride = make_ride("J1004")
    trip = visit(PHONE, geolocation=MIDDLE_OF_HAIDIAN, permissions=["geolocation"])
    page = trip.go(ride.driver)
    share = page.locator("[data-share]")
    expect(share).not_to_be_checked()
    page.wait_for_timeout(1500)
    assert [url for url in trip.requests if url.endswith(BEACON)] == []
    share.check()
    expect(page.locator("[data-position-said]")).to_have_text(re.compile(r"^位置已于 \d+ 秒前发出$"))
    assert [url for url in trip.requests if url.endswith(BEACON)] != []
    page.wait_for_timeout(500)  # acknowledged before it is committed
    where = "SELECT p.lat, p.lon FROM vehicle_position p JOIN vehicle v ON v.id = p.vehicle_id WHERE v.code = 'J1004'"
    assert read(where) == [(MIDDLE_OF_HAIDIAN["latitude"], MIDDLE_OF_HAIDIAN["longitude"])]
    share.uncheck()
    expect(page.locator("[data-position-said]")).to_be_empty()


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("view", ["", "lang=en", "view=elder"])
def test_pages_are_clean(visit: Visits, make_ride: Callable[..., Ride], size: dict[str, int], view: str) -> None:
    ride = make_ride(f"J2{size['width']}{view[-2:]}".replace("=", ""))
    trip = visit(size, bypass_csp=True)  # axe is put into the page by the test
    for path in ("/help/ask", f"/help/ask?kind=papers&site={ALIKE}&station=GH-HD-01", ride.asker, ride.driver):
        page = trip.go(path + ("&" if "?" in path else "?") + view if view else path)
        page.wait_for_timeout(300)
        is_clean(page, trip)


def test_desk_raises_a_request_without_a_network_once(visit: Visits, read: Callable[..., Any]) -> None:
    page = visit(PHONE).go("/account/sign-in?next=/desk/GH-HD-01/help")
    page.locator("[name=username]").fill("lead")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("form button[type=submit]").click()
    page.wait_for_url("**/desk/GH-HD-01/help")
    page.evaluate(KEPT)
    before = read("SELECT count(*) FROM help_request")[0][0]
    page.context.set_offline(True)
    page.locator("#kind-unwell").check()
    page.locator(".ask__button").click()
    expect(page.locator("[data-sync-count]")).to_contain_text("1")
    expect(page.locator("[data-sync-said]")).to_contain_text("110")
    page.reload()
    expect(page.locator("[data-sync-count]")).to_contain_text("1")
    page.context.set_offline(False)
    expect(page.locator("[data-sync]")).to_be_hidden(timeout=LOOKS)
    assert read("SELECT kind, asked_by FROM help_request ORDER BY id DESC LIMIT 1") == [("unwell", "lead")]
    assert read("SELECT count(*) FROM help_request")[0][0] == before + 1
