"""The supply items."""

from collections.abc import Callable
from typing import Any

import pytest
from cast import Cast
from conftest import on_both
from factories.stock import an_item
from flask import Flask

from stations.kernel.db import db
from stations.stock.queries.items import find_item, get_item, list_kits

Send = Callable[..., Any]
Look = Callable[[], tuple[Any, ...]]
ITEMS = "/admin/stock/items/"
WATER = {
    "code": "water", "name": "矿泉水", "name_en": "Water", "category": "drink", "unit": "瓶", "case_unit": "箱",
    "units_per_case": "24", "exam_room": "unknown", "is_public": "yes", "version": "0",
}  # fmt: skip
pytestmark = pytest.mark.usefixtures("app")


def test_list_says_what_to_do_then_shows_marks(cast: Cast) -> None:
    assert "No item is entered yet." in cast.city.get(f"{ITEMS}?lang=en").text
    an_item("huoxiang", name="藿香正气水", name_en="Huoxiang", category="medicine", contains_alcohol=True)
    an_item("umbrella", category="equipment", is_lent=True, is_public=False, service="umbrella")
    an_item("kit", category="kit", parts={"huoxiang": 2})
    page = cast.lead.get(f"{ITEMS}?lang=en").text
    for mark in ("not for drivers", "lent, not handed out", "not shown to the public", "Umbrellas", "Huoxiang × 2"):
        assert mark in page, mark
    assert f"{ITEMS}new" not in page


@on_both
def test_item_is_added_and_changed(app: Flask, cast: Cast, send: Send, fields_of: Any) -> None:
    client = cast.city
    assert send(client, f"{ITEMS}new", WATER).status_code == 303
    page = client.get(f"{ITEMS}water").text
    fields = {name: value[0] if isinstance(value, list) else value for name, value in fields_of(page).items()}
    assert {name: fields[name] for name in WATER if name != "version"} == {
        name: value for name, value in WATER.items() if name != "version"
    }
    changed = {name: value for name, value in fields.items() if name != "is_public"} | {"units_per_case": "12"}
    assert send(client, f"{ITEMS}water", changed).status_code == 303
    db.session.rollback()
    item = get_item("water")
    assert (item.units_per_case, item.is_public, item.version) == (12, False, 2)


@on_both
def test_later_of_two_editors_is_told_and_keeps_what_was_typed(app: Flask, cast: Cast, send: Send) -> None:
    an_item("water")
    first, second = WATER | {"version": "1", "name": "甲"}, WATER | {"version": "1", "name": "乙"}
    assert send(cast.city, f"{ITEMS}water", first).status_code == 303
    answer = send(cast.admin, f"{ITEMS}water?lang=en", second)
    assert answer.status_code == 409
    assert "Somebody else changed this meanwhile" in answer.text
    assert 'value="乙"' in answer.text
    assert 'name="version" type="hidden" value="2"' in answer.text
    db.session.rollback()
    assert get_item("water").name == "甲"
    taken = send(cast.city, f"{ITEMS}new?lang=en", WATER)
    assert taken.status_code == 409
    assert "an item with this code already" in taken.text


WRONG: tuple[tuple[dict[str, str], str], ...] = (
    ({"code": ""}, "fill this in"),
    ({"code": "矿泉水"}, "A code has"),
    ({"code": "x" * 29}, "at most 28"),
    ({"name": ""}, "fill this in"),
    ({"category": "gold"}, "not one of the choices"),
    ({"unit": ""}, "fill this in"),
    ({"case_unit": ""}, "What is a case of it called?"),
    ({"units_per_case": "1.5"}, "whole number"),
    ({"units_per_case": "10^9"}, "not a number"),
    ({"parts": "gold*1"}, "There is no item gold"),
    ({"parts": "water*1"}, "cannot hold itself"),
    ({"version": ""}, "incomplete"),
    ({"request_id": ""}, "fill this in"),
)


@pytest.mark.parametrize(("wrong", "says"), WRONG)
def test_refused_item_says_why_and_keeps_what_was_typed(
    wrong: dict[str, str], says: str, cast: Cast, send: Send, written: Look
) -> None:
    before = written()
    answer = send(cast.city, f"{ITEMS}new?lang=en", WATER | {"name_en": "Typed"} | wrong)
    if wrong == {"request_id": ""}:
        says = "request id"
    assert answer.status_code in (400, 404), answer.status_code
    assert says in answer.text
    assert 'value="Typed"' in answer.text
    assert written() == before
    assert find_item("water") is None


def test_only_a_federation_edits_items(cast: Cast, send: Send, written: Look) -> None:
    an_item("water")
    before = written()
    for client in (cast.haidian, cast.lead, cast.observer):
        assert client.get(f"{ITEMS}new").status_code == 403
        assert "disabled" in client.get(f"{ITEMS}water").text
        assert send(client, f"{ITEMS}water", WATER | {"version": "1"}).status_code == 403
    assert cast.city.get(f"{ITEMS}gold").status_code == 404
    assert send(cast.city, f"{ITEMS}water", WATER | {"code": "fire", "version": "1"}).status_code == 400
    assert written() == before
    assert list_kits() == {}
