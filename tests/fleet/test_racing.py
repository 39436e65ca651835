"""Several processes at one vehicle, on both databases: one gets it, the others are told who did."""

import json
from collections import Counter

import pytest
from cast import DEMO_NOW
from conftest import on_both
from factories.crowd import run_crowd
from factories.fleet import SITE, vehicle_values
from flask import Flask
from sqlalchemy import func, insert, select

from stations.fleet.models import HelpRequest, Ride, Vehicle
from stations.fleet.queries.requests import find_path_for
from stations.fleet.rules.rides import LIVE
from stations.kernel import clock
from stations.kernel.db import db, transaction
from stations.places.models import ExamSite

DISPATCHERS = 8
ROUNDS = 200

# These processes have no demonstration: their clock is set to the one that the vehicles' files are good on.
OFFER = f"""
import json
from datetime import datetime
from stations.kernel import clock
clock.show(datetime.fromisoformat("{DEMO_NOW}"), clock.real_now())
from stations.accounts.rules import Actor, Scope
from stations.fleet.actions.rides import OfferOrder, offer
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Refused
me = Actor(f"dispatcher{{number}}", "", (Scope("dispatcher", ""),))
told = []
for n, help_id in enumerate(REQUESTS[number]):
    order = OfferOrder(help_id, f"R{{n:03}}", 300, 600, "built-in")
    try:
        run_in_transaction(lambda: offer(order, me))
        told.append(["won", me.username])
    except Refused as refused:
        told.append([refused.code, refused.message.values.get("who", "")])
print(json.dumps(told))
"""

REPEAT = """
import json
from stations.accounts.rules import PROGRAM
from stations.fleet.actions.rides import take_step
from stations.fleet.rules.rides import RideState
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Refused
from stations.kernel.replay import once
step = lambda: once("press-0001", "step", "crew", lambda: take_step(RIDE, RideState.ACCEPTED, PROGRAM))
print(json.dumps([run_in_transaction(step).is_replay for _ in range(10)]))
"""


def many_requests(count: int) -> list[int]:
    """Rows as `ask` leaves them."""
    site = db.session.execute(select(ExamSite).where(ExamSite.code == SITE)).scalar_one()
    path = find_path_for(site.district_code)
    rows = [
        {
            "key": f"key-{n}", "kind": "late", "state": "waiting", "asked_at": clock.now(), "asked_by": "public",
            "path": path, "exam_site_id": site.id, "place": "", "lat": 39.9, "lon": 116.3, "seats": 1,
            "needs_wheelchair": False, "phone": "", "outcome": "", "version": 1,
        }
        for n in range(count)
    ]  # fmt: skip
    with transaction():
        return list(db.session.execute(insert(HelpRequest).returning(HelpRequest.id), rows).scalars())


def many_vehicles(count: int) -> None:
    with transaction():
        db.session.execute(insert(Vehicle), [vehicle_values(f"R{n:03}") for n in range(count)])


@on_both
@pytest.mark.timeout(300)
def test_eight_dispatchers_race_for_one_vehicle_two_hundred_times(app: Flask, database: str) -> None:
    many_vehicles(ROUNDS)
    requests = many_requests(DISPATCHERS * ROUNDS)
    parts = [requests[number::DISPATCHERS] for number in range(DISPATCHERS)]
    db.session.rollback()
    said = run_crowd(database, f"REQUESTS = {parts!r}\n{OFFER}", DISPATCHERS)
    told = [json.loads(out) for out in said]
    assert Counter(code for part in told for code, _who in part) == Counter(
        {"won": ROUNDS, "vehicle.taken": (DISPATCHERS - 1) * ROUNDS}
    )
    for n in range(ROUNDS):
        winners = {part[n][1] for part in told if part[n][0] == "won"}
        assert len(winners) == 1
        assert {part[n][1] for part in told} == winners, "the others are told who won"
    db.session.rollback()
    live = select(func.count(), func.count(Ride.vehicle_id.distinct())).where(Ride.state.in_(LIVE))
    assert tuple(db.session.execute(live).one()) == (ROUNDS, ROUNDS)


@on_both
def test_press_that_arrives_forty_times_moves_the_ride_once(app: Flask, database: str) -> None:
    many_vehicles(1)
    (help_id,) = many_requests(1)
    db.session.rollback()
    run_crowd(database, f"REQUESTS = [[{help_id}]]\n{OFFER}", 1)
    db.session.rollback()
    ride = db.session.execute(select(Ride.id)).scalar_one()
    db.session.rollback()
    said = run_crowd(database, f"RIDE = {ride}\n{REPEAT}", 4)
    replays = [is_replay for out in said for is_replay in json.loads(out)]
    assert Counter(replays) == Counter({True: 39, False: 1})
    db.session.rollback()
    assert db.session.execute(select(Ride.state)).scalar_one() == "en_route"
