"""A parent on exam morning, in a real browser."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from journeys.conftest import DESK, MIDDLE_OF_HAIDIAN, PHONE, Visit
from playwright.sync_api import Page, expect

Visits = Callable[..., Visit]
SIZES = pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
PAGES = ("/", "/?site=KD0108-12", "/?q=shiyi", "/?need=bogus", "/s/GH-HD-01", "/e/KD0108-12", "/help", "/nowhere")


def codes_in_list(page: Page) -> list[str]:
    """The stations of the list, in its order."""
    return [item.get_attribute("id") or "" for item in page.locator(".station-card").all()]


def wait_for_map(page: Page) -> None:
    """Until the first pins are drawn."""
    page.locator("#map").scroll_into_view_if_needed()
    expect(page.locator("#map .leaflet-marker-icon").first).to_be_visible()


@SIZES
@pytest.mark.parametrize("language", ["", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_page_is_clean(visit: Visits, size: dict[str, int], language: str, path: str) -> None:
    """No violation, no complaint of the browser, no request to anybody else, nothing wider than the screen."""
    trip = visit(size, bypass_csp=True)  # axe is put into the page by the test
    page = trip.go(path + ("&" if "?" in path else "?") + f"lang={language}" if language else path)
    if page.locator("#map").count():
        wait_for_map(page)
    assert Axe().run(page).response["violations"] == []
    assert [c for c in trip.complaints if "400" not in c and "404" not in c] == []
    assert trip.foreign == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
    assert page.locator("html").get_attribute("lang") == (language or "zh-Hans")


@SIZES
def test_list_and_map_show_the_same_stations(visit: Visits, size: dict[str, int]) -> None:
    trip = visit(size)
    page = trip.go("/?site=KD0108-12")
    wait_for_map(page)
    names = [name.strip() for name in page.locator(".station-card__name").all_inner_texts()]
    numbers = [number.strip() for number in page.locator(".station-card__pin").all_inner_texts()]
    pins = page.locator("#map .map-pin--number, #map [data-number]")
    assert numbers == ["1", "2", "3", "4", "5"]
    assert len(names) == 5
    labels = " ".join(pin.get_attribute("alt") or pin.get_attribute("title") or pin.get_attribute("aria-label") or ""
                      for pin in page.locator("#map .leaflet-marker-icon").all())  # fmt: skip
    assert all(name in labels for name in names), (labels, pins.count())
    assert trip.complaints == []


def test_position_granted_sorts_from_it_and_is_not_kept(visit: Visits) -> None:
    trip = visit(PHONE, geolocation=MIDDLE_OF_HAIDIAN, permissions=["geolocation"])
    page = trip.go("/")
    page.locator("[data-locate]").click()
    page.wait_for_url("**lat=39.985*")
    assert len(codes_in_list(page)) == 5
    assert trip.context.cookies() == []
    assert page.evaluate("localStorage.length") == 0


def test_position_denied_says_so_and_the_site_still_works(visit: Visits) -> None:
    trip = visit(PHONE, permissions=[])
    page = trip.go("/")
    page.locator("[data-locate]").click()
    expect(page.locator("[data-search-said]")).not_to_be_empty()
    page.locator("#q").fill("zhongguancun")
    page.locator(".search button[type=submit]").click()
    expect(page.locator(".choices__link, .station-card").first).to_be_visible()


def test_without_javascript_everything_but_the_map_works(visit: Visits) -> None:
    trip = visit(PHONE, java_script_enabled=False)
    page = trip.go("/")
    assert len(codes_in_list(page)) == 5
    page.locator("#q").fill("11学校")
    page.locator(".search button[type=submit]").click()
    page.locator(".choices__link", has_text="演示十一学校").click()
    assert "site=KD0108-12" in page.url
    page.locator(".chips__chip").first.click()
    assert "open=1" in page.url
    assert len(codes_in_list(page)) == 5
    page.locator(".station-card__name a").first.click()
    expect(page.locator("h1")).to_be_visible()
    assert trip.foreign == []


def test_keyboard_alone_reaches_a_station(visit: Visits) -> None:
    trip = visit(DESK)
    page = trip.go("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.locator("#q").focus()
    page.keyboard.type("shiyixuexiao", delay=20)
    expect(page.locator("#q-options [role=option]").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**site=KD0108-12*")
    page.locator(".station-card__name a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/s/*")


def test_emergency_help_is_one_tap_away_without_scrolling(visit: Visits) -> None:
    trip = visit(PHONE)
    page = trip.go("/")
    bar = page.locator(".red-bar")
    box = bar.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= PHONE["height"]
    page.locator(".red-bar__link").first.click()
    expect(page.locator("#papers")).to_be_in_viewport()
    expect(page.locator("#papers")).to_contain_text("不要回家")


def test_first_screen_answers_before_any_map(visit: Visits) -> None:
    trip = visit(PHONE)
    page = trip.go("/?site=KD0108-12")
    for part in (".clock", "#q", ".station-card"):
        box = page.locator(part).first.bounding_box()
        assert box is not None
        assert box["y"] < PHONE["height"] - 60, part


def test_elder_view_is_large(visit: Visits) -> None:
    trip = visit(PHONE)
    page = trip.go("/?view=elder")
    assert float(page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")) >= 18
    box = page.locator(".station-card .button").first.bounding_box()
    assert box is not None
    assert box["height"] >= 60
    page.locator(".station-card__name a").first.click()
    assert "view=elder" in page.url


def test_clock_counts_down_by_itself(visit: Visits) -> None:
    trip = visit(PHONE)
    page = trip.go("/")
    left = page.locator("[data-clock-left]")
    before = left.inner_text()
    page.clock.install()
    page.goto(page.url)
    page.clock.fast_forward("05:00")
    expect(left).not_to_have_text(before)
