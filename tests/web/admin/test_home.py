"""The bare address of the administration, and the menu that shows where one is."""

import re

import pytest
from cast import Cast
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from stations.accounts.models import Grant, Person
from stations.kernel.db import db, transaction

OPEN = re.compile(r'class="page-head__link" href="([^"?]*)[^"]*" aria-current="(\w+)"')


def test_the_bare_address_leads_to_the_first_page_that_one_may_open(cast: Cast, client: FlaskClient) -> None:
    for username in ("admin", "haidian", "lead", "dispatcher", "observer"):
        known = cast.sign_in(username)
        answer = known.get("/admin/?lang=en")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/stations/?lang=en"), username
        assert known.get(answer.headers["Location"]).status_code == 200
    with transaction():
        person = select(Person.id).where(Person.username == "observer").scalar_subquery()
        db.session.execute(delete(Grant).where(Grant.person_id == person))
    assert cast.sign_in("observer").get("/admin/").headers["Location"] == "/account/"
    assert client.get("/admin/").headers["Location"].startswith("/account/sign-in")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("/admin/vehicles", ("/admin/vehicles", "page")), ("/admin/vehicles/V001", ("/admin/vehicles", "true")),
        ("/admin/vehicles/calendar/", ("/admin/vehicles", "true")), ("/dispatch/closed", ("/dispatch", "true")),
        ("/admin/stock/items", ("/admin/stock/", "true")), ("/admin/imports/new", ("/admin/imports/", "true")),
        ("/desk/GH-HD-01/help", ("/desk/", "true")),
    ],
)  # fmt: skip
def test_the_menu_marks_the_part_that_is_open(address: str, shown: tuple[str, str], cast: Cast) -> None:
    found = OPEN.findall(cast.haidian.get(address, follow_redirects=True).text)
    assert [(href.rstrip("/"), mark) for href, mark in found] == [(shown[0].rstrip("/"), shown[1])]
