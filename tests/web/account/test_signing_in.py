"""Signing in and out, changing the password: what works, and what must not."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from cast import PASSWORD, Cast, token
from conftest import make_app, on_both
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from stations.accounts.models import Person
from stations.kernel.db import db, sqlite_path, transaction

SIGN_IN = "/account/sign-in"
WRONG = "用户名或密码不正确"


def sign_in(client: FlaskClient, address: str = SIGN_IN, headers: Any = None, **fields: str) -> Any:
    typed = {"username": "haidian", "password": PASSWORD, "csrf_token": token(client, address)} | fields
    return client.post(address, data=typed, headers=headers)


@on_both
def test_staff_sign_in_and_out(client: FlaskClient) -> None:
    assert client.get("/account/").headers["Location"] == "/account/sign-in?next=/account/?"
    answer = sign_in(client)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/")
    page = client.get("/account/")
    assert "演示海淀区总工会" in page.text
    assert page.headers["Cache-Control"] == "private, no-cache"
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith("bankao="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    out = client.post("/account/sign-out", data={"csrf_token": token(client, "/account/")})
    assert (out.status_code, out.headers["Location"]) == (302, "/")
    assert client.get("/account/").status_code == 302


def said(page: str) -> list[str]:
    return [line.split("</span>")[1].split("<")[0].strip() for line in page.split('class="field__error"')[1:]]


@on_both
def test_whatever_is_wrong_the_answer_is_the_same(client: FlaskClient) -> None:
    with transaction():
        db.session.execute(update(Person).where(Person.username == "observer").values(active=False))
    answers = [
        sign_in(client, username=name, password=password)
        for name, password in (
            ("haidian", "wrong"),
            ("nobody", PASSWORD),
            ("observer", PASSWORD),
            ("a\0b", PASSWORD),
            ("haidian' --", "x"),
        )
    ]
    assert {answer.status_code for answer in answers} == {400}
    assert len({tuple(said(answer.text)) for answer in answers}) == 1
    assert all("Set-Cookie" not in answer.headers or "_user_id" not in answer.text for answer in answers)
    assert client.get("/account/").status_code == 302


def test_what_is_missing_or_too_long_is_said(client: FlaskClient) -> None:
    for fields in ({"username": ""}, {"password": ""}, {"username": "x" * 65}, {"password": "x" * 201}):
        answer = sign_in(client, **fields)
        assert answer.status_code == 400
        assert said(answer.text)
    assert client.post(SIGN_IN, data={"username": "haidian", "password": PASSWORD}).status_code == 400
    assert client.get("/account/").status_code == 302


def test_demonstration_accounts_work_on_this_machine_only(client: FlaskClient) -> None:
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-Ip"):
        answer = sign_in(client, headers={header: "127.0.0.1"})
        assert answer.status_code == 400, header
        assert said(answer.text), header
    assert client.get("/account/").status_code == 302


def test_demonstration_accounts_do_not_work_from_elsewhere(client: FlaskClient) -> None:
    client.environ_base["REMOTE_ADDR"] = "10.0.0.7"
    assert sign_in(client).status_code == 400


def test_too_many_tries_are_refused_in_words(client: FlaskClient) -> None:
    statuses = [sign_in(client, password="wrong").status_code for _try in range(10)]
    assert statuses == [400] * 10
    answer = sign_in(client)
    assert answer.status_code == 429
    assert "<h1>" in answer.text
    assert sign_in(client, username="company").status_code == 302


ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "///evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "http://localhost.evil.example/",
    "\t//evil.example",
)


def test_next_leads_nowhere_else(app: Flask) -> None:
    for foreign in ELSEWHERE:
        client = app.test_client()
        typed = {"username": "haidian", "password": PASSWORD, "csrf_token": token(client, SIGN_IN), "next": foreign}
        answer = client.post(SIGN_IN, query_string={"next": foreign}, data=typed)
        assert answer.status_code in {302, 400}, foreign
        there = urljoin(f"http://localhost{SIGN_IN}", answer.headers.get("Location", SIGN_IN))
        assert urlsplit(there).netloc == "localhost", foreign
        assert "\\" not in there, foreign


def test_next_and_the_language_are_kept(client: FlaskClient) -> None:
    asked = client.get("/admin/stations/?lang=en&q=01").headers["Location"]
    assert "lang=en" in asked
    answer = sign_in(client, asked)
    assert answer.headers["Location"].endswith("/admin/stations/?lang=en&q=01")
    other = sign_in(client.application.test_client(), f"{SIGN_IN}?lang=en")
    assert other.headers["Location"] == "/account/?lang=en"


def write_elsewhere(path: Path) -> None:
    """Another process writes just before the library does."""

    def write(*_flushed: object) -> None:
        with closing(sqlite3.connect(path, timeout=0.02)) as other, suppress(sqlite3.OperationalError), other:
            other.execute("UPDATE season SET name = name || '.'")

    event.listen(Session, "before_flush", write, once=True)


def test_signing_in_while_others_write_leaves_the_newer_hash_for_later(app: Flask, database: str) -> None:
    path = sqlite_path(database)
    assert path is not None
    before = db.session.execute(select(Person.password).where(Person.username == "haidian")).scalar_one()
    app.extensions["security"].pwd_context.update(argon2__time_cost=2)
    write_elsewhere(path)
    assert sign_in(app.test_client()).status_code == 302
    db.session.rollback()
    assert db.session.execute(select(Person.password).where(Person.username == "haidian")).scalar_one() == before
    assert sign_in(app.test_client()).status_code == 302
    db.session.rollback()
    assert db.session.execute(select(Person.password).where(Person.username == "haidian")).scalar_one() != before


def test_a_password_is_changed_while_others_write(cast: Cast, database: str) -> None:
    path = sqlite_path(database)
    assert path is not None
    mine = cast.haidian
    typed = {"password": PASSWORD, "new_password": "a-longer-one", "new_password_confirm": "a-longer-one"}
    typed["csrf_token"] = token(mine, "/account/change-password")
    write_elsewhere(path)
    assert mine.post("/account/change-password", data=typed).status_code == 302


@on_both
def test_a_password_is_changed_and_ends_other_sessions(cast: Cast, client: FlaskClient) -> None:
    mine, other = cast.haidian, cast.haidian

    def change(**fields: str) -> Any:
        typed = {"password": PASSWORD, "new_password": "a-longer-one", "new_password_confirm": "a-longer-one"}
        return mine.post(
            "/account/change-password",
            data=typed | {"csrf_token": token(mine, "/account/change-password")} | fields,
        )

    for wrong in (
        {"password": "wrong"},
        {"new_password": "short", "new_password_confirm": "short"},
        {"new_password_confirm": "another-one"},
        {"new_password": PASSWORD, "new_password_confirm": PASSWORD},
        {"new_password": "", "new_password_confirm": ""},
    ):
        answer = change(**wrong)
        assert answer.status_code == 400, wrong
        assert said(answer.text) or "field__error" in answer.text
    assert change().headers["Location"] == "/account/"
    assert mine.get("/account/").status_code == 200
    assert other.get("/account/").status_code == 302
    assert sign_in(client).status_code == 400
    assert sign_in(client, password="a-longer-one").status_code == 302


def test_unused_pages_of_the_library_are_closed(cast: Cast) -> None:
    for address in ("/account/tf-rescue", "/account/tf-select", "/account/register", "/account/reset"):
        assert cast.haidian.get(address).status_code == 404


def test_a_new_secret_key_locks_nobody_out(app: Flask, database: str) -> None:
    other = make_app(database, secret_key="another-secret-of-tests-0123456789abcdef")
    other.test_client_class = app.test_client_class
    assert sign_in(other.test_client()).status_code == 302
    with other.app_context():
        db.engine.dispose()
