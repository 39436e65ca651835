"""The way to one's link by number and code: one answer to everybody who does not know it, and few tries."""

from factories.shifts import ORGANIZER, a_volunteer
from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from werkzeug.test import TestResponse

from stations.kernel.db import transaction
from stations.shifts.actions.volunteers import set_code, withdraw_volunteer

CODE = "246810"


def known(staff_no: str) -> None:
    """A volunteer with that code."""
    a_volunteer(staff_no)
    with transaction():
        set_code(staff_no, hash_password(CODE), ORGANIZER)


def come(client: FlaskClient, staff_no: str, code: str = CODE) -> TestResponse:
    """What somebody types."""
    return client.post("/v/?lang=en", data={"staff_no": staff_no, "code": code})


def test_code_leads_to_the_link(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        known("S1")
    assert client.get("/v/").status_code == 200
    answer = come(client, "S1")
    assert answer.status_code == 303
    assert "Set-Cookie" not in answer.headers
    assert "志愿者S1" in client.get(answer.location).text


def test_every_failure_gets_one_answer(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        known("S1")
        known("S2")
        a_volunteer("S3")
        with transaction():
            withdraw_volunteer("S2", ORGANIZER)
    said = set()
    for number, code in (("S1", "111111"), ("S2", CODE), ("S3", CODE), ("nobody", CODE), ("nobody", "nobody's code")):
        answer = come(client, number, code)
        assert answer.status_code == 400
        said.add(answer.text.replace(f'value="{number}"', "").replace(f'value="{code}"', "").replace(code, ""))
    assert "Staff number and code do not fit together" in said.copy().pop()
    assert len({text[text.index('role="alert"') :][:200] for text in said}) == 1
    assert come(client, "", "").status_code == 400


def test_tries_are_counted_by_number(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        known("S1")
    tries = [come(client, " s1 " if n % 2 else "S1", "000000").status_code for n in range(11)]
    assert tries == [400] * 10 + [429]
    assert come(client, "S1").status_code == 429
