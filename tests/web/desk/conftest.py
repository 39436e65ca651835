"""What the tests of the desk share: the cast signed in, and posting as a form or as an outbox would."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from cast import Cast, token
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from stations.accounts.models import Person
from stations.kernel.db import db

Send = Callable[..., TestResponse]


class SignedIn(Cast):
    """The cast with their sessions ready made."""

    def sign_in(self, username: str, _password: str = "") -> FlaskClient:
        client = self._app.test_client()
        known = db.session.execute(select(Person.fs_uniquifier).where(Person.username == username)).scalar_one()
        db.session.rollback()
        with client.session_transaction("/account/") as session:
            session.update({"_user_id": known, "_fresh": True})
        return client


@pytest.fixture
def cast(app: Flask) -> Cast:
    return SignedIn(app)


@pytest.fixture
def send() -> Send:
    """Post a form with its CSRF token."""

    def post(client: FlaskClient, address: str, **fields: Any) -> TestResponse:
        claimed = fields.get("request_id", uuid4().hex)
        hidden = {"csrf_token": token(client, "/account/"), "id": claimed, "request_id": claimed}
        return client.post(address, data=hidden | fields)

    return post


@pytest.fixture
def sync() -> Send:
    """Post entries as an outbox does."""

    def post(client: FlaskClient, entries: Any, station: str = "GH-HD-01", **kwargs: Any) -> TestResponse:
        headers = {"X-CSRFToken": token(client, "/account/")}
        content = {"data": entries} if isinstance(entries, bytes) else {"json": entries}
        return client.post(f"/desk/{station}/entries", headers=headers, **content, **kwargs)

    return post
