"""The migrations give what the models say, on both databases, however many run them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from conftest import on_both
from factories.crowd import run_crowd
from factories.databases import new_database
from sqlalchemy import CheckConstraint, Engine, create_engine, inspect

from stations.kernel.db import Base, database_url
from stations.kernel.schema import alembic_config, upgrade

HEAD = ScriptDirectory.from_config(alembic_config(None)).get_current_head()


@pytest.fixture
def empty_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without a table."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    with new_database(request.getfixturevalue("server")) as url:
        yield url


@pytest.fixture
def engine(empty_url: str) -> Iterator[Engine]:
    made = create_engine(database_url(empty_url))
    yield made
    made.dispose()


def current(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


@on_both
def test_upgrade_makes_what_the_models_say_and_only_once(engine: Engine) -> None:
    assert current(engine) is None
    upgrade(engine)
    upgrade(engine)
    assert current(engine) == HEAD
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
    checks = {c["name"] for table in Base.metadata.tables for c in inspect(engine).get_check_constraints(table)}
    meant = {
        c.name for t in Base.metadata.tables.values() for c in t.constraints if isinstance(c, CheckConstraint)
    }  # fmt: skip
    assert meant == checks


@on_both
def test_downgrade_leaves_nothing(engine: Engine) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    assert current(engine) is None
    upgrade(engine)
    assert current(engine) == HEAD


@on_both
def test_four_processes_at_once_migrate_once(engine: Engine, empty_url: str) -> None:
    run_crowd(empty_url, "from stations.kernel.schema import upgrade\nupgrade(db.engine)")
    assert current(engine) == HEAD
    assert set(inspect(engine).get_table_names()) > {"station", "exam_site", "audit_event"}
