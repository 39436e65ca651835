"""The automatic roster: worked out, kept, looked at, accepted in part, put aside."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from cast import Cast
from conftest import on_both
from factories.shifts import HAIDIAN, a_shift, a_volunteer, people_on
from html5lib import HTMLParser

from stations.kernel.db import db
from stations.kernel.text import Text, _
from stations.shifts.queries.proposals import list_open_proposals
from stations.workflows.rostering import pack_text, unpack_text

pytestmark = pytest.mark.usefixtures("app")
Send = Callable[..., Any]
ASKED = {"day": "2027-06-08", "organization": HAIDIAN, "seconds": "2"}


def _propose(cast: Cast, send: Send) -> int:
    answer = send(cast.city, "/coordination/roster/?lang=en", ASKED)
    assert "Proposed roster" in answer.text, answer.text[-2000:]
    db.session.rollback()
    (row,) = list_open_proposals(("",))
    return row.id


def test_proposal_says_what_it_fills_and_why_places_stay_empty(cast: Cast, send: Send) -> None:
    for number in ("S1", "S2"):
        a_volunteer(number)
    shift, aid = a_shift(needs={"": 2}), a_shift("13:00", needs={"first_aid": 1})
    number = _propose(cast, send)
    page = cast.city.get(f"/coordination/roster/{number}?lang=en").text
    HTMLParser(strict=True).parse(page)
    assert re.findall(r'<dd class="digits">(\d+)</dd>', page) == ["3", "2", "1", "1"]
    assert "No one with a valid proof (First aider) has registered." in page
    assert "Proven: no roster is better" in page
    assert (people_on(shift), people_on(aid)) == ([], []), "a proposal places nobody"
    assert "fills 2 of 3 free places" in cast.city.get("/coordination/roster/?lang=en").text


def test_some_are_accepted_and_then_it_is_closed(cast: Cast, send: Send) -> None:
    for number in ("S1", "S2"):
        a_volunteer(number)
    shift = a_shift(needs={"": 2})
    number, client = _propose(cast, send), cast.city
    first = re.findall(r'name="chosen" value="(\d+)"', client.get(f"/coordination/roster/{number}").text)[0]
    nothing = send(client, f"/coordination/roster/{number}/accept?lang=en", {"which": "some"})
    assert (nothing.status_code, "Please choose at least one place." in nothing.text) == (400, True)
    assert send(client, f"/coordination/roster/{number}/accept", {"which": "some", "chosen": first}).status_code == 303
    assert len(people_on(shift)) == 1
    assert send(client, f"/coordination/roster/{number}/accept", {"which": "all"}).status_code == 409
    assert "This proposal was decided on" in client.get(f"/coordination/roster/{number}?lang=en").text


@on_both
def test_all_or_none(cast: Cast, send: Send) -> None:
    for number in ("S1", "S2"):
        a_volunteer(number)
    shift = a_shift(needs={"": 2})
    assert send(cast.city, f"/coordination/roster/{_propose(cast, send)}/reject").status_code == 303
    assert people_on(shift) == []
    assert send(cast.city, f"/coordination/roster/{_propose(cast, send)}/accept", {"which": "all"}).status_code == 303
    assert people_on(shift) == ["S1", "S2"]
    answer = send(cast.city, "/coordination/roster/?lang=en", ASKED)
    assert "No place of the shifts that are still to begin is free." in answer.text


def test_bad_questions_are_refused_and_others_see_no_proposal(cast: Cast, send: Send) -> None:
    a_volunteer("S1")
    a_shift()
    client = cast.city
    assert send(client, "/coordination/roster/?lang=en", ASKED | {"seconds": "9999"}).status_code == 400
    assert send(client, "/coordination/roster/?lang=en", ASKED | {"organization": "NOBODY"}).status_code == 400
    number = _propose(cast, send)
    assert cast.company.get(f"/coordination/roster/{number}").status_code == 404
    assert send(cast.company, f"/coordination/roster/{number}/accept", {"which": "all"}).status_code == 404
    assert cast.observer.get("/coordination/roster/").status_code == 403


def test_sentence_is_kept_to_be_said_in_another_language() -> None:
    said = Text("%(who)s is free.", {"who": _("No one"), "n": 3})
    assert unpack_text(pack_text(said)) == said
