"""Help requests at a station: the lead sees those of this one, and raises one as a form or out of an outbox."""

from collections.abc import Callable
from typing import Any

from cast import Cast, token
from factories.fleet import a_request
from factories.stock import HERE, THERE
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from stations.fleet.queries.requests import list_open_requests
from stations.kernel.db import db

Send = Callable[..., TestResponse]
SITE = "KD0108-01"


def queue(client: FlaskClient, *entries: Any) -> Any:
    """What an outbox sends."""
    headers = {"X-CSRFToken": token(client, "/account/")}
    return client.post(f"/desk/{HERE}/help/entries?lang=en", json=list(entries), headers=headers).json


def kinds() -> list[tuple[str, str, str]]:
    """(kind, station, who asked) of what is open."""
    db.session.rollback()
    return [(row.kind.value, row.station, row.asked_by) for row in list_open_requests([""])]


def test_form_says_station_and_the_site_next_door(cast: Cast) -> None:
    page = cast.lead.get(f"/desk/{HERE}/help?lang=en").text
    assert f'name="station" value="{HERE}" checked' in page
    assert 'name="site" value="KD0108-03" checked' in page.replace(' class="field__tick"', "").replace(
        ' id="site-KD0108-03"', ""
    ).replace('type="radio" ', "")
    assert "Nobody is waiting for help here." in page


def test_request_is_raised_once_and_listed(cast: Cast, send: Send) -> None:
    lead, fields = cast.lead, {"kind": "late", "site": SITE, "station": HERE, "request_id": "help-from-desk-1"}
    for _tap in range(2):
        assert send(lead, f"/desk/{HERE}/help", **fields).headers["Location"] == f"/desk/{HERE}/help"
    assert kinds() == [("late", HERE, "lead")]
    a_request(station=THERE)
    page = lead.get(f"/desk/{HERE}/help?lang=en").text
    assert page.count("Looking for a vehicle") == 1
    assert page.count("/help/r/") == 1


def test_refused_form_keeps_what_was_typed(cast: Cast, send: Send) -> None:
    refused = send(cast.lead, f"/desk/{HERE}/help", kind="late", site="KD0108-12", station=HERE, phone="13800001234")
    assert refused.status_code == 400
    assert 'value="13800001234"' in refused.text
    assert kinds() == []


def test_outbox_is_settled_one_by_one(cast: Cast) -> None:
    lead = cast.lead
    good = {"id": "queued-0001", "kind": "unwell", "site": SITE, "station": HERE, "happened_at": "x"}
    bad = {"id": "queued-0002", "kind": "late", "site": "KD0108-12", "station": HERE}
    answer = queue(lead, bad, good, good)
    assert [result["status"] for result in answer["results"]] == ["refused", "done", "replay"]
    assert "People mix this site up" in answer["results"][0]["message"]
    assert (answer["person"], "Feeling unwell" in answer["html"]) == ("lead", True)
    assert kinds() == [("unwell", HERE, "lead")]
    assert queue(lead, "x", None)["results"][0]["status"] == "refused"


def test_another_stations_desk_is_not_there(cast: Cast, send: Send) -> None:
    assert cast.lead.get(f"/desk/{THERE}/help").status_code == 404
    assert send(cast.lead, f"/desk/{THERE}/help", kind="late").status_code == 404
    assert cast.team.get(f"/desk/{HERE}/help").status_code == 403
    assert f"/desk/{HERE}/help" in cast.lead.get(f"/desk/{HERE}").text
