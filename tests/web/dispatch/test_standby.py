"""Where idle vehicles had better stand by: proposed with reasons, accepted in part, never taken from a ride."""

import re
import time

import pytest
from cast import Cast, token
from conftest import on_both
from factories.fleet import a_request, an_offer
from flask.testing import FlaskClient
from html5lib import HTMLParser
from sqlalchemy import select, update

from stations.fleet.models import Vehicle
from stations.fleet.queries.vehicles import get_vehicle, list_posts
from stations.kernel.audit import list_events
from stations.kernel.db import db, transaction

pytestmark = pytest.mark.usefixtures("app")


def only(*codes: str) -> None:
    """Everybody else is off duty."""
    with transaction():
        db.session.execute(update(Vehicle).where(Vehicle.code.not_in(codes)).values(state="off"))


def press(client: FlaskClient, *moves: str, **fields: str) -> tuple[int, str]:
    hidden = {"csrf_token": token(client, "/account/"), "request_id": "press-00001", "minutes": "12"}
    answer = client.post("/dispatch/standby?lang=en", data={**hidden, **fields, "move": list(moves)})
    db.session.rollback()
    return answer.status_code, answer.text


def proposed(page: str) -> list[str]:
    return re.findall(r'name="move" value="([^"]+)"', page)


@on_both
def test_proposal_raises_the_cover_and_is_accepted_in_part(cast: Cast) -> None:
    only("V010", "V011", "V012")
    client = cast.dispatcher
    page = client.get("/dispatch/standby?minutes=10&lang=en").text
    HTMLParser(strict=True).parse(page)
    now, after = map(int, re.findall(r"<dd>(\d+)%</dd>", page))
    assert now < after
    assert "Without it nobody would be near" in page
    first, *rest = proposed(page)
    code, gate = first.split()
    assert press(client, first)[0] == 303
    assert press(client, first)[0] == 303, "sent twice, done once"
    assert get_vehicle(code).gate_id == int(gate)
    events = [event[1:] for event in list_events(f"vehicle:{code}")]
    assert events == [("dispatcher", "vehicle.standby", "cover of the gates"), ("program", "vehicle.save", "")]
    assert all(get_vehicle(other.split()[0]).gate_id is None for other in rest)
    assert press(client, *rest, request_id="press-00002")[0] == 303
    again = client.get("/dispatch/standby?minutes=10&lang=en").text
    assert int(re.findall(r"<dd>(\d+)%</dd>", again)[0]) == after


def test_whoever_left_duty_or_rides_stays_as_they_are(cast: Cast) -> None:
    gate = next(iter(list_posts().values())).gate_id
    an_offer(a_request(), "V010")
    with transaction():
        db.session.execute(update(Vehicle).where(Vehicle.code == "V011").values(state="off"))
    client = cast.dispatcher
    moves = [f"V010 {gate}", f"V011 {gate}", "V012 999999999", f"V013 {gate}", f"NONE {gate}"]
    assert press(client, *moves)[0] == 303
    posted = db.session.execute(select(Vehicle.code).where(Vehicle.gate_id.is_not(None))).scalars().all()
    assert posted == ["V013"]
    assert get_vehicle("V011").state == "off"
    page = client.get("/dispatch/standby?lang=en").text
    assert "1 vehicles are told where to stand by." in page
    assert "Left as they are, for something has changed: V010, V011, V012, NONE." in page


def test_wrong_input_is_refused_in_words(cast: Cast) -> None:
    client = cast.dispatcher
    for minutes in ("4", "21", "x", "12.5", "٣"):
        answer = client.get("/dispatch/standby", query_string={"minutes": minutes, "lang": "en"})
        assert (answer.status_code, "Choose 5 to 20 minutes." in answer.text) == (400, True)
        HTMLParser(strict=True).parse(answer.text)
    assert press(client)[0] == 400
    assert press(client, "V010 x")[0] == 400
    assert press(client, "V010 1", request_id="")[0] == 400
    assert press(client, "<b> 1")[0] == 404


def test_nobody_standing_by_covers_nothing(cast: Cast) -> None:
    only()
    page = cast.dispatcher.get("/dispatch/standby?lang=en").text
    assert "Nobody has to move." in page
    assert "<dd>0%</dd>" in page
    HTMLParser(strict=True).parse(page)


def test_whole_city_is_proposed_within_a_moment(cast: Cast) -> None:
    client = cast.dispatcher
    client.get("/dispatch/standby")
    begin = time.process_time()
    assert client.get("/dispatch/standby?minutes=5").status_code == 200
    assert time.process_time() - begin < 3


def test_only_dispatchers_of_that_place_move_anybody(cast: Cast) -> None:
    gate = next(iter(list_posts().values())).gate_id
    assert cast.lead.get("/dispatch/standby").status_code == 403
    assert press(cast.lead, f"V010 {gate}")[0] == 403
    assert press(cast.haidian, f"V010 {gate}")[0] == 303
    assert get_vehicle("V010").gate_id is None
