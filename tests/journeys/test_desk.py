"""A station lead at 07:45, one thumb, no network: nothing is lost, nothing is booked twice."""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from cast import PASSWORD
from conftest import make_app
from factories.stock import HERE, an_item, limits, on_shelf
from journeys.conftest import DESK, PHONE, Visit
from playwright.sync_api import Browser, Error, Page, Route, expect

from stations.kernel.db import db

Visits = Callable[..., Visit]
SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
WATER = "#item-water"
MOST_TRIES = 15


@pytest.fixture(scope="session")
def stocked(served_file: Path, address: str) -> str:
    """The desk of a station with water, a medicine and umbrellas."""
    app = make_app(f"sqlite:///{served_file}")
    with app.app_context():
        an_item("water", name="饮用水", name_en="Water")
        an_item("drops", name="藿香正气水", name_en="Drops", case_unit="", units_per_case=1, contains_alcohol=True)
        an_item("umbrella", name="雨伞", name_en="Umbrella", unit="把", case_unit="", units_per_case=1, is_lent=True)
        on_shelf(2400, "water")
        on_shelf(5, "drops")
        on_shelf(5, "umbrella")
        limits(5, 10, 50, "drops")
        db.session.remove()
        db.engine.dispose()
    return f"/desk/{HERE}"


@pytest.fixture
def ledger(served_file: Path) -> Callable[[], list[int]]:
    """What the lead has issued of the water, line by line."""

    def look() -> list[int]:
        lines = (
            "SELECT movement.quantity FROM movement JOIN lot ON lot.id = lot_id "
            "JOIN supply_item ON supply_item.id = item_id "
            "WHERE actor = 'lead' AND supply_item.code = 'water' ORDER BY movement.id"
        )
        with sqlite3.connect(served_file) as database:
            found = [quantity for (quantity,) in database.execute(lines)]
        database.close()
        return found

    return look


def sign_in(page: Page) -> None:
    """On the form that is shown."""
    page.locator("[name=username]").fill("lead")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("form button[type=submit]").click()


@pytest.fixture(scope="session")
def session(browser: Browser, address: str) -> object:
    """The lead's cookies, signed in once."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/account/sign-in")
    sign_in(page)
    page.wait_for_url("**/account/*")
    cookies = context.storage_state()
    context.close()
    return cookies


@pytest.fixture
def lead(visit: Visits, session: object) -> Visits:
    """Visits of the lead, each with a fresh profile that is signed in."""
    return lambda size=PHONE, **options: visit(size, storage_state=session, **options)


def open_desk(trip: Visit, path: str) -> Page:
    """Drawn, and with the first answer of the server in it."""
    with trip.page.expect_response("**/now*"):
        return trip.go(path)


def amount(page: Page) -> str:
    return page.locator(f"{WATER} [data-amount]").inner_text()


@SIZES
@pytest.mark.parametrize("more", ["", "?lang=en", "?view=elder"])
def test_desk_is_clean(lead: Visits, stocked: str, size: dict[str, int], more: str) -> None:
    trip = lead(size, bypass_csp=True)
    page = open_desk(trip, stocked + more)
    page.locator(f"{WATER} .tile__summary").click()
    assert Axe().run(page).response["violations"] == []
    assert trip.complaints == []
    assert trip.foreign == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    smallest = 60 if "elder" in more else 44
    for button in page.locator(".desk .button:visible").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= smallest, button.inner_text()


def test_three_cases_without_network_are_three_in_the_ledger(
    lead: Visits, stocked: str, ledger: Callable[[], list[int]]
) -> None:
    """Story 9; the first answer is lost on its way, so that the same entries go out twice."""
    trip = lead(PHONE)
    page = open_desk(trip, stocked)
    before = ledger()
    trip.context.set_offline(True)
    shown = amount(page)
    for _tap in range(3):
        page.locator(WATER).get_by_role("button", name=re.compile("1箱")).click()
    expect(page.locator("[data-sync-count]")).to_have_text("未同步 3")
    assert amount(page) != shown
    assert ledger() == before

    posted: list[str] = []

    def lose_the_first(route: Route) -> None:
        posted.append(route.request.post_data or "")
        answer = route.fetch()
        if len(posted) == 1:
            route.abort()
        else:
            route.fulfill(response=answer)

    page.route("**/entries*", lose_the_first)
    trip.context.set_offline(False)
    expect(page.locator("[data-sync]")).to_be_hidden(timeout=20_000)
    assert len(posted) >= 2
    assert re.findall(r'"id":"([^"]+)"', posted[0]) == re.findall(r'"id":"([^"]+)"', posted[1])
    assert ledger() == [*before, -24, -24, -24]
    expect(page.locator(f"{WATER} [data-unsynced]")).to_be_hidden()


def open_without_network(page: Page, address: str) -> None:
    """As a person does: once more where a busy machine's browser gave up waiting for its worker."""
    for attempt in range(MOST_TRIES):
        try:
            page.goto(address)
        except Error:
            if attempt == MOST_TRIES - 1:
                raise
            page.wait_for_timeout(1000)
        else:
            return


def test_entries_survive_a_closed_page_and_the_desk_opens_without_network(
    lead: Visits, stocked: str, ledger: Callable[[], list[int]]
) -> None:
    trip = lead(PHONE)
    page = open_desk(trip, stocked)
    before = ledger()
    page.wait_for_function(
        "async () => await (await caches.open('desk-pages')).match(location.href) && navigator.serviceWorker.controller"
    )
    trip.context.set_offline(True)
    page.locator(WATER).get_by_role("button", name=re.compile("1瓶")).click()
    expect(page.locator("[data-sync-count]")).to_have_text("未同步 1")
    page.close()
    again = trip.context.new_page()
    open_without_network(again, trip.address + stocked)
    expect(again.locator("[data-sync-count]")).to_have_text("未同步 1")
    expect(again.locator("[data-sync-said]")).to_contain_text("07:")
    again.goto(trip.address + "/desk")
    expect(again.locator(WATER)).to_be_visible()
    trip.context.set_offline(False)
    expect(again.locator("[data-sync]")).to_be_hidden(timeout=20_000)
    assert ledger() == [*before, -1]


def test_count_without_network_does_not_count_the_same_phone_twice(
    lead: Visits, stocked: str, ledger: Callable[[], list[int]]
) -> None:
    trip = lead(PHONE)
    page = open_desk(trip, stocked)
    before, on_hand = ledger(), int(page.locator(WATER).get_attribute("data-on-hand") or "0")
    trip.context.set_offline(True)
    page.locator(WATER).get_by_role("button", name=re.compile("1瓶")).click()
    page.locator(f"{WATER} .tile__summary").click()
    page.locator("#count-water-quantity").fill(str(on_hand - 1))
    page.locator("#count-water-quantity").press("Enter")
    expect(page.locator("[data-sync-count]")).to_have_text("未同步 2")
    trip.context.set_offline(False)
    expect(page.locator("[data-sync]")).to_be_hidden(timeout=20_000)
    assert ledger() == [*before, -1]
    assert page.locator(WATER).get_attribute("data-on-hand") == str(on_hand - 1)


def test_refused_entry_comes_back_and_is_corrected(lead: Visits, stocked: str, ledger: Callable[[], list[int]]) -> None:
    trip = lead(PHONE)
    page = open_desk(trip, stocked)
    before = ledger()
    page.locator(f"{WATER} .tile__summary").click()
    form = page.locator(f"{WATER} form:has(#issue-water-quantity)")
    form.locator("[name=quantity]").fill("九百箱")
    form.locator("button").click()
    page.locator(WATER).get_by_role("button", name=re.compile("1瓶")).click()
    refused = page.locator("[data-refused-list] > li")
    expect(refused).to_contain_text("九百箱")
    expect(refused.locator("[data-why]")).not_to_be_empty()
    expect(page.locator("[data-sync-count]")).to_have_text("未入账 1")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert ledger() == [*before, -1]
    page.reload()
    refused.locator("[name=quantity]").fill("两箱")
    refused.locator("button[type=submit]").click()
    expect(refused).to_have_count(0)
    expect(page.locator("[data-sync]")).to_be_hidden()
    assert ledger() == [*before, -1, -48]


def test_session_that_ended_keeps_the_entries(lead: Visits, stocked: str, ledger: Callable[[], list[int]]) -> None:
    trip = lead(PHONE)
    page = open_desk(trip, stocked)
    before = ledger()
    trip.context.clear_cookies()
    page.locator(WATER).get_by_role("button", name=re.compile("1瓶")).click()
    expect(page.locator("[data-sync-sign-in]")).to_be_visible()
    expect(page.locator("[data-sync-count]")).to_have_text("未同步 1")
    assert ledger() == before
    with page.expect_navigation():
        page.locator("[data-sync-sign-in]").click()
    sign_in(page)
    page.wait_for_url(f"**{stocked}*")
    expect(page.locator("[data-sync]")).to_be_hidden(timeout=20_000)
    assert ledger() == [*before, -1]


def test_what_was_booked_is_on_the_kept_page_too(lead: Visits, stocked: str) -> None:
    trip = lead(PHONE)
    page = open_desk(trip, stocked)
    page.wait_for_function(
        "async () => await (await caches.open('desk-pages')).match(location.href) && navigator.serviceWorker.controller"
    )
    amount = page.locator(f"{WATER} [data-amount]")
    first = amount.inner_text()
    page.locator(WATER).get_by_role("button", name=re.compile("1箱")).click()
    expect(page.locator("[data-part=entries] li").first).to_contain_text("-1箱")
    expect(amount).not_to_have_text(first)
    booked = amount.inner_text()
    page.evaluate("Object.defineProperty(document, 'hidden', {get: () => true})")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    is_kept = """async (said) => {
      for (let tries = 0; tries < 100; tries += 1) {
        const kept = await (await caches.open("desk-pages")).match(location.href);
        if ((await kept.text()).includes(said)) return true;
        await new Promise((resolve) => { setTimeout(resolve, 50); });
      }
      return false;
    }"""
    assert page.evaluate(is_kept, f"{booked}</strong>")
    trip.context.set_offline(True)
    page.reload()
    expect(amount).to_have_text(booked)


def test_signing_out_warns_of_entries_and_forgets_the_page(lead: Visits, stocked: str) -> None:
    trip = lead(PHONE)
    page = open_desk(trip, stocked)
    page.wait_for_function(
        "async () => await (await caches.open('desk-pages')).match(location.href) && navigator.serviceWorker.controller"
    )
    page.route("**/entries*", lambda route: route.abort())
    page.locator(WATER).get_by_role("button", name=re.compile("1瓶")).click()
    expect(page.locator("[data-sync-count]")).to_have_text("未同步 1")
    page.locator("[data-sign-out] button").click()
    expect(page.locator("[data-sign-out-warning]")).to_contain_text("1")
    with page.expect_navigation():
        page.locator("[data-sign-out] button").click()
    assert page.evaluate("async () => (await (await caches.open('desk-pages')).keys()).length") == 0


def test_without_javascript_every_form_books(lead: Visits, stocked: str, ledger: Callable[[], list[int]]) -> None:
    trip = lead(PHONE, java_script_enabled=False)
    page = trip.go(stocked)
    before = ledger()
    page.locator(WATER).get_by_role("button", name=re.compile("1箱")).click()
    expect(page.locator(".notices")).to_contain_text("1箱")
    assert ledger() == [*before, -24]
    page.locator(f"{WATER} .tile__summary").click()
    page.locator("#issue-water-quantity").fill("一千箱")
    page.locator("form:has(#issue-water-quantity) button").click()
    expect(page.locator("#issue-water-quantity")).to_have_value("一千箱")
    expect(page.locator("form:has(#issue-water-quantity) .field__error")).to_be_visible()
    assert ledger() == [*before, -24]


def test_keyboard_alone_issues_and_takes_back(lead: Visits, stocked: str, ledger: Callable[[], list[int]]) -> None:
    trip = lead(DESK)
    page = open_desk(trip, stocked)
    before = ledger()
    page.locator(WATER).get_by_role("button", name=re.compile("1瓶")).focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=entries] li").first).to_contain_text("-1瓶")
    expect(page.locator("[data-sync]")).to_be_hidden()
    page.locator("[data-part=entries] li").first.locator("button").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-part=entries] li").first).to_contain_text("已撤销")
    assert ledger() == [*before, -1, 1]
