"""The database: one declarative base, one transaction, one verdict."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from sqlite3 import SQLITE_BUSY
from typing import Any, TypeVar, cast

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, CursorResult, DateTime, Engine, Executable, MetaData, event
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

CONSTRAINT_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

MEMORY = "bankao"
MOST_TRIES = 4
DEADLOCK = "40P01"  # PostgreSQL's code
PRIMARY_CODE = 0xFF  # of a SQLite result code; what is above tells more
T = TypeVar("T")

db = SQLAlchemy(
    metadata=MetaData(naming_convention=CONSTRAINT_NAMES),
    session_options={"expire_on_commit": False, "autoflush": False},
)


class Base(DeclarativeBase):
    """Every table; shares its metadata with Flask-SQLAlchemy's session."""

    metadata = db.metadata


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC, on SQLite too, which would give back naive ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


@contextmanager
def transaction() -> Iterator[None]:
    """One write transaction: committed at the end, rolled back on any error.

    What was read before it is let go first, and SQLite takes its write lock at once (BEGIN IMMEDIATE):
    a read that upgrades to a write later would fail under concurrency instead of waiting. One inside another
    is a mistake: it would throw away what the outer one has written.
    """
    state = db.session().info
    if state.get("is_writing"):
        raise RuntimeError("a transaction inside a transaction")
    begin_writing()
    in_transaction().clear()
    state["is_writing"] = True
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        state["is_writing"] = False
        in_transaction().clear()


def begin_writing() -> None:
    """Let go what was read, and take SQLite's write lock: also for a library that commits by itself."""
    db.session.rollback()
    db.session.connection(execution_options={"sqlite_begin": "BEGIN IMMEDIATE"})


def commit_or_let_go() -> None:
    """Commit what a library wrote of its own accord and can write another time: not while somebody else writes."""
    try:
        db.session.commit()
    except OperationalError as error:
        db.session.rollback()
        if not is_busy(error):
            raise


def run_in_transaction(do: Callable[[], T]) -> T:
    """Do it in one transaction, and again where the database broke it off to end a deadlock, or where SQLite's lock
    was held by others all the while: nothing was written."""
    for _try in range(MOST_TRIES - 1):
        try:
            with transaction():
                return do()
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != DEADLOCK and not is_busy(error):
                raise
    with transaction():
        return do()


def is_busy(error: OperationalError) -> bool:
    """Whether SQLite gave up waiting for somebody else's lock, or would write on what is no longer the newest."""
    return getattr(error.orig, "sqlite_errorcode", 0) & PRIMARY_CODE == SQLITE_BUSY


@contextmanager
def attempt() -> Iterator[None]:
    """A part of a transaction that may fail by itself: an error takes back what it wrote and what was remembered
    meanwhile, and goes on to the caller; the rest of the transaction stands."""
    before = dict(in_transaction())
    try:
        with db.session.begin_nested():
            yield
    except BaseException:
        memory = in_transaction()
        memory.clear()
        memory.update(before)
        raise


def in_transaction() -> dict[str, Any]:
    """What may be remembered until this transaction ends, because it holds the lock on it."""
    if not db.session.registry.has():
        return {}  # a request that has not touched the database needs no session for this
    memory: dict[str, Any] = db.session().info.setdefault("in_transaction", {})
    return memory


def changed_one(statement: Executable) -> bool:
    """Run a guarded UPDATE or INSERT; its row count is the verdict."""
    # Drivers do not count an INSERT's rows unless asked to.
    counted = db.session.execute(statement, execution_options={"preserve_rowcount": True})
    result = cast(CursorResult[Any], counted)
    return result.rowcount == 1


def app_memory() -> dict[str, Any]:
    """What this process remembers for the current application, and so of its database, by name."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy costs 1 us an attribute
    memory: dict[str, Any] = app.extensions.setdefault(MEMORY, {})
    return memory


def setting(name: str) -> Any:
    """One of the settings of the current application, by its name."""
    return getattr(current_app.config["SETTINGS"], name)


def is_sqlite() -> bool:
    """Whether this process talks to SQLite."""
    return db.engine.dialect.name == "sqlite"


def database_url(url: str) -> str:
    """The SQLAlchemy URL for what a deployer writes (`postgres://...`, `sqlite:///...`)."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def sqlite_path(url: str) -> Path | None:
    """The file behind a SQLite URL, or None for another database or one in memory."""
    name = url.removeprefix("sqlite:///")
    return None if name == url or name in {"", ":memory:"} else Path(name)


@event.listens_for(Engine, "connect")
def _set_up_sqlite(connection: Any, _record: Any) -> None:
    if type(connection).__module__.split(".")[0] != "sqlite3":
        return
    connection.isolation_level = None  # BEGIN is ours, see _begin
    for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=15000"):
        connection.execute(f"PRAGMA {pragma}").close()


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        options = connection.get_execution_options()
        connection.exec_driver_sql(cast(str, options.get("sqlite_begin", "BEGIN")))
