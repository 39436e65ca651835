"""Pages are asked as a server would be asked: each request in a context of its own."""

from contextvars import Context
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.test import TestResponse


class AloneClient(FlaskClient):
    """Does not lend the test's own application context, with whoever signed in last, to the request."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return Context().run(super().open, *args, **kwargs)


class Compiled(BytecodeCache):
    """The templates of this run, compiled once for all its applications."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


@pytest.fixture
def app(app: Flask) -> Flask:
    app.test_client_class = AloneClient
    app.jinja_env.bytecode_cache = COMPILED
    return app
