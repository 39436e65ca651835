"""Adding people and organizations."""

from dataclasses import replace

import pytest
from conftest import on_both
from flask import Flask

from stations.accounts.actions import PersonOrder, add_person, save_organization, set_password
from stations.accounts.queries import find_organization, get_actor, list_organizations
from stations.accounts.rules import PROGRAM, Actor, OrganizationOrder, Scope
from stations.kernel import audit
from stations.kernel.db import transaction
from stations.kernel.errors import Forbidden, Invalid, NotFound, Refused

PERSON = PersonOrder("new", "新人", "hash", (("organizer", "YS-BJ/"), ("observer", "")))
ORGANIZATION = OrganizationOrder("YS-NEW", "新会", "New union", "grassroots_union", "YS-BJ-110108")


@on_both
def test_a_person_is_added_with_grants_once(app: Flask) -> None:
    with transaction():
        person_id = add_person(PERSON, "program")
    actor = get_actor(person_id)
    assert actor.scopes == (Scope("organizer", "YS-BJ/"), Scope("observer", ""))
    assert audit.list_events("person:new")[0].action == "person.add"
    with pytest.raises(Refused, match="exists"), transaction():
        add_person(PERSON, "program")
    with pytest.raises(Invalid, match="role"), transaction():
        add_person(replace(PERSON, username="other", grants=(("king", ""),)), "program")
    with pytest.raises(NotFound):
        get_actor(10**6)


@on_both
def test_an_organization_hangs_below_its_parent_and_stays_there(app: Flask) -> None:
    with transaction():
        save_organization(ORGANIZATION, PROGRAM)
    with transaction():
        save_organization(replace(ORGANIZATION, name="改名", parent="YS-QY"), PROGRAM)
    known = find_organization("YS-NEW")
    assert known is not None
    assert (known.name, known.path) == ("改名", "YS-BJ/YS-BJ-110108/YS-NEW/")
    assert find_organization("改名") == known
    assert known in list_organizations(("YS-BJ/YS-BJ-110108/",))
    assert known not in list_organizations(("YS-BJ/YS-QY/",))
    with pytest.raises(Invalid, match="parent"), transaction():
        save_organization(replace(ORGANIZATION, code="YS-X", parent="NOBODY"), PROGRAM)
    with pytest.raises(Forbidden), transaction():
        save_organization(replace(ORGANIZATION, code="YS-X"), Actor("x", "X", (Scope("federation", "YS-BJ/"),)))
    assert find_organization("YS-X") is None


def test_a_password_is_set_for_somebody_who_is_there(app: Flask) -> None:
    with transaction():
        set_password("haidian", "other-hash", "program")
    with pytest.raises(NotFound), transaction():
        set_password("nobody", "other-hash", "program")
