"""A counsellor's page: one press a talk, where and when one is on duty, and the cards for everything that is more."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from conftest import on_both
from factories.shifts import HERE, ORGANIZER, THERE, a_shift, a_volunteer, get_person, put
from flask import Flask
from flask.testing import FlaskClient
from html5lib import HTMLParser
from werkzeug.test import TestResponse

from stations.feedback.queries import TalkRow, list_own
from stations.kernel import clock
from stations.kernel.db import db, transaction
from stations.places.queries.stations import get_station
from stations.shifts.actions.knowing import set_skill
from stations.shifts.actions.shifts import cancel_shift
from stations.web.volunteer_links import make_token

TODAY = date(2027, 6, 7)
Page = Callable[..., str]


@pytest.fixture
def page(app: Flask) -> Page:
    """The address of a counsellor's page, with a shift today unless they shall have none."""

    def make(staff_no: str = "S1", *, skill: bool = True, starts: str = "08:00", station: str = HERE) -> str:
        a_volunteer(staff_no, skills={"counsellor": TODAY} if skill else {})
        if starts:
            put(staff_no, a_shift(starts, 2, station, day=TODAY.isoformat()), reason="test")
        row = get_person(staff_no)
        with app.test_request_context():
            return f"/v/{make_token(row.id, row.link_no)}"

    return make


def press(client: FlaskClient, link: str, kind: str = "talk", **fields: Any) -> TestResponse:
    """A button, as a plain form."""
    sent = {"kind": kind, "back": "counsel", "id": uuid4().hex, "station": HERE}
    sent |= {"who": "parent", "topic": "sleep"} if kind == "talk" else {}
    answer = client.post(f"{link}/press?lang=en", data=sent | fields)
    db.session.rollback()
    return answer


def own(staff_no: str = "S1", station: str = HERE, day: date = TODAY) -> list[TalkRow]:
    """What they counted."""
    return list_own(f"volunteer:{get_person(staff_no).id}", get_station(station).id, day)


@on_both
def test_one_press_counts_one_talk_and_the_last_is_taken_back(client: FlaskClient, page: Page) -> None:
    link = page()
    shown = client.get(f"{link}/counsel?lang=en")
    assert shown.status_code == 200
    HTMLParser(strict=True).parse(shown.text)
    assert "演示工会伴考点·海淀01" in shown.text
    assert shown.text.count("data-tally") == 13  # two who times six topics, and the last one back
    assert press(client, link).status_code == 303
    answer = press(client, link, who="examinee", topic="exam_anxiety")
    page_now = client.get(answer.location).text
    assert "Counted." in page_now
    assert "2 talks today" in page_now
    assert "last: Examinee, Exam anxiety, 07:4" in page_now
    back = press(client, link, "untalk")
    assert "The last one is taken back." in client.get(back.location).text
    assert [(row.who, row.topic) for row in own()] == [("parent", "sleep")]
    assert press(client, link, "untalk").status_code == 303
    nothing = press(client, link, "untalk")
    assert (nothing.status_code, "There is nothing of today left to take back." in nothing.text) == (409, True)


def test_press_sent_twice_counts_once(client: FlaskClient, page: Page) -> None:
    link, twice = page(), uuid4().hex
    for _time in range(2):
        assert press(client, link, id=twice).status_code == 303
    assert len(own()) == 1


@on_both
def test_outbox_brings_presses_with_their_own_time(client: FlaskClient, page: Page) -> None:
    link, now = page(), clock.now()
    talk = {"kind": "talk", "station": HERE, "who": "parent", "topic": "family"}
    entries = [
        talk | {"id": "first-000", "happened_at": (now - timedelta(minutes=20)).isoformat()},
        talk | {"id": "second-00", "happened_at": (now + timedelta(minutes=20)).isoformat()},
        talk | {"id": "third-000", "topic": "sleep"},
        {"kind": "untalk", "station": HERE, "id": "fourth-00"},
        talk | {"id": "fifth-000", "station": THERE},
    ]
    for statuses in (["done"] * 4 + ["refused"], ["replay"] * 4 + ["refused"]):
        answer = client.post(f"{link}/presses", json=entries)
        db.session.rollback()
        assert answer.json
        assert [one["status"] for one in answer.json["results"]] == statuses
    first, second = own()
    assert (first.at, second.topic) == (now - timedelta(minutes=20), "family")
    assert second.at <= clock.now()


def test_only_a_counsellor_with_a_valid_proof_counts(client: FlaskClient, page: Page) -> None:
    plain = page("S2", skill=False)
    assert "Talks" not in client.get(f"{plain}?lang=en").text
    for answer in (client.get(f"{plain}/counsel?lang=en"), press(client, plain)):
        assert answer.status_code == 403
        assert "No proof that is valid today is recorded for you" in answer.text
    link = page()
    assert f'href="{link}/counsel"' in client.get(link).text
    with transaction():
        set_skill("S1", "counsellor", "seen", TODAY - timedelta(days=1), ORGANIZER)
    assert client.get(f"{link}/counsel").status_code == 403
    assert press(client, link).status_code == 403
    assert own() == []


def test_talk_is_counted_where_one_is_on_duty_that_day(client: FlaskClient, page: Page) -> None:
    link = page(starts="")
    shown = client.get(f"{link}/counsel?lang=en").text
    assert "You have no shift today" in shown
    assert 'href="tel:12356"' in shown
    refused = press(client, link)
    assert (refused.status_code, "You have no shift at this station on that day" in refused.text) == (409, True)
    shift = a_shift("14:00", 2, THERE, day=TODAY.isoformat())
    put("S1", shift)
    assert press(client, link).status_code == 409
    assert press(client, link, station=THERE).status_code == 303
    assert len(own(station=THERE)) == 1
    with transaction():
        cancel_shift(shift, ORGANIZER, "rain")
    assert press(client, link, station=THERE).status_code == 409


def test_counsellor_with_two_stations_chooses(client: FlaskClient, page: Page) -> None:
    link = page()
    put("S1", a_shift("14:00", 2, THERE, day=TODAY.isoformat()))
    assert f'name="station" value="{HERE}"' in client.get(f"{link}/counsel").text
    chosen = client.get(f"{link}/counsel?station={THERE}").text
    assert f'name="station" value="{THERE}"' in chosen
    assert f'name="station" value="{HERE}"' not in chosen
    clock.show(clock.now() + timedelta(hours=4), clock.real_now())
    assert f'name="station" value="{THERE}"' in client.get(f"{link}/counsel").text


def test_cards_are_one_tap_away_and_need_nothing(client: FlaskClient, page: Page) -> None:
    shown = client.get(f"{page()}/counsel?lang=en").text
    for card in ("hotlines", "referral", "at-risk"):
        assert f'href="#{card}"' in shown
        assert f'id="{card}"' in shown
    for number in ("12356", "12355", "120", "110"):
        assert f'href="tel:{number}"' in shown
    assert "<textarea" not in shown
    assert 'type="text"' not in shown


@pytest.mark.parametrize(
    "fields",
    [{"who": "teacher"}, {"topic": "love"}, {"who": ""}, {"station": ""}, {"station": "nowhere"}, {"station": "<b>"},
     {"happened_at": "yesterday"}, {"happened_at": "2027-06-01T08:00:00+08:00"}, {"id": "?"}],
)  # fmt: skip
def test_bad_presses_are_refused_in_words(client: FlaskClient, page: Page, fields: dict[str, str]) -> None:
    answer = press(client, page(), **fields)
    assert 400 <= answer.status_code < 500
    assert "notice--error" in answer.text
    assert own() == []
