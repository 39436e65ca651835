"""A small morning at Haidian's stations, for the organizer's pages."""

from typing import Any

from factories.stock import HERE, THERE, an_item, issue, limits, new_id, on_shelf

from stations.accounts.rules import PROGRAM, Actor
from stations.kernel.db import transaction
from stations.seasons.queries import get_calendar
from stations.stock.actions.loans import lend
from stations.stock.actions.transfers import change_transfer, request_transfer
from stations.stock.rules.loans import LoanOrder
from stations.stock.rules.transfers import TransferOrder, TransferState

FAR = "MD-001"  # a company's own


def a_morning() -> None:
    """Water at two stations and a company, short at one; umbrellas."""
    an_item("water", name="矿泉水", name_en="Water")
    an_item("fan", name="扇子", name_en="Fan", category="weather", unit="把", case_unit="", units_per_case=1)
    an_item("umbrella", name="雨伞", name_en="Umbrella", category="equipment", unit="把", case_unit="",
            units_per_case=1, is_lent=True)  # fmt: skip
    on_shelf(60, "water", HERE, lot="A1")
    on_shelf(200, "water", THERE)
    on_shelf(80, "water", FAR)
    on_shelf(3, "umbrella", HERE)
    on_shelf(9, "fan", THERE)
    limits(5, 20, 100, "water", HERE)
    issue(45, "water", HERE)


def a_transfer(*steps: str, actor: Actor = PROGRAM, source: str = THERE, to: str = HERE, **quantities: int) -> int:
    """A transfer that has come so far; its number."""
    with transaction():
        order = TransferOrder(new_id(), source, to, quantities or {"water": 30})
        number = int(request_transfer(order, actor)["id"])
    for step in steps:
        with transaction():
            change_transfer(number, TransferState(step), new_id(), PROGRAM, get_calendar().zone)
    return number


def a_loan(tag: str, item: str = "umbrella", station: str = HERE, **fields: Any) -> None:
    """One thing lent."""
    with transaction():
        lend(LoanOrder(new_id(), station, item, tag, **fields), PROGRAM, get_calendar().zone)
