"""Pages are asked as a server would be asked: each request in a context of its own."""

from contextvars import Context
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class AloneClient(FlaskClient):
    """Does not lend the test's own application context, with whoever signed in last, to the request; takes the whole
    answer."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return Context().run(super().open, *args, **{"buffered": True} | kwargs)


@pytest.fixture
def app(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setattr(app, "test_client_class", AloneClient)
    return app
