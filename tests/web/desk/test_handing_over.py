"""A station changes hands: the outgoing lead counts everything, another one signs, the difference is in the ledger."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from cast import Cast
from conftest import on_both
from factories.crowd import run_crowd
from factories.stock import HERE, THERE, an_item, balances, new_id, on_shelf
from flask import Flask
from werkzeug.test import TestResponse

from stations.kernel import audit
from stations.kernel.db import db
from stations.shifts.queries.handovers import HandoverRow, find_live_handover, list_ended_handovers
from stations.shifts.rules.handovers import HandoverState

Send = Callable[..., TestResponse]
PAGE = f"/desk/{HERE}/handover"


def live() -> HandoverRow:
    db.session.rollback()
    row = find_live_handover(HERE)
    assert row is not None
    return row


def positions(text: str) -> dict[str, str]:
    return dict(re.findall(r'name="(position-[^"]+)" value="(\d+)"', text))


@pytest.fixture
def shelves(app: Flask) -> None:
    an_item("bottles")
    an_item("kits")
    on_shelf(50)
    on_shelf(4, "kits", expires=date(2027, 6, 30))


def test_one_counts_another_signs_and_the_difference_is_in_the_ledger(cast: Cast, send: Send, shelves: None) -> None:
    lead, other = cast.lead, cast.haidian
    assert "Nobody has handed this station over yet." in lead.get(f"{PAGE}?lang=en").text
    assert send(lead, f"{PAGE}/begin").status_code == 303
    again = send(other, f"{PAGE}/begin?lang=en")
    assert (again.status_code, "演示站长 has begun a hand-over here already." in again.text) == (409, True)
    number, seen = live().id, positions(lead.get(PAGE).text)
    blank = send(lead, f"{PAGE}/{number}/count?lang=en", **seen, **{"units-bottles": "2箱", "note": "<b>tap drips</b>"})
    assert blank.status_code == 400
    for said in ("Please count kits too", 'value="2箱"', "&lt;b&gt;tap drips"):
        assert said in blank.text
    assert (live().state, balances()[HERE, "bottles", ""]) == (HandoverState.BEGUN, 50)
    on_shelf(10)  # what comes while they count stays on top
    fields = {"units-bottles": "2箱", "units-kits": "4", "id": "", "request_id": new_id(), "note": "tap drips"}
    for _time in range(2):
        assert send(lead, f"{PAGE}/{number}/count", **seen, **fields).status_code == 303
    assert balances()[HERE, "bottles", ""] == 58
    assert send(lead, f"{PAGE}/{number}/sign").status_code == 403
    shown = other.get(f"{PAGE}?lang=en").text
    assert "Sign and take over" in shown
    assert "difference -2" in shown
    assert send(other, f"{PAGE}/{number}/sign").status_code == 303
    late = send(cast.city, f"{PAGE}/{number}/sign?lang=en")
    assert (late.status_code, "演示海淀区总工会 has signed this hand-over already." in late.text) == (409, True)
    db.session.rollback()
    (row,) = list_ended_handovers(HERE, 5)
    assert (row.begun_by, row.ended_by, row.note) == ("lead", "haidian", "tap drips")
    assert [(line.item, line.difference) for line in row.variances] == [("bottles", -2)]
    acts = [event.action for event in audit.list_events(f"handover:{number}")]
    assert acts == ["handover.sign", "handover.count", "handover.begin"]
    assert "difference -2" in lead.get(f"{PAGE}?lang=en").text


def test_another_stations_is_as_if_it_were_not_there(cast: Cast, send: Send, shelves: None) -> None:
    assert cast.lead.get(f"/desk/{THERE}/handover").status_code == 404
    assert cast.observer.get(PAGE).status_code == 403
    assert send(cast.lead, f"/desk/{THERE}/handover/begin").status_code == 404
    send(cast.lead, f"{PAGE}/begin")
    number = live().id
    for step in ("count", "sign", "cancel"):
        assert send(cast.haidian, f"/desk/{THERE}/handover/{number}/{step}").status_code in (400, 404)
    assert send(cast.haidian, f"{PAGE}/{number}/count", **{"units-bottles": "1"}).status_code == 403
    assert send(cast.haidian, f"{PAGE}/{number}/sign").status_code == 409
    assert live().state is HandoverState.BEGUN


def test_what_is_cancelled_may_begin_again(cast: Cast, send: Send, shelves: None) -> None:
    send(cast.lead, f"{PAGE}/begin")
    number = live().id
    for bad in ("x", "-1", "9" * 30):
        wrong = send(cast.lead, f"{PAGE}/{number}/count", **{"units-bottles": bad, "units-kits": "4"})
        assert (wrong.status_code, f'value="{bad}"' in wrong.text) == (400, True)
    assert send(cast.lead, f"{PAGE}/{number}/count", note="x" * 201).status_code == 400
    assert send(cast.lead, f"{PAGE}/{number}/cancel").status_code == 303
    assert send(cast.lead, f"{PAGE}/{number}/cancel").status_code == 409
    assert send(cast.lead, f"{PAGE}/begin").status_code == 303
    assert balances()[HERE, "bottles", ""] == 50


SIGN = """
from stations.accounts.rules import Actor, Scope
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Refused
from stations.shifts.actions.handovers import sign_handover
me = Actor(f"lead-{number}", "x", (Scope("station_lead", ""),))
try:
    run_in_transaction(lambda: sign_handover(ID, "GH-HD-01", me))
    print("won", me.username)
except Refused as refused:
    print(refused.code, refused.message.values["name"])
"""


@on_both
@pytest.mark.timeout(300)
def test_of_four_who_sign_at_once_one_wins_and_the_others_are_told_who(
    app: Flask, database: str, cast: Cast, send: Send, shelves: None
) -> None:
    lead = cast.lead
    send(lead, f"{PAGE}/begin")
    number = live().id
    assert send(lead, f"{PAGE}/{number}/count", **{"units-bottles": "50", "units-kits": "4"}).status_code == 303
    db.session.rollback()
    told = [said.split() for said in run_crowd(database, f"ID = {number}\n{SIGN}")]
    (winner,) = [name for code, name in told if code == "won"]
    assert sorted(told) == [["handover.signed", winner]] * 3 + [["won", winner]]
