"""Hearing what is said to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from stations.kernel.db import db


@contextmanager
def listen() -> Iterator[list[str]]:
    """The statements inside, without those that begin or end a transaction and the clock's look at the revisions."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")) and "FROM revision" not in statement:
            said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield said
    event.remove(db.engine, "before_cursor_execute", note)
