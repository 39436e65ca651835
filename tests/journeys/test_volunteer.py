"""A volunteer's phone: every page readable by anybody, presses kept without a network, all of it without JavaScript."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest
from axe_playwright_python.sync_playwright import Axe
from factories.shifts import HERE, a_shift, a_team, a_volunteer, get_person, people_on, put
from flask import Flask
from journeys.conftest import DESK, PHONE, Visit
from playwright.sync_api import expect

from stations.feedback.queries import list_own
from stations.places.queries.stations import get_station
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


@pytest.fixture
def make_counsellor(beside: Beside) -> Callable[[str], str]:
    """Posts a counsellor to a shift of today: the address of their pages."""

    def make(staff_no: str) -> str:
        with beside() as app:
            number = a_volunteer(staff_no, skills={"counsellor": None})
            put(staff_no, a_shift("08:00", 2, day="2027-06-07"), reason="test")
            with app.test_request_context():
                return f"/v/{make_token(number, get_person(staff_no).link_no)}"

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


def test_talks_are_counted_without_a_network_and_the_cards_open(
    visit: Visits, beside: Beside, make_counsellor: Callable[[str], str]
) -> None:
    page = visit(PHONE).go(f"{make_counsellor('JD-1')}/counsel?lang=en")
    assert Axe().run(page).response["violations"] == []
    page.evaluate(KEPT)
    page.context.set_offline(True)
    press = page.get_by_role("button", name="Parent, Sleep")
    for _time in range(3):
        press.click()
    expect(press).to_contain_text("+3 kept")
    take_back = page.get_by_role("button", name="Take back the last one")
    take_back.click()
    expect(take_back).to_contain_text("+1 kept")
    page.reload()  # out of what the worker keeps
    expect(press).to_contain_text("+3 kept")
    page.get_by_role("link", name="A minor at risk").click()
    expect(page.locator("#at-risk")).to_be_in_viewport()
    page.context.set_offline(False)
    expect(page.locator("[data-sync]")).to_be_hidden()
    expect(page.get_by_text("2 talks today")).to_be_visible()
    box = press.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 48
    with beside():
        me = f"volunteer:{get_person('JD-1').id}"
        own = list_own(me, get_station(HERE).id, date(2027, 6, 7))
        assert [row.topic for row in own] == ["sleep", "sleep"]


def test_talk_is_counted_without_javascript(visit: Visits, make_counsellor: Callable[[str], str]) -> None:
    page = visit(PHONE, java_script_enabled=False).go(f"{make_counsellor('JE-1')}/counsel?lang=en")
    page.get_by_role("button", name="Examinee, Family").click()
    expect(page.get_by_text("Counted.")).to_be_visible()
    expect(page.get_by_text("1 talk today")).to_be_visible()


def test_place_is_given_back_without_javascript(
    visit: Visits, make_shift: Callable[[str], tuple[str, int, int]], beside: Beside
) -> None:
    link, shift, mine = make_shift("JC")
    page = visit(PHONE, java_script_enabled=False).go(f"{link}/shift/{mine}?lang=en")
    page.get_by_role("button", name="Give the place back").click()
    expect(page.get_by_text("You have given the place back")).to_be_visible()
    with beside():
        assert people_on(shift) == []
