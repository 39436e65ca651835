"""Bring the database to the newest schema: Alembic's migrations, run once however many processes start."""

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import Engine, text

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
MIGRATION_LOCK = 7_102_002


def upgrade(engine: Engine, target: str = "head") -> None:
    """Run the missing migrations in one transaction, behind a lock: of several processes one does the work."""
    with engine.connect().execution_options(sqlite_begin="BEGIN IMMEDIATE") as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        command.upgrade(alembic_config(connection), target)


def alembic_config(connection: object) -> AlembicConfig:
    """Alembic's configuration bound to an open connection."""
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(MIGRATIONS))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings
