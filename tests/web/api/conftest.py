"""One application for all that only read."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cast import Cast
from conftest import make_app
from flask import Flask
from flask.testing import FlaskClient

from stations.kernel import clock
from stations.kernel.db import db


@pytest.fixture(scope="session")
def read_only_app(seeded_sqlite: Path) -> Iterator[Flask]:
    """An application that nobody writes to."""
    app = make_app(f"sqlite:///{seeded_sqlite}")
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def reader(read_only_app: Flask) -> Iterator[FlaskClient]:
    """Its visitor, at 07:45 of the demonstration's first day."""
    clock.show(Cast.now, clock.real_now())
    yield read_only_app.test_client()
    clock.show_real()
