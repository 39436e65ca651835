"""A volunteer's phone: every page readable by anybody, presses kept without a network, all of it without JavaScript."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from axe_playwright_python.sync_playwright import Axe
from factories.shifts import a_shift, a_team, a_volunteer, get_person, people_on, put
from flask import Flask
from journeys.conftest import DESK, PHONE, Visit
from playwright.sync_api import expect

from stations.shifts.queries.assignments import get_assignment
from stations.web.volunteer_links import make_token

Beside = Callable[[], AbstractContextManager[Flask]]
Visits = Callable[..., Visit]
KEPT = "async () => { while (!(await caches.match(location.href))) await new Promise((go) => setTimeout(go, 50)); }"


@pytest.fixture
def make_shift(beside: Beside) -> Callable[[str], tuple[str, int, int]]:
    """Posts a volunteer of a new team: the address of their pages, the shift, their assignment."""

    def make(code: str) -> tuple[str, int, int]:
        with beside() as app:
            a_team(code)
            a_volunteer(f"{code}-L", team=code, standing="leader", phone="13800001234")
            number = a_volunteer(f"{code}-1", team=code)
            shift = a_shift("07:00", 2, needs={"": 2})
            mine = put(f"{code}-1", shift)
            with app.test_request_context():
                return f"/v/{make_token(number, get_person(f'{code}-1').link_no)}", shift, mine

    return make


@pytest.mark.parametrize("size", [PHONE, DESK])
def test_pages_are_readable_by_anybody(
    visit: Visits, make_shift: Callable[[str], tuple[str, int, int]], size: dict[str, int]
) -> None:
    link, _shift, mine = make_shift(f"JA{size['width']}")
    trip = visit(size)
    for path in ("", "/open", "/about", "/hours", f"/shift/{mine}"):
        page = trip.go(link + path)
        assert Axe().run(page).response["violations"] == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
    assert trip.complaints == []
    assert trip.foreign == []


def test_press_waits_for_the_network(
    visit: Visits, make_shift: Callable[[str], tuple[str, int, int]], beside: Beside
) -> None:
    link, _shift, mine = make_shift("JB")
    page = visit(PHONE).go(f"{link}?lang=en")
    page.evaluate(KEPT)
    page.context.set_offline(True)
    page.get_by_role("button", name="I will come").click()
    expect(page.locator("[data-sync-count]")).to_contain_text("1")
    page.reload()  # out of what the worker keeps
    expect(page.locator("[data-sync-count]")).to_contain_text("1")
    page.context.set_offline(False)
    expect(page.locator("[data-sync]")).to_be_hidden()
    expect(page.get_by_text("You will come").first).to_be_visible()
    with beside():
        assert get_assignment(mine).acknowledged_at


def test_place_is_given_back_without_javascript(
    visit: Visits, make_shift: Callable[[str], tuple[str, int, int]], beside: Beside
) -> None:
    link, shift, mine = make_shift("JC")
    page = visit(PHONE, java_script_enabled=False).go(f"{link}/shift/{mine}?lang=en")
    page.get_by_role("button", name="Give the place back").click()
    expect(page.get_by_text("You have given the place back")).to_be_visible()
    with beside():
        assert people_on(shift) == []
