"""The board in a browser: a press sends, keys send, a choice stays chosen, closing closes."""

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from cast import PASSWORD
from factories.fleet import a_request, a_vehicle
from flask import Flask
from journeys.conftest import DESK, PHONE, Visit
from playwright.sync_api import Page, expect

Visits = Callable[..., Visit]
CARD_TOP = "document.querySelector('[data-choice]').getBoundingClientRect().top"
Beside = Callable[[], AbstractContextManager[Flask]]


@pytest.fixture
def ask(beside: Beside) -> Callable[..., int]:
    """Asks for help at a place where one vehicle stands by."""

    def make(code: str, **fields: object) -> int:
        with beside():
            a_vehicle(code, plate=f"京B·{code}")
            return a_request(phone="13800001234", **fields)

    return make


def sit_down(visit: Visits, size: dict[str, int], path: str, **options: object) -> Page:
    trip = visit(size, **options)
    page = trip.go("/account/sign-in")
    page.locator("#username").fill("dispatcher")
    page.locator("#password").fill(PASSWORD)
    page.locator("form [type=submit]").last.click()
    page.wait_for_url("**/account/")
    return trip.go(path)


def states(served_file: Path, number: int) -> list[str]:
    with sqlite3.connect(served_file) as database:
        found = database.execute("SELECT state FROM ride WHERE help_request_id = ? ORDER BY id", (number,)).fetchall()
    database.close()
    return [state for (state,) in found]


def test_a_press_sends_and_a_press_closes(visit: Visits, ask: Callable[..., int], served_file: Path) -> None:
    number = ask("D1001")
    page = sit_down(visit, DESK, f"/dispatch?request={number}")
    page.locator("[data-candidate='1']").click()
    expect(page.locator(".ride__head")).to_be_visible()
    assert states(served_file, number) == ["offered"]
    page.locator("[data-undo]").click()
    expect(page.locator("[data-candidate='1']")).to_be_visible()
    assert states(served_file, number) == ["cancelled"]
    page.locator(".board__choice details").filter(has=page.locator("select")).locator("summary").first.click()
    page.locator("select[name=outcome]").select_option("false_alarm")
    page.locator("form", has=page.locator("select[name=outcome]")).locator("button").click()
    expect(page.locator(f"[data-request='{number}']")).to_have_count(0)


def test_a_key_sends_and_another_takes_back(visit: Visits, ask: Callable[..., int], served_file: Path) -> None:
    number = ask("D1002")
    page = sit_down(visit, DESK, f"/dispatch?lang=en&request={number}")
    expect(page.locator("[data-candidate='1']")).to_be_visible()
    page.keyboard.press("1")
    expect(page.locator(".ride__head")).to_be_visible()
    page.keyboard.press("u")
    expect(page.locator("[data-candidate='1']")).to_be_visible()
    assert states(served_file, number) == ["cancelled"]
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.url.count("?") == 1


def test_a_key_takes_back_no_other_ride_than_the_one_just_sent(
    visit: Visits, ask: Callable[..., int], served_file: Path
) -> None:
    sent, other = ask("D1091"), ask("D1092")
    page = sit_down(visit, DESK, f"/dispatch?request={other}")
    page.locator("[data-candidate='1']").click()
    expect(page.locator("[data-undo]")).to_be_visible()
    page.locator(f"[data-request='{sent}']").first.click()
    page.locator("[data-candidate='1']").click()
    expect(page.locator("[data-undo]")).to_be_visible()
    page.locator(f"[data-request='{other}']").first.click()
    expect(page.locator(f"[data-choice='{other}']")).to_be_visible()
    page.keyboard.press("u")
    page.wait_for_timeout(1000)
    assert (states(served_file, sent), states(served_file, other)) == (["offered"], ["offered"])


def test_what_was_chosen_stays_when_its_phone_is_shown(visit: Visits, ask: Callable[..., int]) -> None:
    number = ask("D1003")
    ask("D1004")
    page = sit_down(visit, DESK, f"/dispatch?request={number}")
    page.locator(".board__choice details").filter(has=page.locator("select")).locator("summary").first.click()
    page.locator(f"#why-{number}").fill("not at the gate")
    page.locator("form", has=page.locator(f"#why-{number}")).locator("button").click()
    expect(page.get_by_text("13800001234")).to_be_visible()
    page.wait_for_timeout(1500)  # the stream's first word redraws the parts
    assert page.locator("[data-choice]").get_attribute("data-choice") == str(number)


def test_on_a_phone_the_card_comes_into_view(visit: Visits, ask: Callable[..., int]) -> None:
    number = ask("D1005")
    page = sit_down(visit, PHONE, "/dispatch")
    page.locator(f"[data-request='{number}']").click()
    expect(page.locator(f"[data-choice='{number}']")).to_be_in_viewport()
    top = page.evaluate(CARD_TOP)
    later = ask("D1007")
    expect(page.locator(f"[data-request='{later}']")).to_be_visible()
    assert page.evaluate(CARD_TOP) == top


def test_keys_are_named_where_there_is_room_for_them(visit: Visits) -> None:
    page = sit_down(visit, DESK, "/dispatch")
    expect(page.locator("[data-keys]")).to_be_visible()
    assert page.locator("[data-keys] kbd").all_inner_texts() == ["j", "k", "1", "2", "3", "u"]
    expect(page.locator(".live")).to_be_visible()
    page.set_viewport_size(PHONE)
    expect(page.locator("[data-keys]")).to_be_hidden()


def test_without_javascript_nothing_looks_alive_that_is_not(visit: Visits, ask: Callable[..., int]) -> None:
    number = ask("D1006")
    page = sit_down(visit, DESK, f"/dispatch?request={number}", java_script_enabled=False)
    expect(page.locator(".board__head .notice")).to_be_visible()
    for missing in (".live", "[data-keys]", ".board__map"):
        expect(page.locator(missing)).to_be_hidden()
    queue, choice = page.locator(".board__queue").bounding_box(), page.locator(".board__choice").bounding_box()
    assert queue is not None
    assert choice is not None
    assert (queue["y"], queue["width"]) == (choice["y"], choice["width"]), "side by side, no gap between them"
    page.locator("[data-candidate='1']").click()
    expect(page.locator(".ride__head")).to_be_visible()


@pytest.mark.parametrize("path", ["/dispatch?lang=en", "/admin/vehicles/calendar/?lang=en", "/admin/stations/?lang=en"])
def test_on_a_phone_the_menu_shows_the_page_that_is_open(visit: Visits, path: str) -> None:
    page = sit_down(visit, PHONE, path)
    expect(page.locator(".page-head__nav--pages [aria-current]")).to_be_in_viewport(ratio=1)
