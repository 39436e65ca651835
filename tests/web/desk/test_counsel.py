"""The lead and the counsellor's account count talks at the desk, once each, at their stations only."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from cast import Cast, token
from html5lib import HTMLParser
from werkzeug.test import TestResponse

from stations.feedback.queries import list_own
from stations.kernel import clock
from stations.kernel.db import db
from stations.places.queries.stations import get_station

pytestmark = pytest.mark.usefixtures("app")
Send = Callable[..., TestResponse]
PAGE = "/desk/GH-HD-01/counsel"
TALK = {"kind": "talk", "who": "parent", "topic": "family"}


def own(username: str = "lead") -> list[str]:
    """The topics of what they counted."""
    db.session.rollback()
    return [row.topic for row in list_own(username, get_station("GH-HD-01").id, date(2027, 6, 7))]


def test_lead_counts_a_talk_and_takes_it_back(cast: Cast, send: Send) -> None:
    assert PAGE in cast.lead.get("/desk/GH-HD-01").text
    page = cast.lead.get(f"{PAGE}?lang=en")
    HTMLParser(strict=True).parse(page.text)
    assert page.headers["Desk-Person"]
    assert 'href="tel:12356"' in page.text
    twice: dict[str, Any] = TALK | {"request_id": uuid4().hex}
    for _time in range(2):
        assert send(cast.lead, PAGE, **twice).status_code == 303
    assert own() == ["family"]
    assert "1 talk today" in cast.lead.get(f"{PAGE}?lang=en").text
    assert send(cast.lead, PAGE, kind="untalk").status_code == 303
    again = send(cast.lead, f"{PAGE}?lang=en", kind="untalk")
    assert (again.status_code, "nothing of today left" in again.text) == (409, True)
    assert own() == []


def test_outbox_settles_each_press(cast: Cast) -> None:
    then = (clock.now() - timedelta(minutes=5)).isoformat()
    entries = [
        TALK | {"id": "first-000", "happened_at": then}, TALK | {"id": "second-00", "topic": "sleep"},
        {"kind": "untalk", "id": "third-000"}, TALK | {"id": "fourth-00", "who": "teacher"},
    ]  # fmt: skip
    client = cast.lead
    headers = {"X-CSRFToken": token(client, "/account/")}
    for statuses in (["done", "done", "done", "refused"], ["replay", "replay", "replay", "refused"]):
        answer = client.post(f"{PAGE}/entries", json=entries, headers=headers)
        assert answer.json
        assert [one["status"] for one in answer.json["results"]] == statuses
        assert "data-tally" in answer.json["html"]
    assert own() == ["family"]
    assert client.get(f"{PAGE}/now").json["person"] == "lead"


def test_others_do_not_count_here(cast: Cast, send: Send) -> None:
    for who, page, status in (
        ("counsellor", PAGE, 200), ("haidian", PAGE, 200), ("company", PAGE, 404), ("observer", PAGE, 403),
        ("dispatcher", PAGE, 403), ("lead", "/desk/GH-HD-02/counsel", 404), ("lead", "/desk/nowhere/counsel", 404),
    ):  # fmt: skip
        client = getattr(cast, who)
        assert client.get(page).status_code == status, who
        assert send(client, page, **TALK).status_code == (303 if status == 200 else status), who
    assert own("counsellor") == ["family"]
    assert own() == []
    assert send(cast.lead, PAGE, kind="talk").status_code == 400
