"""Commands: `flask --app app ...`. Each calls one action."""

import sqlite3
from contextlib import closing
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_security import hash_password

from stations.accounts import actions
from stations.accounts.queries import has_people
from stations.accounts.rules import PROGRAM, SHORTEST_PASSWORD
from stations.config import Config
from stations.kernel import audit, clock
from stations.kernel.db import db, sqlite_path, transaction
from stations.kernel.errors import Refused
from stations.kernel.schema import upgrade
from stations.stock.queries.ledger import list_differences
from stations.workflows import importing, preparing
from stations.workflows.erasure import report_erasure
from stations.workflows.fleet_watch import erase_all
from stations.workflows.sheet_kinds import KINDS
from stations.workflows.shift_watch import erase_volunteers
from stations.workflows.watching import watch_once


def add_commands(app: Flask) -> None:
    """Add the commands."""
    for command in (init, set_password, import_sheet, undo_import, verify_audit, backup, stock, fleet):
        app.cli.add_command(command)


def _config() -> Config:
    settings: Config = current_app.config["SETTINGS"]
    return settings


@click.command("init")
@click.option("--empty", is_flag=True, help="No demonstration: a clean database and one administrator.")
@click.option("--admin", default="admin", show_default=True, help="The administrator's user name.")
@click.option("--password", envvar="ADMIN_PASSWORD", help="Made up and printed once where it is not given.")
@with_appcontext
def init(empty: bool, admin: str, password: str | None) -> None:
    """Create or update the database."""
    if password is not None:
        _check(password)
    if not empty:
        for line in preparing.prepare(_config(), hash_password):
            click.echo(line)
        return
    upgrade(db.engine)
    if has_people():
        raise click.ClickException("This database has accounts already; nothing was changed.")
    made = preparing.add_admin(admin, password, hash_password)
    click.echo(f"Administrator {admin}" + ("" if password else f", password (shown once): {made}"))


@click.command("set-password")
@click.argument("username")
@click.password_option(envvar="ADMIN_PASSWORD", help="Asked for where it is not given.")
@with_appcontext
def set_password(username: str, password: str) -> None:
    """Give USERNAME a new password; every session ends and the sign-in code is dropped."""
    _check(password)
    try:
        with transaction():
            actions.set_password(username, hash_password(password), PROGRAM.username)
    except Refused as refused:
        raise click.ClickException(str(refused.message)) from None
    click.echo(f"{username} has a new password and no sign-in code.")


def _check(password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise click.ClickException(f"The password needs at least {SHORTEST_PASSWORD} characters; nothing was changed.")


@click.command("import")
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--apply", "is_applied", is_flag=True, help="Apply it; without this only the preview is printed.")
@with_appcontext
def import_sheet(kind: str, path: Path, is_applied: bool) -> None:
    """Preview or apply a CSV or XLSX sheet of KIND."""
    sheet = KINDS[kind]
    try:
        with transaction():
            rows = importing.read_file(sheet, path.name, path.read_bytes())
            plan = importing.plan(sheet, rows, PROGRAM)
            for row in plan.rows:
                for field, message in row.errors:
                    click.echo(f"row {row.number}, {field}: {message}")
            if is_applied:
                run = importing.get_run(importing.keep_rows(sheet, rows, path.name, PROGRAM), PROGRAM)
                importing.apply_run(run, PROGRAM)
    except Refused as refused:
        raise click.ClickException(str(refused.message)) from None
    counts = ", ".join(f"{plan.count(verdict)} {verdict}" for verdict in ("new", "changed", "same", "wrong"))
    click.echo(f"{'applied' if is_applied else 'preview'}: {counts}")


@click.command("undo-import")
@with_appcontext
def undo_import() -> None:
    """Undo the last import made from the command line."""
    try:
        with transaction():
            run = importing.find_last_applied(PROGRAM)
            if run is None:
                raise click.ClickException("There is no import to undo.")
            count = importing.undo_run(run, PROGRAM)
    except Refused as refused:
        raise click.ClickException(str(refused.message)) from None
    click.echo(f"undone: {count} rows")


@click.command("verify-audit")
@with_appcontext
def verify_audit() -> None:
    """Check the seals of the audit trail."""
    broken = audit.find_break()
    if broken is not None:
        raise click.ClickException(f"the audit trail is broken at event {broken}")
    click.echo("the audit trail is whole")


@click.group("stock")
def stock() -> None:
    """Supplies."""


@stock.command("verify")
@with_appcontext
def verify_stock() -> None:
    """Compare every balance with the sum of its movements."""
    wrong = list_differences()
    for row in wrong:
        click.echo(f"{row.station} {row.kind} {row.item} {row.lot or '-'}: on hand {row.on_hand}, moved {row.moved}")
    if wrong:
        raise click.ClickException(f"{len(wrong)} balances are not the sum of their movements")
    click.echo("every balance is the sum of its movements")


@stock.command("watch")
@with_appcontext
def watch_stock() -> None:
    """Sound the alerts of what will not last and put overdue holds back, as the server does every minute."""
    done = watch_once(clock.real_now())
    click.echo(
        "another process watches this minute"
        if done is None
        else f"alerts changed: {done[0]}, holds put back: {done[1]}"
    )


@click.group("fleet")
def fleet() -> None:
    """Vehicles and rides."""


@fleet.command("erase")
@with_appcontext
def erase_fleet() -> None:
    """Erase phones, places and tracks older than KEEP_DAYS, and volunteers who left or whose season is over, as the
    server does every minute."""
    preparing.follow_clock()
    done = erase_all(_config().keep_days) | {"volunteers": erase_volunteers()}
    click.echo("erased: " + ", ".join(f"{count} {name}" for name, count in done.items()))


@fleet.command("report")
@with_appcontext
def report_fleet() -> None:
    """Say what was erased on which day, and what is still kept until when."""
    preparing.follow_clock()
    report = report_erasure(("",))
    click.echo(f"kept for {report.keep_days} days after a request is over")
    for day in report.erased:
        click.echo(f"erased {day.day}: " + ", ".join(f"{count} {name}" for name, count in day.counts.items()))
    for kept in report.kept:
        told = f"{kept.requests} requests, {kept.phones} with a phone, erased from {kept.erased_from:%Y-%m-%d %H:%M}Z"
        click.echo(f"kept of {kept.day}: {told}")
    if report.tracks:
        click.echo(f"tracks: the oldest fix is erased at {report.tracks[0]:%Y-%m-%d %H:%M}Z")
    click.echo(f"open requests: {report.open_requests}")


@click.command("backup")
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(path: Path) -> None:
    """Copy a SQLite database to PATH while it is in use."""
    source = sqlite_path(_config().database_url)
    if source is None:
        raise click.ClickException("This is not SQLite: use pg_dump.")
    if path.exists():
        raise click.ClickException(f"{path} exists already; nothing was written.")
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(path)) as copy:
        live.backup(copy)
    click.echo(f"copied to {path}")
