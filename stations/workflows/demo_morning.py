"""The first morning of the demonstration's stock: balances as two sheets say, then every movement at its own time."""

import csv
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from stations.accounts.rules import Actor
from stations.kernel import clock
from stations.stock.actions.kits import KitOrder, assemble
from stations.stock.actions.ledger import count, receive, reverse, take
from stations.stock.actions.loans import give_back, lend
from stations.stock.actions.transfers import change_transfer, request_transfer
from stations.stock.rules.ledger import CountOrder, MovementKind, ReceiveOrder, TakeOrder
from stations.stock.rules.loans import LoanOrder
from stations.stock.rules.transfers import Received, TransferOrder, TransferState

Row = dict[str, str]


class Morning:
    """Plays the rows of `demo/stock_morning.csv`; `ref` ties together the rows of one transfer, one loan or one order
    that is taken back."""

    def __init__(self, day: date, zone: ZoneInfo, people: dict[str, Actor]) -> None:
        self._day = day
        self._zone = zone
        self._people = people
        self._transfers: dict[str, int] = {}
        self._orders: dict[str, str] = {}
        self._deeds: dict[str, Callable[[str, Row, Actor], Any]] = {
            "issue": self._take, "write_off": self._take, "receive": self._receive, "count": self._count,
            "assemble": self._assemble, "lend": self._lend, "give_back": self._lend, "reverse": self._reverse,
            "request": self._request, "picked": self._change, "sent": self._change, "received": self._change,
        }  # fmt: skip

    def play(self, path: Path) -> None:
        """Every row, in its order; in the caller's transaction."""
        with path.open(encoding="utf-8", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines), 1):
                self.show(time.fromisoformat(row["time"]))
                self._deeds[row["what"]](f"demo-{number:05}", row, self._people[row["by"]])

    def show(self, at: time) -> None:
        """Let the clock tell this time of the day."""
        clock.show(datetime.combine(self._day, at, self._zone), clock.real_now())

    def _take(self, request_id: str, row: Row, by: Actor) -> None:
        order = TakeOrder(
            request_id, row["station"], row["item"], int(row["quantity"]), MovementKind(row["what"]), row["reason"],
            row["lot_or_target"] or None,
        )  # fmt: skip
        self._orders[row["ref"]] = request_id
        take(order, by, self._zone)

    def _receive(self, request_id: str, row: Row, by: Actor) -> None:
        expiry = date.fromisoformat(row["expiry_or_vehicle"]) if row["expiry_or_vehicle"] else None
        order = ReceiveOrder(
            request_id, row["station"], row["item"], int(row["quantity"]), row["lot_or_target"], expiry, row["reason"]
        )
        receive(order, by, self._zone)

    def _count(self, request_id: str, row: Row, by: Actor) -> None:
        order = CountOrder(request_id, row["station"], row["item"], int(row["quantity"]), reason=row["reason"])
        count(order, by, self._zone)

    def _assemble(self, request_id: str, row: Row, by: Actor) -> None:
        assemble(KitOrder(request_id, row["station"], row["item"], int(row["quantity"])), by, self._zone)

    def _lend(self, request_id: str, row: Row, by: Actor) -> None:
        deed = lend if row["what"] == "lend" else give_back
        deed(LoanOrder(request_id, row["station"], row["item"], row["ref"]), by, self._zone)

    def _reverse(self, request_id: str, row: Row, by: Actor) -> None:
        reverse(request_id, self._orders[row["ref"]], row["reason"], by, self._zone)

    def _request(self, request_id: str, row: Row, by: Actor) -> None:
        order = TransferOrder(
            request_id, row["station"], row["lot_or_target"], {row["item"]: int(row["quantity"])},
            row["expiry_or_vehicle"], row["reason"],
        )  # fmt: skip
        self._transfers[row["ref"]] = request_transfer(order, by)["id"]

    def _change(self, request_id: str, row: Row, by: Actor) -> None:
        came = {row["item"]: Received(int(row["quantity"]), row["reason"])} if row["item"] else None
        wanted = TransferState(row["what"])
        change_transfer(self._transfers[row["ref"]], wanted, request_id, by, self._zone, received=came)
