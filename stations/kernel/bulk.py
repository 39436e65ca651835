"""Many rows by one statement at the speed of the driver: what SQLAlchemy does for each value costs more than a row."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.sql.elements import CompilerElement

from stations.kernel.db import app_memory, db, is_sqlite

LENGTH = 26  # without the zone


def execute_many(name: str, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> int:
    """Run an INSERT that takes every column of `rows` once for each row; how many rows it wrote. `name` is that of
    the statement: it is compiled once."""
    sql, names = _compile(name, statement, tuple(rows[0]))
    connection = db.session.connection()
    if is_sqlite():
        pick = itemgetter(*names)
        written: list[Any] = [tuple([_text(v) if v.__class__ is datetime else v for v in pick(row)]) for row in rows]
    else:
        written = list(rows)
    result = connection.exec_driver_sql(sql, written, execution_options={"preserve_rowcount": True})
    return result.rowcount


def _compile(name: str, statement: Executable, columns: tuple[str, ...]) -> tuple[str, Sequence[str]]:
    kept: dict[str, tuple[str, Sequence[str]]] = app_memory().setdefault("bulk", {})
    if name not in kept:
        assert isinstance(statement, CompilerElement)
        compiled: Any = statement.compile(dialect=db.engine.dialect, column_keys=list(columns))
        kept[name] = str(compiled), compiled.positiontup or ()
    return kept[name]


def _text(at: datetime) -> str:
    """As UtcDateTime stores it in SQLite."""
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat(" ", "microseconds")[:LENGTH]
