"""Every route of the coordinators, every account, inside and outside its scope: generated."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from cast import Cast
from factories.fleet import a_vehicle
from factories.shifts import HAIDIAN, HERE, ORGANIZER, a_shift, a_team, a_volunteer, at, get_need, get_person, put
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from stations.accounts.models import Person
from stations.accounts.queries import find_organization, get_actor
from stations.accounts.rules import Actor
from stations.kernel.audit import AuditEvent
from stations.kernel.db import db, transaction
from stations.kernel.revision import Revision
from stations.places.queries.stations import get_station
from stations.shifts.actions.knowing import add_duty
from stations.shifts.queries.proposals import list_open_proposals
from stations.workflows.preparing import DEMO_PEOPLE

Send = Callable[..., Any]
FAR = "MD-001"  # a company's station
DONE, ASKED_WRONGLY = {200, 303}, {400, 409}
TEMPLATE = {
    "code": "Q1", "post": "queue", "station": HERE, "starts_minutes": "-90", "ends_from": "start",
    "ends_minutes": "30", "need_anyone": "2",
}  # fmt: skip


class Door(NamedTuple):
    """One route, about one thing that lies at `path`; '' where it is about nothing in particular."""

    method: str
    address: str
    permission: str
    path: str


@pytest.fixture
def doors(app: Flask, cast: Cast, send: Send) -> list[Door]:
    """Every route, once for each thing that it may be about."""
    a_team("T1")
    for number in ("S1", "S2"):
        a_volunteer(number, team="T1", phone="13800001234")
    shifts = {station: a_shift(station=station, needs={"": 2}) for station in (HERE, FAR)}
    assert send(cast.city, "/coordination/templates/new", TEMPLATE).status_code == 303
    asked = {"day": "2027-06-08", "organization": HAIDIAN, "seconds": "2"}
    assert "Proposed roster" in send(cast.city, "/coordination/roster/?lang=en", asked).text
    db.session.rollback()
    (proposal,) = list_open_proposals(("",))
    here, far = get_station(HERE).path, get_station(FAR).path
    person = get_person("S1")
    union = find_organization(HAIDIAN)
    assert union
    vehicle, day = a_vehicle("D1001"), at("00:00") - timedelta(days=1)
    with transaction():
        duty = add_duty("S1", vehicle, day, day + timedelta(hours=1), ORGANIZER)["id"]
    held = {HERE: put("S1", shifts[HERE]), FAR: put("S2", shifts[FAR])}
    about: dict[str, list[tuple[dict[str, Any], str]]] = {
        "coordination_shifts": [
            (
                {"shift_id": shifts[station], "assignment_id": held[station], "need_id": get_need(shifts[station]).id},
                path,
            )
            for station, path in ((HERE, here), (FAR, far))
        ],
        "coordination_phones": [({"volunteer_id": person.id}, person.path)],
        "coordination_roster": [({"proposal_id": proposal.id}, union.path)],
        "coordination_templates": [({"code": "Q1"}, here)],
        "coordination_volunteers": [
            ({"code": "S1", "skill_code": "english", "number": duty, "ending": "csv"}, person.path)
        ],
        "coordination_counselling": [({"ending": "csv"}, "")],
        "coordination_replacing": [
            ({"shift_id": shifts[station], "need_id": get_need(shifts[station]).id}, path)
            for station, path in ((HERE, here), (FAR, far))
        ],
        "coordination_teams": [({"code": "T1", "ending": "csv"}, union.path)],
    }
    found = []
    for rule in app.url_map.iter_rules():
        blueprint = rule.endpoint.partition(".")[0]
        if not blueprint.startswith("coordination"):
            continue
        permission = app.view_functions[rule.endpoint].permission  # type: ignore[attr-defined]
        for values, path in about[blueprint] if rule.arguments else [({}, "")]:
            with app.test_request_context():
                address = app.url_for(rule.endpoint, **{name: values[name] for name in rule.arguments})
            where = "" if rule.arguments <= {"ending"} else path
            found += [Door(method, address, permission, where) for method in sorted(rule.methods & {"GET", "POST"})]
    ends = ("/archive", "/cancel", "/off", "/reject")
    return sorted(found, key=lambda door: door.address.endswith(ends))  # afterwards there is nothing to ask about


def _written() -> tuple[Any, ...]:
    db.session.rollback()
    revisions = db.session.execute(select(Revision.topic, Revision.number).order_by(Revision.topic)).all()
    events = db.session.execute(select(func.count(AuditEvent.id))).scalar_one()
    return events, tuple(tuple(row) for row in revisions)


def _actor(username: str) -> Actor:
    return get_actor(db.session.execute(select(Person.id).where(Person.username == username)).scalar_one())


def _expected(me: Actor, door: Door) -> set[int]:
    """By the rules alone."""
    if not me.may(door.permission):
        return {403}
    if door.path and not me.may(door.permission, door.path):
        return {403, 404} if me.may("shifts.read", door.path) else {404}
    if door.address.endswith("/off") and not me.may(door.permission, get_person("S2").path):
        return {403}  # the volunteer is somebody else's
    return DONE | ASKED_WRONGLY | ({503} if door.address.endswith("/stream") else set())


@pytest.mark.parametrize("username", [name for name, *_rest in DEMO_PEOPLE])
def test_an_account_may_do_what_the_rules_say_and_nothing_else(
    username: str, cast: Cast, send: Send, doors: list[Door]
) -> None:
    me, client = _actor(username), cast.sign_in(username)
    for door in doors:
        expected, before = _expected(me, door), _written()
        answer = client.get(door.address) if door.method == "GET" else send(client, door.address)
        assert answer.status_code in expected, (username, door, answer.status_code, expected)
        if answer.status_code in {400, 403, 404}:
            assert _written() == before, (username, door)
            assert not re.search(r"13800001234|志愿者S1", answer.text) or me.may("shifts.read", door.path), door


def test_nobody_gets_anything_without_signing_in(client: FlaskClient, doors: list[Door]) -> None:
    before = _written()
    for door in doors:
        answer = client.open(door.address, method=door.method)
        if door.method == "GET":
            assert answer.status_code == 302, door
            assert answer.headers["Location"].startswith("/account/sign-in"), door
        else:
            assert answer.status_code in {400, 401}, door
    assert _written() == before
