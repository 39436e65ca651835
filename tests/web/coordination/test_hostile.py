"""What no page of ours sends to the pages of shifts: refused in words on both databases, with nothing half-written; and
what lies in somebody else's scope, which is as if it were not there."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from cast import Cast
from conftest import on_both
from factories.shifts import (
    HAIDIAN,
    HERE,
    ORGANIZER,
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
from stations.shifts.actions.proposals import ProposalOrder, keep_proposal
from stations.shifts.queries.known import get_availability, list_wishes_of
from stations.shifts.queries.proposals import get_proposal
from stations.web.volunteer_links import make_token

pytestmark = pytest.mark.usefixtures("app")
Send = Callable[..., Any]
NUL, LONG, HUGE = "a%00b", "9" * 5000, str(10**30)
SUMMARY = {
    "free": 1, "filled": 1, "seconds": 0.1, "cost": 0, "bound": 0, "is_proven": True, "over_percent": 0,
    "rounds": 0, "taken_back": 0, "empty": [],
}  # fmt: skip


@pytest.fixture
def own(app: Flask) -> str:
    """The address of the pages of a volunteer."""
    a_team("T1")
    a_volunteer("S1", team="T1", phone="13800001234")
    with app.test_request_context():
        row = get_person("S1")
        return f"/v/{make_token(row.id, row.link_no)}"


def a_proposal(volunteer_id: int, need_id: int) -> int:
    """Kept, and open; its id."""
    day = at("00:00")
    order = ProposalOrder("YS-BJ/YS-BJ-110108/", day, day + timedelta(days=1), ((need_id, volunteer_id),), SUMMARY)
    with transaction():
        return int(keep_proposal(order, ORGANIZER)["id"])


@on_both
def test_addresses_that_nobody_has_lead_nowhere(app: Flask, cast: Cast) -> None:
    anybody, client, shift = app.test_client(), cast.city, a_shift()
    for address in (f"/verify/{NUL}", f"/feeds/volunteer/{NUL}.ics", f"/feeds/station/{NUL}.ics", f"/v/{NUL}"):
        assert anybody.get(address).status_code == 404, address
    assert client.get(f"/admin/certificates/{NUL}").status_code == 404
    assert anybody.get(f"/verify/key?number={NUL}").status_code == 200
    assert client.get(f"/coordination/shifts/{shift}?q={NUL}").status_code == 200
    for span in ("since=0001-01-01", "until=9999-12-31"):
        assert client.get(f"/admin/hours/?{span}").status_code == 400, span


@on_both
def test_presses_that_no_page_sends_are_refused(app: Flask, own: str) -> None:
    anybody, held = app.test_client(), sign_up("S1", a_shift())
    said = get_availability(get_person("S1").id)
    for status, fields in (
        (400, {"kind": "come", "number": HUGE, "back": "shift"}),
        (400, {"kind": "come", "number": LONG, "held": HUGE, "back": "shift"}),
        (400, {"kind": "wishes", "add": "a\0b"}),
        (400, {"kind": "wishes"} | {f"station.X{n}": "yes" for n in range(900)}),
        (400, {"kind": "free"} | {f"free.{year:04}-01-01.am": "yes" for year in range(1000, 1900)}),
        (400, {"kind": "ask", "number": str(held), "to": f"S1/{HUGE}"}),
    ):
        answer = anybody.post(f"{own}/press", data={"id": uuid4().hex, "back": "about"} | fields)
        assert answer.status_code == status, fields["kind"]
    db.session.rollback()
    row = get_person("S1")
    assert (get_availability(row.id), list_wishes_of(row.id)) == (said, [])


@on_both
def test_coordinators_forms_refuse_what_is_no_number_and_no_text(cast: Cast, send: Send, own: str) -> None:
    client, shift = cast.city, a_shift()
    number = a_proposal(get_person("S1").id, get_need(shift).id)
    for status, address, fields in (
        (400, "/coordination/volunteers/S1/standing", {"standing": "a\0b"}),
        (404, f"/coordination/volunteers/S1/skills/{NUL}/end", {}),
        (400, f"/coordination/roster/{number}/accept", {"chosen": LONG}),
        (400, f"/coordination/roster/{number}/accept", {"chosen": HUGE}),
    ):
        assert send(client, address, fields).status_code == status, address
    db.session.rollback()
    assert (people_on(shift), get_proposal(number).closed_at) == ([], None)


@on_both
def test_what_is_in_another_scope_is_not_there(cast: Cast, send: Send, own: str) -> None:
    shift = a_shift(needs={"": 2})
    held, row, need = sign_up("S1", shift), get_person("S1"), get_need(shift)
    number = a_proposal(row.id, need.id)
    client, before = cast.company, audit.list_events(f"shift:{shift}")
    person, one, team = "/coordination/volunteers/S1", f"/coordination/shifts/{shift}", "/coordination/teams/T1"
    roster, here = f"/coordination/roster/{number}", f"/desk/{HERE}/here"
    for address in (person, one, team, roster, here, f"{here}/now", f"{here}/{held}/cover"):
        assert client.get(address).status_code == 404, address
    for address, fields in (
        (person, {"code": "S1", "name": "x", "organization": HAIDIAN}), (f"{person}/archive", {}),
        (f"{person}/link", {}), (f"{person}/standing", {"standing": "leader"}),
        (f"{person}/skills", {"skill": "guide", "proof": "x"}), (f"{person}/skills/guide/end", {}),
        (team, {"code": "T1", "name": "x"}), (f"{team}/archive", {}),
        (one, {}), (f"{one}/cancel", {"reason": "x"}), (f"{one}/people", {"need_id": need.id, "volunteer_id": row.id}),
        (f"{one}/people/{held}/off", {}), (f"{one}/offer/{need.id}", {}),
        (f"{roster}/accept", {"which": "all"}), (f"{roster}/reject", {}),
        (f"/coordination/phones/{row.id}", {"reason": "x"}),
        (f"{here}/{held}/correct", {"reason": "x", "version": "0"}), (f"{here}/{held}/phone", {"reason": "x"}),
        (f"{here}/{held}/cover", {"volunteer": row.id}), (f"{here}/press", {"press": "in", "assignment": held}),
    ):  # fmt: skip
        answer = send(client, address, fields)
        assert (answer.status_code, "13800001234" in answer.text) == (404, False), address
    refused = send(client, "/admin/certificates/", {"staff_no": "S1", "content": "x"})
    assert refused.status_code == 400
    for listed in ("/coordination/", "/coordination/volunteers/", "/coordination/teams/teams.csv", "/admin/hours/"):
        assert not {"志愿者S1", "Team T1"} & set(client.get(listed).text.split()), listed
    db.session.rollback()
    kept = get_person("S1")
    assert (kept.version, kept.link_no, len(people_on(shift))) == (row.version, row.link_no, 1)
    assert audit.list_events(f"shift:{shift}") == before
