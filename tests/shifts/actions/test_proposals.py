"""A proposed roster stands beside the real one until somebody accepts all, some or none of it."""

from typing import Any

import pytest
from conftest import on_both
from factories.rosters import ZONE
from factories.shifts import (
    ORGANIZER,
    STRANGER,
    THERE,
    a_shift,
    a_team,
    a_volunteer,
    at,
    get_need,
    get_person,
    people_on,
    sign_up,
)
from flask import Flask

from stations.kernel import audit
from stations.kernel.db import db, transaction
from stations.kernel.errors import Forbidden, Invalid, NotFound, Refused
from stations.shifts.actions.proposals import ProposalOrder, accept_proposal, keep_proposal, reject_proposal
from stations.shifts.optimizer import roster
from stations.shifts.optimizer.rows import Proposal
from stations.shifts.queries.assignments import list_proposed
from stations.shifts.queries.judging import list_candidates, list_held, list_seats, load_heat
from stations.shifts.queries.proposals import get_proposal, list_open_proposals
from stations.shifts.queries.shifts import list_shifts
from stations.shifts.rules.rows import Held, Limits, State

pytestmark = pytest.mark.usefixtures("app")
SUMMARY = {"places": 3, "bound": 0.97, "empty": [["7", "No one is free."]]}


def propose(*pairs: tuple[int, str], skill: str = "") -> int:
    found = tuple((get_need(shift, skill).id, get_person(number).id) for shift, number in pairs)
    order = ProposalOrder("YS-BJ/", at("00:00"), at("23:59"), found, SUMMARY)
    with transaction():
        return int(keep_proposal(order, ORGANIZER)["id"])


def accept(proposal: int, chosen: list[int] | None = None) -> dict[str, Any]:
    with transaction():
        return accept_proposal(proposal, ORGANIZER, chosen)


@on_both
def test_what_is_accepted_takes_places_and_what_is_not_never_did(app: Flask) -> None:
    for number in ("S1", "S2", "S3"):
        a_volunteer(number)
    first, second = a_shift("08:00", needs={"": 2}), a_shift("13:00", station=THERE)
    proposal = propose((first, "S1"), (first, "S2"), (second, "S3"))
    row = get_proposal(proposal)
    assert (row.summary, row.made_by, row.closed_at) == (SUMMARY, "city", None)
    assert (people_on(first), get_need(first).taken) == ([], 0)
    held = list_held(at("00:00"), at("23:00"), proposed=True)
    assert [one.state for one in held[get_person("S1").id]] == [State.PROPOSED]
    assert list_held(at("00:00"), at("23:00")) == {}
    proposed = {one.staff_no: one.id for one in list_proposed(proposal)}
    done = accept(proposal, [proposed["S1"], proposed["S3"]])
    assert (done["placed"], done["refused"]) == (2, [])
    assert (people_on(first), people_on(second)) == (["S1"], ["S3"])
    assert (get_need(first).taken, get_need(second).taken) == (1, 1)
    assert list_proposed(proposal) == []
    with pytest.raises(Refused, match=r"proposal\.closed"):
        accept(proposal)
    event = audit.list_events(f"proposal:{proposal}")[0]
    assert (event.action, event.actor) == ("roster.accept", "city")


def test_what_the_guard_refuses_by_now_is_left_out_and_said() -> None:
    for number in ("S1", "S2"):
        a_volunteer(number)
    shift = a_shift()
    proposal = propose((shift, "S1"))
    sign_up("S2", shift)
    (proposed,) = list_proposed(proposal)
    done = accept(proposal)
    assert done["placed"] == 0
    assert [number for number, _why in done["refused"]] == [proposed.id]
    assert people_on(shift) == ["S2"]


def test_a_newer_proposal_takes_the_place_of_an_older_one() -> None:
    a_volunteer("S1")
    shift = a_shift()
    older, newer = propose((shift, "S1")), propose((shift, "S1"))
    db.session.rollback()
    assert [row.id for row in list_open_proposals(("",))] == [newer]
    with pytest.raises(Refused, match=r"proposal\.closed"):
        accept(older)
    with transaction():
        reject_proposal(newer, ORGANIZER)
    assert (list_open_proposals(("",)), people_on(shift)) == ([], [])
    with pytest.raises(Refused, match=r"proposal\.closed"), transaction():
        reject_proposal(newer, ORGANIZER)


def test_nobody_decides_for_others() -> None:
    a_volunteer("S1")
    proposal = propose((a_shift(), "S1"))
    order = ProposalOrder("YS-BJ/", at("00:00"), at("23:59"), (), {})
    for act in (
        lambda: accept_proposal(proposal, STRANGER),
        lambda: reject_proposal(proposal, STRANGER),
        lambda: keep_proposal(order, STRANGER),
    ):
        with pytest.raises(Forbidden), transaction():
            act()
    with pytest.raises(Invalid, match=r"proposal\.empty"):
        accept(proposal, [])
    with pytest.raises(NotFound):
        accept(9999)
    assert get_proposal(proposal).closed_at is None


@on_both
def test_what_the_optimizer_makes_of_the_database_is_accepted_whole(app: Flask) -> None:
    a_team("T1")
    a_volunteer("L1", team="T1", standing="leader")
    for number in range(8):
        a_volunteer(f"S{number}", team="T1", skills={"guide": None} if number % 3 == 0 else None)
    for clock in ("08:00", "09:00", "13:00"):
        a_shift(clock, needs={"": 2, "guide": 1})
        a_shift(clock, station=THERE, needs={"": 1, "leader": 1})
    sign_up("S1", list_shifts(("YS-BJ/",), at("00:00"), at("23:59"))[0].id)
    held: dict[int, list[Held]] = {}
    for turn in range(2):  # the second time the first proposal stands, and is not given up
        made = propose_from_database()
        assert not made.dropped
        pairs = tuple((one.need_id, one.volunteer_id) for one in made.placements)
        order = ProposalOrder("YS-BJ/", at("00:00"), at("23:59"), pairs, {"bound": made.bound, "cost": made.cost})
        with transaction():
            kept = keep_proposal(order, ORGANIZER)
        assert kept["places"] == len(pairs)
        before, held = held, list_held(at("00:00"), at("23:59"), proposed=True)
        assert before in ({}, held)
        assert turn == 0 or before
    done = accept(int(kept["id"]))
    assert (done["placed"], done["refused"]) == (len(pairs), [])
    taken = sum(row.taken for row in list_shifts(("YS-BJ/",), at("00:00"), at("23:59")))
    assert taken == len(pairs) + 1 > 8


def propose_from_database() -> Proposal:
    """As the coordinator's page does it: everything below the city that starts that day."""
    span = at("00:00"), at("23:59")
    db.session.rollback()
    return roster.propose(
        list_seats(("YS-BJ/",), *span), list(list_candidates(("YS-BJ/",), *span).values()),
        list_held(*span, proposed=True), Limits(), load_heat(*span), zone=ZONE, seed=1, seconds=3, rounds=3,
    )  # fmt: skip
