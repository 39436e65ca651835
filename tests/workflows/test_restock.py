"""From levels to a plan to transfers."""

from datetime import timedelta

import pytest
from cast import Cast
from conftest import on_both
from factories.stock import HERE, THERE, an_item, issue, limits, on_shelf, refuses
from flask import Flask

from stations.accounts.rules import PROGRAM, Actor, Scope
from stations.kernel import clock
from stations.kernel.db import transaction
from stations.kernel.errors import Forbidden
from stations.places.actions.stations import set_state
from stations.places.rules import StationState
from stations.seasons.queries import get_calendar
from stations.stock.queries.transfers import list_transfers
from stations.stock.rules.transfers import TransferState
from stations.workflows.restock import Choice, Replenishment, accept, propose_transfers

FAR = "GH-CY-01"


def plan(hours: float = 4) -> Replenishment:
    return propose_transfers(PROGRAM, [""], clock.now(), get_calendar().zone, Cast.now + timedelta(hours=hours))


def take_over(*choices: Choice, hours: float = 4) -> list[int]:
    with transaction():
        horizon = Cast.now + timedelta(hours=hours)
        return accept(PROGRAM, [""], clock.now(), get_calendar().zone, horizon, choices)


def short_here(item: str = "bottles") -> None:
    an_item(item)
    on_shelf(2, item)
    on_shelf(300, item, THERE)
    limits(12, 24, 200, item)


def lines(made: Replenishment) -> list[tuple[str, str, str, int]]:
    return [(ln.source.station, ln.target.station, ln.target.item, ln.quantity) for ln in made.proposal.lines]


@on_both
def test_several_items_between_two_stations_are_one_transfer(app: Flask) -> None:
    short_here()
    short_here("fans")
    made = plan()
    assert lines(made) == [(THERE, HERE, "bottles", 48), (THERE, HERE, "fans", 48)]
    assert (made.shelves, made.stations, made.proposal.is_proven) == (4, 2, True)
    (transfer_id,) = take_over(*(Choice(*line) for line in lines(made)))
    (transfer,) = list_transfers([""])
    assert (transfer.id, transfer.state) == (transfer_id, TransferState.APPROVED)
    assert {line.item: line.quantity for line in transfer.lines} == {"bottles": 48, "fans": 48}
    assert transfer.reason.startswith("补货至")
    assert plan().proposal.lines == ()  # what is on its way is not sent again


def test_what_goes_out_until_the_horizon_is_kept_and_fetched(app: Flask) -> None:
    an_item()
    on_shelf(400)
    on_shelf(900, station=THERE)
    now = clock.now()
    for minutes in range(2, 45, 2):
        issue(6, happened_at=now - timedelta(minutes=minutes))
    assert lines(plan(hours=0.5)) == []
    ((source, target, _item, quantity),) = lines(plan(hours=4))
    assert (source, target) == (THERE, HERE)
    assert 0 < quantity < 900


def test_a_station_that_is_closed_today_neither_gives_nor_gets(app: Flask) -> None:
    short_here()
    with transaction():
        set_state(THERE, StationState.CLOSED, "检修", PROGRAM, get_calendar().zone)
    assert plan().proposal.lines == ()
    assert [row.target.station for row in plan().proposal.unmet] == [HERE]
    with transaction():
        set_state(HERE, StationState.CLOSED, "检修", PROGRAM, get_calendar().zone)
    assert plan().proposal.unmet == ()


def test_a_plan_that_stock_has_overtaken_is_refused_whole(app: Flask) -> None:
    short_here()
    short_here("fans")
    choices = [Choice(*line) for line in lines(plan())]
    issue(280, station=THERE)
    with refuses("can spare only 0瓶 of bottles"):
        take_over(*choices)
    on_shelf(100, "fans")
    with refuses("does not need so much of fans"):
        take_over(choices[1])
    with refuses("no such item"):
        take_over(Choice(FAR, HERE, "bottles", 1))
    with refuses("choose at least one"):
        take_over()
    assert list_transfers([""]) == []


def test_who_may_not_approve_may_not_ask(app: Flask) -> None:
    lead = Actor("lead", "lead", (Scope("station_lead", "YS-BJ/"),))
    with pytest.raises(Forbidden):
        propose_transfers(lead, ["YS-BJ/"], clock.now(), get_calendar().zone, clock.now())
    nobody = propose_transfers(lead, [], clock.now(), get_calendar().zone, clock.now())
    assert (nobody.shelves, nobody.proposal.lines) == (0, ())
