"""One application for all that only read."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cast import Cast
from conftest import make_app
from flask.testing import FlaskClient

from stations.kernel import clock
from stations.kernel.db import db


@pytest.fixture(scope="session")
def reader_client(seeded_sqlite: Path) -> Iterator[FlaskClient]:
    """A visitor of an application that nobody writes to."""
    app = make_app(f"sqlite:///{seeded_sqlite}")
    yield app.test_client()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def reader(reader_client: FlaskClient) -> Iterator[FlaskClient]:
    """That visitor, at 07:45 of the demonstration's first day."""
    clock.show(Cast.now, clock.real_now())
    yield reader_client
    clock.show_real()
