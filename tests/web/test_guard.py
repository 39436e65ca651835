"""Public pages have no session; staff pages have one."""

import time

import pytest
from cast import Cast
from flask import Flask, session
from flask.sessions import NullSession
from flask.testing import FlaskClient

from stations.web.guard import PUBLIC_BLUEPRINTS, STAFF_PATHS

PUBLIC = (
    "/",
    "/?site=KD0108-12",
    "/s/GH-HD-01",
    "/e/KD0108-12",
    "/help",
    "/help/ask",
    "/map/pins.json",
    "/api/v1/sessions",
    "/healthz",
)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_pages_have_no_session_even_for_who_is_signed_in(client: FlaskClient, cast: Cast, address: str) -> None:
    for visitor in (client, cast.haidian):
        answer = visitor.get(address)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")


def test_signing_in_still_makes_a_session(client: FlaskClient, cast: Cast) -> None:
    form = client.get("/account/sign-in")
    assert "bankao=" in form.headers["Set-Cookie"]
    assert "HttpOnly" in form.headers["Set-Cookie"]
    page = cast.haidian.get("/account/")
    assert page.status_code == 200
    assert "Cookie" in page.headers["Vary"]


@pytest.mark.parametrize(("ahead", "is_taken"), [(0, True), (90, True), (290, True), (310, False)])
def test_a_sign_in_by_a_machine_whose_clock_is_ahead_counts(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, ahead: int, is_taken: bool
) -> None:
    with monkeypatch.context() as shifted:
        shifted.setattr("itsdangerous.timed.time.time", lambda now=time.time: now() + ahead)
        visitor = cast.haidian
    assert visitor.get("/account/").status_code == (200 if is_taken else 302)


def test_an_old_or_forged_session_does_not_count(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = cast.haidian
    old = app.permanent_session_lifetime.total_seconds() + 10
    with monkeypatch.context() as shifted:
        shifted.setattr("itsdangerous.timed.time.time", lambda now=time.time: now() + old)
        assert visitor.get("/account/").status_code == 302
    value = visitor.get_cookie("bankao").value
    visitor.set_cookie("bankao", value[:-2] + ("A" if value[-2] != "A" else "B") + value[-1])
    assert visitor.get("/account/").status_code == 302


def test_a_session_is_opened_by_what_the_address_leads_to(app: Flask) -> None:
    with app.test_request_context("/api/v1/sessions"):
        assert isinstance(session._get_current_object(), NullSession)
        with pytest.raises(RuntimeError):
            session["a"] = 1
    for address, method in (("/account/sign-in", "GET"), ("/admin/stations/", "GET"), ("/api/v1/sessions", "POST")):
        with app.test_request_context(address, method=method):
            assert not isinstance(session._get_current_object(), NullSession)


def test_staff_pages_lie_where_the_guard_looks_for_them(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        is_public = rule.endpoint.partition(".")[0] in PUBLIC_BLUEPRINTS
        assert is_public != rule.rule.startswith(STAFF_PATHS), rule


def test_headers_stand_on_every_answer_once(client: FlaskClient) -> None:
    for address in (*PUBLIC, "/nowhere", "/account/sign-in", "/api/v1/nowhere"):
        headers = client.get(address).headers
        assert len(headers.getlist("Content-Security-Policy")) == 1, address
        assert headers.getlist("X-Content-Type-Options") == ["nosniff"], address
