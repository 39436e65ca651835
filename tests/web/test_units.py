"""Quantities in both languages, each of which can be typed again."""

from dataclasses import dataclass

import pytest
from flask import Flask

from stations.stock.rules.items import read_units
from stations.web.units import round_minutes, say_base_units, say_case, say_units, unit_forms


@dataclass(frozen=True)
class Item:
    unit: str = "瓶"
    case_unit: str = "箱"
    units_per_case: int = 24


UMBRELLAS = Item("把", "", 1)
SAID = [
    (Item(), 78, "3箱6瓶", "3 cases + 6 bottles"),
    (Item(), 25, "1箱1瓶", "1 case + 1 bottle"),
    (Item(), 48, "2箱", "2 cases"),
    (Item(), 0, "0瓶", "0 bottles"),
    (UMBRELLAS, 17, "17把", "17"),
    (Item("片", "盒", 10), 35, "3盒5片", "3 boxes + 5"),
    (Item("卷", "捆", 10), 35, "3捆5卷", "3 捆 + 5 卷"),
]


@pytest.mark.parametrize(("item", "units", "zh", "en"), SAID)
def test_a_quantity_is_said_in_the_readers_language_and_read_back(
    app: Flask, item: Item, units: int, zh: str, en: str
) -> None:
    with app.test_request_context("/"):
        assert say_units(item, units) == zh
    with app.test_request_context("/?lang=en"):
        assert say_units(item, units) == en
    for said in (zh, en, en.upper()):
        assert read_units(said, item.unit, item.case_unit, item.units_per_case) == units


def test_what_is_taken_back_keeps_its_sign(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        assert say_units(Item(), -30) == "-1 case + 6 bottles"


def test_buttons_and_headings_name_the_unit(app: Flask) -> None:
    with app.test_request_context("/"):
        assert (say_base_units(Item(), 78), say_case(Item()), unit_forms("瓶")) == ("78瓶", "1箱", "瓶")
    with app.test_request_context("/?lang=en"):
        assert (say_base_units(Item(), 78), say_case(Item())) == ("78 bottles", "1 case")
        assert (unit_forms("瓶"), unit_forms("把")) == ("bottle|bottles", "|")


@pytest.mark.parametrize(("hours", "minutes"), [(0.7, 40), (1.2, 60), (4.9, 270), (9.9, 540), (99, 1500)])
def test_hours_are_rounded_down(hours: float, minutes: int) -> None:
    assert round_minutes(hours) == minutes
