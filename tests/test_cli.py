"""The commands, as typed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cast import Cast, token
from conftest import make_app, on_both
from flask import Flask
from flask.testing import FlaskClient
from flask_security import verify_password
from sqlalchemy import select

from stations.accounts.models import Grant, Person
from stations.kernel import audit
from stations.kernel.db import db
from stations.places.queries.stations import find_station
from stations.seasons.queries import get_calendar


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Flask]:
    """An application on a database that does not exist yet."""
    made = make_app(f"sqlite:///{tmp_path / 'empty.db'}")
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


def _person(username: str) -> Person:
    db.session.rollback()
    db.session.expire_all()
    return db.session.execute(select(Person).where(Person.username == username)).scalar_one()


def test_init_empty_makes_a_clean_database_and_one_administrator(empty: Flask) -> None:
    run = empty.test_cli_runner()
    said = run.invoke(args=["init", "--empty", "--admin", "boss"])
    assert said.exit_code == 0
    password = said.output.strip().rpartition(" ")[2]
    boss = _person("boss")
    assert verify_password(password, boss.password)
    assert not boss.is_demo
    assert [(grant.role, grant.path) for grant in db.session.execute(select(Grant)).scalars()] == [("admin", "")]
    assert get_calendar().season_id is None
    assert find_station("GH-HD-01") is None
    again = run.invoke(args=["init", "--empty"])
    assert again.exit_code != 0
    assert "nothing was changed" in again.output
    cast = Cast(empty)
    client = cast.sign_in("boss", password)
    for page in ("stations", "exam-sites", "exam-times", "imports"):
        assert client.get(f"/admin/{page}/").status_code == 200
    assert client.get("/").status_code == 200
    _begin_season(client)


def _begin_season(client: FlaskClient) -> None:
    fields = {"code": "2027", "name": "2027 年高考", "starts_on": "2027-06-07", "ends_on": "2027-06-10"}
    hidden = {"csrf_token": token(client, "/admin/exam-times/"), "request_id": "season-0001"}
    for wrong in ({"ends_on": "2027-06-01"}, {"code": ""}, {"starts_on": "someday"}):
        answer = client.post("/admin/exam-times/season", data=fields | hidden | wrong)
        assert answer.status_code == 400
        assert "2027 年高考" in answer.text
    for _twice in range(2):
        assert client.post("/admin/exam-times/season", data=fields | hidden).status_code == 303
    again = client.post("/admin/exam-times/season", data=fields | hidden | {"request_id": "season-0002"})
    assert again.status_code == 409
    db.session.rollback()
    assert (get_calendar().code, get_calendar().is_demo) == ("2027", False)


def test_init_empty_takes_a_password_that_is_long_enough(empty: Flask) -> None:
    run = empty.test_cli_runner()
    assert run.invoke(args=["init", "--empty"], env={"ADMIN_PASSWORD": "short"}).exit_code != 0
    said = run.invoke(args=["init", "--empty"], env={"ADMIN_PASSWORD": "long-enough-1"})
    assert said.exit_code == 0
    assert "long-enough-1" not in said.output
    assert verify_password("long-enough-1", _person("admin").password)


@on_both
def test_set_password_ends_sessions_and_drops_the_code(app: Flask) -> None:
    person = _person("haidian")
    person.tf_primary_method, person.tf_totp_secret = "authenticator", "secret"
    before = person.fs_uniquifier
    db.session.commit()
    run = app.test_cli_runner()
    said = run.invoke(args=["set-password", "haidian"], input="long-enough-1\nlong-enough-1\n")
    assert said.exit_code == 0
    person = _person("haidian")
    assert verify_password("long-enough-1", person.password)
    assert (person.tf_primary_method, person.tf_totp_secret) == (None, None)
    assert person.fs_uniquifier != before
    assert audit.list_events("person:haidian")[0].action == "person.password"
    for wrong in (["nobody"], ["haidian", "--password", "short"]):
        assert run.invoke(args=["set-password", *wrong], env={"ADMIN_PASSWORD": "long-enough-2"}).exit_code != 0
    assert verify_password("long-enough-1", _person("haidian").password)


def test_a_sheet_is_imported_and_undone(app: Flask, tmp_path: Path) -> None:
    run = app.test_cli_runner()
    sheet = tmp_path / "a.csv"
    sheet.write_text("编号,电话\nGH-HD-01,010-87654321\nNONE,1\n")
    looked = run.invoke(args=["import", "stations", str(sheet)])
    assert "preview: 0 new, 1 changed, 0 same, 1 wrong" in looked.output
    assert "row 3" in looked.output
    done = run.invoke(args=["import", "stations", str(sheet), "--apply"])
    assert "applied: 0 new, 1 changed" in done.output
    db.session.rollback()
    station = find_station("GH-HD-01")
    assert station is not None
    assert station.phone == "01087654321"
    assert "undone: 1 rows" in run.invoke(args=["undo-import"]).output
    (tmp_path / "b.csv").write_bytes(b"\x89PNG\0\0")
    assert run.invoke(args=["import", "stations", str(tmp_path / "b.csv")]).exit_code != 0
    assert "whole" in run.invoke(args=["verify-audit"]).output


def test_a_backup_opens_as_the_same_database(app: Flask, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    said = app.test_cli_runner().invoke(args=["backup", str(copy)])
    assert said.exit_code == 0, said.output
    again = app.test_cli_runner().invoke(args=["backup", str(copy)])
    assert again.exit_code == 1
    assert "exists already" in again.output
    restored = make_app(f"sqlite:///{copy}")
    with restored.app_context():
        assert find_station("GH-HD-01") is not None
        assert audit.find_break() is None
        db.session.remove()
        db.engine.dispose()
