"""Any sequence of movements: the balances are a plain model's, every unit is in exactly one place, none below zero."""

from collections import Counter
from itertools import count as counter
from typing import Any

from conftest import on_both
from factories.stock import HERE, THERE, an_item, balances, new_id
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from stations.accounts.rules import PROGRAM
from stations.kernel.db import db, transaction
from stations.kernel.errors import Refused
from stations.seasons.queries import get_calendar
from stations.stock.actions.kits import KitOrder, assemble, take_apart
from stations.stock.actions.ledger import count, receive, reverse, take
from stations.stock.actions.loans import give_back, lend
from stations.stock.actions.transfers import change_transfer, request_transfer
from stations.stock.queries.ledger import list_differences
from stations.stock.rules.ledger import CountOrder, MovementKind, ReceiveOrder, TakeOrder
from stations.stock.rules.loans import LoanOrder
from stations.stock.rules.transfers import Received, TransferOrder, TransferState

PLACES = ("station", "held", "in_transit", "lent")
stations = st.sampled_from((HERE, THERE))
units = st.integers(1, 9)
_runs = counter(1)


class Shelves(RuleBasedStateMachine):
    """Two stations, a plain item, and a kit of two of it that can be lent."""

    def __init__(self) -> None:
        super().__init__()
        run = next(_runs)
        self.item, self.kit = f"plain-{run}", f"kit-{run}"
        an_item(self.item)
        an_item(self.kit, parts={self.item: 2}, is_lent=True)
        self.zone = get_calendar().zone
        self.model: Counter[tuple[str, str, str]] = Counter()  # (kind of place, station, item) -> units
        self.issues: list[tuple[str, str, int]] = []
        self.road: list[tuple[int, str, str, int, str]] = []  # (transfer, from, to, units, state)
        self.tags: dict[str, str] = {}

    def attempt(self, is_possible: bool, do: Any) -> bool:
        try:
            with transaction():
                do()
            was_done = True
        except Refused:
            was_done = False
        assert was_done == is_possible
        return was_done

    def shift(self, kind: str, station: str, item: str, by: int) -> None:
        self.model[kind, station, item] += by

    @rule(station=stations, number=units)
    def receives(self, station: str, number: int) -> None:
        order = ReceiveOrder(new_id(), station, self.item, number)
        assert self.attempt(True, lambda: receive(order, PROGRAM, self.zone))
        self.attempt(True, lambda: receive(order, PROGRAM, self.zone))  # sent again
        self.shift("station", station, self.item, number)

    @rule(station=stations, number=units, is_lost=st.booleans())
    def takes(self, station: str, number: int, is_lost: bool) -> None:
        kind = MovementKind.WRITE_OFF if is_lost else MovementKind.ISSUE
        order = TakeOrder(new_id(), station, self.item, number, kind, "Because")
        if self.attempt(self.model["station", station, self.item] >= number, lambda: take(order, PROGRAM, self.zone)):
            self.shift("station", station, self.item, -number)
            self.issues.append((order.request_id, station, number))

    @rule(again=st.booleans())
    def takes_back(self, again: bool) -> None:
        if not self.issues:
            return
        order_id, station, number = self.issues.pop()
        assert self.attempt(True, lambda: reverse(new_id(), order_id, "", PROGRAM, self.zone))
        if again:
            self.attempt(False, lambda: reverse(new_id(), order_id, "", PROGRAM, self.zone))
        self.shift("station", station, self.item, number)

    @rule(station=stations, counted=st.integers(0, 12))
    def counts(self, station: str, counted: int) -> None:
        order = CountOrder(new_id(), station, self.item, counted)
        assert self.attempt(True, lambda: count(order, PROGRAM, self.zone))
        self.model["station", station, self.item] = counted

    @rule(station=stations, number=st.integers(1, 3), is_apart=st.booleans())
    def makes_kits(self, station: str, number: int, is_apart: bool) -> None:
        order = KitOrder(new_id(), station, self.kit, number)
        sign = -1 if is_apart else 1
        needed, of = (number, self.kit) if is_apart else (2 * number, self.item)
        act = take_apart if is_apart else assemble
        if self.attempt(self.model["station", station, of] >= needed, lambda: act(order, PROGRAM, self.zone)):
            self.shift("station", station, self.kit, sign * number)
            self.shift("station", station, self.item, -sign * 2 * number)

    @rule(source=stations, number=units)
    def asks_for_a_transfer(self, source: str, number: int) -> None:
        target = THERE if source == HERE else HERE
        with transaction():
            made = request_transfer(TransferOrder(new_id(), source, target, {self.item: number}), PROGRAM)
        self.road.append((int(made["id"]), source, target, number, "approved"))

    @rule(which=st.integers(0, 5), came=st.integers(-1, 2), is_cancelled=st.booleans())
    def moves_a_transfer(self, which: int, came: int, is_cancelled: bool) -> None:
        if which >= len(self.road):
            return
        number, source, target, sent, state = self.road[which]
        if state == "approved":
            is_there = self.model["station", source, self.item] >= sent
            if self.attempt(is_there, lambda: self.bring(number, "picked")):
                self.shift("station", source, self.item, -sent)
                self.shift("held", source, self.item, sent)
                self.road[which] = (number, source, target, sent, "picked")
        elif state == "picked" and is_cancelled:
            self.attempt(True, lambda: self.bring(number, "cancelled"))
            self.shift("held", source, self.item, -sent)
            self.shift("station", source, self.item, sent)
            del self.road[which]
        elif state == "picked":
            self.attempt(True, lambda: self.bring(number, "sent"))
            self.shift("held", source, self.item, -sent)
            self.shift("in_transit", source, self.item, sent)
            self.road[which] = (number, source, target, sent, "sent")
        else:
            arrived = {self.item: Received(sent + came, "Counted twice")}
            self.attempt(True, lambda: self.bring(number, "received", arrived))
            self.attempt(False, lambda: self.bring(number, "received", arrived))
            self.shift("in_transit", source, self.item, -sent)
            self.shift("station", target, self.item, sent + came)
            del self.road[which]

    def bring(self, number: int, wanted: str, received: dict[str, Received] | None = None) -> None:
        change_transfer(number, TransferState(wanted), new_id(), PROGRAM, self.zone, received=received)

    @rule(station=stations, tag=st.sampled_from(("0001", "0002", "0003")))
    def lends(self, station: str, tag: str) -> None:
        is_possible = tag not in self.tags and self.model["station", station, self.kit] >= 1
        order = LoanOrder(new_id(), station, self.kit, tag)
        if self.attempt(is_possible, lambda: lend(order, PROGRAM, self.zone)):
            self.shift("station", station, self.kit, -1)
            self.shift("lent", station, self.kit, 1)
            self.tags[tag] = station

    @rule(station=stations, tag=st.sampled_from(("0001", "0002", "0003")))
    def takes_a_loan_back(self, station: str, tag: str) -> None:
        order = LoanOrder(new_id(), station, self.kit, tag)
        if self.attempt(tag in self.tags, lambda: give_back(order, PROGRAM, self.zone)):
            self.shift("lent", self.tags.pop(tag), self.kit, -1)
            self.shift("station", station, self.kit, 1)

    @invariant()
    def balances_are_the_models(self) -> None:
        found: Counter[tuple[str, str, str]] = Counter()
        for kind in PLACES:
            for (station, item, _lot), number in balances(kind).items():
                if item in (self.item, self.kit):
                    found[kind, station, item] += number
        assert +found == +self.model
        assert min(self.model.values(), default=0) >= 0
        assert list_differences() == []
        db.session.rollback()


@on_both
def test_no_sequence_of_movements_breaks_the_ledger(app: Flask) -> None:
    run_state_machine_as_test(
        Shelves,
        settings=settings(
            max_examples=12, stateful_step_count=25, deadline=None, derandomize=True,
            suppress_health_check=list(HealthCheck), database=None,
        ),
    )  # fmt: skip
