"""The standing cast: the demonstration's people, each with a browser of their own."""

import re
from datetime import datetime

from flask import Flask
from flask.testing import FlaskClient

from stations.workflows.preparing import DEMO_PEOPLE

USERNAMES = frozenset(username for username, *_rest in DEMO_PEOPLE)
DEMO_NOW = "2027-06-07T07:45:00+08:00"
PASSWORD = "bankao-demo"


class Cast:
    """Signs people in: `cast.sign_in("haidian")`, or `cast.haidian`."""

    now = datetime.fromisoformat(DEMO_NOW)

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __getattr__(self, username: str) -> FlaskClient:
        if username not in USERNAMES:
            raise AttributeError(username)
        return self.sign_in(username)

    def sign_in(self, username: str, password: str = PASSWORD) -> FlaskClient:
        """A client that is signed in."""
        client = self._app.test_client()
        answer = client.post(
            "/account/sign-in",
            data={"username": username, "password": password, "csrf_token": token(client, "/account/sign-in")},
        )
        assert answer.status_code == 302, answer.text
        return client


def token(client: FlaskClient, address: str) -> str:
    """The CSRF token of the form at `address`."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(address).text)
    assert found, address
    return found[1]
