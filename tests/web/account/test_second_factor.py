"""A code besides the password: set up, asked for, required of administrators where the deployment says so."""

import re
from collections.abc import Iterator

import pytest
from cast import PASSWORD, Cast, token
from conftest import make_app, on_both
from flask import Flask
from flask.testing import FlaskClient
from passlib.totp import TOTP

from stations.kernel import clock
from stations.kernel.db import db

SETUP, CODE = "/account/two-factor", "/account/two-factor-code"


def begin(client: FlaskClient) -> tuple[str, str]:
    """The key and the address of the form that confirms it."""
    drawn = client.post(SETUP, data={"csrf_token": token(client, SETUP), "setup": "authenticator"})
    assert drawn.status_code == 200
    assert 'src="data:image/' in drawn.text
    key = re.search(r'class="copyable">([^<]+)<', drawn.text)
    address = re.search(r'action="(/account/two-factor/[^"]+)"', drawn.text)
    assert key
    assert address
    return key[1].replace("-", "").replace(" ", ""), address[1]


def set_up(client: FlaskClient) -> str:
    key, address = begin(client)
    answer = client.post(address, data={"csrf_token": token(client, SETUP), "code": code(key)})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/")
    return key


def code(key: str) -> str:
    return str(TOTP(key=key).generate().token)


def half_sign_in(app: Flask, username: str) -> FlaskClient:
    client = app.test_client()
    typed = {"username": username, "password": PASSWORD, "csrf_token": token(client, "/account/sign-in")}
    answer = client.post("/account/sign-in", data=typed)
    assert answer.headers["Location"].startswith(CODE)
    return client


@on_both
def test_a_code_is_set_up_and_then_asked_for(app: Flask, cast: Cast) -> None:
    key = set_up(cast.haidian)
    client = half_sign_in(app, "haidian")
    assert client.get("/account/").status_code == 302
    assert client.get("/admin/stations/").status_code == 302
    wrong = client.post(CODE, data={"csrf_token": token(client, CODE), "code": "000000"})
    assert wrong.status_code == 400
    assert "field__error" in wrong.text
    right = client.post(CODE, data={"csrf_token": token(client, CODE), "code": code(key)})
    assert (right.status_code, right.headers["Location"]) == (302, "/account/")
    assert client.get("/admin/stations/").status_code == 200


def test_a_wrong_code_sets_nothing_up(app: Flask, cast: Cast) -> None:
    client = cast.haidian
    _key, address = begin(client)
    assert client.post(address, data={"csrf_token": token(client, SETUP), "code": "000000"}).status_code == 302
    forged = f"{SETUP}/forged"
    assert client.post(forged, data={"csrf_token": token(client, SETUP), "code": "000000"}).status_code == 302
    assert cast.sign_in("haidian").get("/account/").status_code == 200


def test_codes_cannot_be_guessed_without_end(app: Flask, cast: Cast) -> None:
    key = set_up(cast.haidian)
    client = half_sign_in(app, "haidian")
    hidden = token(client, CODE)
    tries = [client.post(CODE, data={"csrf_token": hidden, "code": f"{n:06}"}).status_code for n in range(10)]
    assert tries == [400] * 10
    assert client.post(CODE, data={"csrf_token": hidden, "code": code(key)}).status_code == 429


def test_a_code_is_given_up_again(cast: Cast) -> None:
    client = cast.haidian
    set_up(client)
    answer = client.post(SETUP, data={"csrf_token": token(client, SETUP), "setup": "disable"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/")
    assert cast.sign_in("haidian").get("/account/").status_code == 200


def test_the_code_page_is_shut_to_one_without_a_password(client: FlaskClient) -> None:
    for page in (CODE, SETUP):
        assert client.get(page).headers["Location"].startswith("/account/sign-in")


@pytest.fixture
def strict(app: Flask, database: str) -> Iterator[Flask]:
    """The same database served where administrators need a second factor."""
    made = make_app(database, admin_two_factor=True)
    made.test_client_class = app.test_client_class
    yield made
    with made.app_context():
        db.session.remove()
        db.engine.dispose()
    assert not clock.is_real()


def test_an_administrator_is_led_to_set_it_up_first(strict: Flask) -> None:
    cast = Cast(strict)
    client = cast.admin
    for page in ("/account/", "/admin/stations/", "/admin/stations/GH-HD-01", "/admin/imports/new"):
        assert client.get(page).headers["Location"] == SETUP, page
    hidden = token(client, SETUP)
    shut = client.post("/admin/stations/GH-HD-01/operate", data={"csrf_token": hidden, "request_id": "strict-01"})
    assert shut.headers["Location"] == SETUP
    key = set_up(client)
    assert client.get("/admin/stations/").status_code == 200
    again = half_sign_in(strict, "admin")
    assert again.post(CODE, data={"csrf_token": token(again, CODE), "code": code(key)}).status_code == 302
    assert again.get("/admin/stations/").status_code == 200
    assert cast.haidian.get("/admin/stations/").status_code == 200


def test_without_the_setting_an_administrator_may_go_without(cast: Cast) -> None:
    assert cast.admin.get("/admin/stations/").status_code == 200
