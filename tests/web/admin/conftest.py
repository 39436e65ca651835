"""What the tests of the staff's pages share."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from cast import Cast, token
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from stations.accounts.models import Person
from stations.kernel.audit import AuditEvent
from stations.kernel.db import db
from stations.kernel.imports import ImportRun
from stations.kernel.revision import Revision

Send = Callable[..., TestResponse]
Fields = dict[str, Any]


class SignedIn(Cast):
    """The cast with their sessions ready made: passwords, slow on purpose, are tested where one signs in."""

    def sign_in(self, username: str, _password: str = "") -> FlaskClient:
        client = self._app.test_client()
        chosen = select(Person.fs_uniquifier).where(Person.username == username)
        known = db.session.execute(chosen).scalar_one()
        db.session.rollback()
        with client.session_transaction("/account/") as session:
            session.update({"_user_id": known, "_fresh": True})
        return client


@pytest.fixture
def cast(app: Flask) -> Cast:
    return SignedIn(app)


@pytest.fixture
def send() -> Send:
    """Post a form with its CSRF token and, unless one is given, a new request id."""

    tokens: dict[FlaskClient, str] = {}

    def post(client: FlaskClient, address: str, fields: Fields | None = None, **kwargs: Any) -> TestResponse:
        if client not in tokens:
            tokens[client] = token(client, "/account/")
        hidden = {"csrf_token": tokens[client], "request_id": uuid4().hex}
        return client.post(address, data=hidden | (fields or {}), **kwargs)

    return post


@pytest.fixture
def written() -> Callable[[], tuple[Any, ...]]:
    """What every write leaves behind: it changes when, and only when, something was written."""

    def look() -> tuple[Any, ...]:
        db.session.rollback()
        numbers = [func.count(AuditEvent.id), func.max(AuditEvent.hash)]
        revisions = db.session.execute(select(Revision.topic, Revision.number).order_by(Revision.topic)).all()
        runs = db.session.execute(select(func.count(ImportRun.id))).scalar_one()
        return (*db.session.execute(select(*numbers)).one(), runs, tuple(tuple(row) for row in revisions))

    return look


def form_fields(page: str, action: str = "") -> Fields:
    """The fields of the form with that action (the first without one otherwise) as a browser would send them."""
    form = next(f for f in re.findall(r"<form.*?</form>", page, re.S) if _action(f) == action)
    fields: Fields = {}
    for tag in re.findall(r"<(?:input|textarea|select).*?>", form, re.S):
        name = re.search(r'name="([^"]+)"', tag)
        if name is None or ('type="checkbox"' in tag and " checked" not in tag):
            continue
        value = re.search(r'value="([^"]*)"', tag)
        fields.setdefault(name[1], []).append(unescape(value[1]) if value else "")
    for name, inside in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S):
        fields[name] = [unescape(inside).strip()]
    for name, inside in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', inside) or re.search(r'value="([^"]*)"', inside)
        fields[name] = [unescape(chosen[1]) if chosen else ""]
    return fields


def _action(form: str) -> str:
    found = re.search(r'<form[^>]*\saction="([^"]*)"', form)
    return unescape(found[1]) if found else ""


@pytest.fixture
def fields_of() -> Callable[..., Fields]:
    """Reads a form out of a page."""
    return form_fields
