"""Kits are made of parts and fall apart into them."""

from datetime import date

import pytest
from conftest import on_both
from factories.stock import HERE, an_item, balances, new_id, on_shelf, refuses
from flask import Flask

from stations.accounts.rules import PROGRAM
from stations.kernel.db import transaction
from stations.seasons.queries import get_calendar
from stations.stock.actions.kits import KitOrder, assemble, take_apart
from stations.stock.actions.ledger import reverse
from stations.stock.queries.ledger import list_differences

pytestmark = pytest.mark.usefixtures("app")


def a_kit() -> None:
    an_item()
    an_item("pen", unit="支", case_unit="", units_per_case=1)
    an_item("parent-kit", category="kit", unit="个", case_unit="", units_per_case=1, parts={"bottles": 2, "pen": 1})


def make(quantity: int, kit: str = "parent-kit", request_id: str | None = None) -> object:
    with transaction():
        return assemble(KitOrder(request_id or new_id(), HERE, kit, quantity), PROGRAM, get_calendar().zone)


@on_both
def test_kit_takes_its_parts_and_expires_with_the_first_of_them(app: Flask) -> None:
    a_kit()
    on_shelf(3, lot="soon", expires=date(2027, 6, 9))
    on_shelf(9, lot="late", expires=date(2027, 9, 9))
    on_shelf(5, "pen")
    make(2, request_id="two-kits")
    kits = {(HERE, "bottles", "late"): 8, (HERE, "pen", ""): 3, (HERE, "parent-kit", "20270609"): 2}
    assert balances() == kits
    make(2, request_id="two-kits")
    assert balances() == kits
    with refuses("Only 3 left, not 4"):
        make(4)
    with transaction():
        take_apart(KitOrder(new_id(), HERE, "parent-kit", 1), PROGRAM, get_calendar().zone)
    assert balances() == {
        (HERE, "bottles", "late"): 8, (HERE, "bottles", "20270609"): 2, (HERE, "pen", ""): 3,
        (HERE, "pen", "20270609"): 1, (HERE, "parent-kit", "20270609"): 1,
    }  # fmt: skip
    assert list_differences() == []


def test_assembly_is_taken_back_whole() -> None:
    a_kit()
    on_shelf(4)
    on_shelf(2, "pen")
    before = balances()
    make(2, request_id="a-mistake")
    with transaction():
        reverse(new_id(), "a-mistake", "", PROGRAM, get_calendar().zone)
    assert balances() == before
    assert list_differences() == []


def test_only_a_kit_is_assembled_and_never_out_of_kits() -> None:
    a_kit()
    on_shelf(4)
    with refuses("not a kit"):
        make(1, "bottles")
    with refuses("Only 0 left, not 1"):
        make(1)
    with refuses("a kit itself"):
        an_item("nested", parts={"parent-kit": 1})
    with refuses("cannot hold itself"):
        an_item("self", parts={"self": 1})
    with refuses("There is no item gold"):
        an_item("golden", parts={"gold": 1})


@on_both
def test_parts_that_no_shelf_could_hold_stay_in_their_kits(app: Flask) -> None:
    an_item()
    an_item("pallet", category="kit", unit="个", case_unit="", units_per_case=1, parts={"bottles": 1_000_000})
    on_shelf(3000, "pallet")

    def unpack(quantity: int) -> None:
        with transaction():
            take_apart(KitOrder(new_id(), HERE, "pallet", quantity), PROGRAM, get_calendar().zone)

    with refuses("More than 1000000000 of one lot"):
        unpack(3000)
    unpack(1000)
    with refuses("More than 1000000000 of one lot"):
        unpack(1)
    assert balances() == {(HERE, "bottles", ""): 1_000_000_000, (HERE, "pallet", ""): 2000}
    assert list_differences() == []
