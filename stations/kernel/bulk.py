"""Many rows by few statements. SQLite's driver lets the other threads run before each single step, and gets its turn
back late when they are busy; so a statement here writes many rows, or reads all of them as one JSON text. PostgreSQL is
sent them as one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from itertools import chain
from operator import itemgetter
from typing import Any, cast

import msgspec
from sqlalchemy import Select, Table, bindparam, func, select
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult

from stations.kernel.db import UtcDateTime, db, is_sqlite

SIZES = (64, 8, 1)  # rows in one statement: each size is a text of its own, that is kept prepared
KEPT_TEXTS = 4096  # one moment often stands in several cells
LENGTH = 26  # of a moment in SQLite, without its zone

OnConflict = Callable[[Any], Any]
AnySelect = Select[*tuple[Any, ...]]


def insert_rows(table: Table, rows: Sequence[Mapping[str, Any]], on_conflict: OnConflict) -> int:
    """Insert `rows`, all of the same columns, at least two; how many were written. `on_conflict` is a module-level
    function that completes the INSERT."""
    connection, names = db.session.connection(), tuple(c.name for c in table.c if c.name in rows[0])
    pick = itemgetter(*names)
    if not is_sqlite():
        packed = msgspec.json.encode([pick(row) for row in rows]).decode()
        statement = _unpack(table, names, on_conflict)
        done = connection.execute(statement, {"rows": packed}, execution_options={"preserve_rowcount": True})
        return cast(CursorResult[Any], done).rowcount
    cells = [tuple([_text(v) if v.__class__ is datetime else v for v in pick(row)]) for row in rows]
    written = at = 0
    for size in SIZES:
        sql = _spell(table, names, on_conflict, size)
        while len(cells) - at >= size:
            part = tuple(chain.from_iterable(cells[at : at + size]))
            written += connection.exec_driver_sql(sql, part, {"preserve_rowcount": True}).rowcount
            at += size
    return written


def read_rows(chosen: AnySelect, **values: Any) -> Iterable[Sequence[Any]]:
    """What `chosen`, which was made once, selects with these values, row by row."""
    if not is_sqlite():
        return db.session.execute(chosen, values)
    packing, moments = _pack(chosen)
    rows: list[list[Any]] = msgspec.json.decode(db.session.execute(packing, values).scalar_one())
    for row in rows:
        for at in moments:
            if row[at] is not None:
                row[at] = datetime.fromisoformat(row[at] + "+00:00")
    return rows


@cache
def _pack(chosen: AnySelect) -> tuple[AnySelect, list[int]]:
    """The same rows as one JSON text, for SQLite; and which of its columns are moments."""
    inner = chosen.subquery()
    moments = [at for at, column in enumerate(chosen.selected_columns) if isinstance(column.type, UtcDateTime)]
    return select(func.json_group_array(func.json_array(*inner.c))), moments


@cache
def _unpack(table: Table, names: tuple[str, ...], on_conflict: OnConflict) -> Any:
    """The INSERT of the rows in one JSON text, for PostgreSQL."""
    given = sql_cast(bindparam("rows"), postgresql.JSONB)
    value = func.jsonb_array_elements(given).table_valued("value").c.value
    cells = [sql_cast(value.op("->>")(at), table.c[name].type) for at, name in enumerate(names)]
    return on_conflict(postgresql.insert(table).from_select(names, select(*cells)))


@cache
def _spell(table: Table, names: tuple[str, ...], on_conflict: OnConflict, size: int) -> str:
    """The INSERT of so many rows, for SQLite."""
    one = str(on_conflict(sqlite.insert(table)).compile(dialect=sqlite.dialect(), column_keys=list(names)))
    head, values, tail = one.partition(" VALUES ")
    row = "(" + ", ".join("?" * len(names)) + ")"
    assert tail.startswith(row)
    return head + values + ", ".join([row] * size) + tail.removeprefix(row)


@lru_cache(KEPT_TEXTS)
def _text(at: datetime) -> str:
    """As UtcDateTime stores it in SQLite."""
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat(" ", "microseconds")[:LENGTH]
