"""Who may do what, where."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from stations.accounts.rules import PERMISSIONS, PROGRAM, Actor, Scope, valid_scopes
from stations.kernel.errors import Forbidden

NOW = datetime(2027, 6, 7, tzinfo=UTC)
DISTRICT, STATION = "BJ/HD/", "BJ/HD/S1/"


def actor(*scopes: tuple[str, str]) -> Actor:
    return Actor("x", "X", tuple(Scope(role, path) for role, path in scopes))


def test_a_scope_covers_what_lies_below_it_and_nothing_beside_it() -> None:
    organizer = actor(("organizer", DISTRICT))
    assert organizer.may("places.write", STATION)
    assert organizer.may("places.write", DISTRICT)
    assert not organizer.may("places.write", "BJ/")
    assert not organizer.may("places.write", "BJ/HDX/S1/")
    assert not organizer.may("seasons.write", STATION)
    assert not actor().may("places.read")


def test_roles_add_up_each_over_its_own_scope() -> None:
    both = actor(("observer", "BJ/"), ("station_lead", STATION))
    assert both.may("places.read", "BJ/CY/S9/")
    assert both.may("places.operate", STATION)
    assert not both.may("places.operate", "BJ/CY/S9/")
    assert both.paths("places.read") == ("BJ/",)
    assert both.paths("places.operate") == (STATION,)
    assert both.paths("places.write") == ()


def test_a_leader_posts_the_team_a_station_lead_counts_who_is_there_and_an_organizer_writes_the_roster() -> None:
    held = {role: {p for p in PERMISSIONS[role] if p.startswith(("shifts.", "volunteers."))} for role in PERMISSIONS}
    assert held["team_leader"] == {"shifts.read", "shifts.lead", "shifts.attend"}
    assert held["station_lead"] == {"shifts.read", "shifts.attend"}
    assert held["observer"] == held["counsellor"] == {"shifts.read"}
    assert held["dispatcher"] == set()
    everything = {"shifts.read", "shifts.lead", "shifts.attend", "shifts.write", "volunteers.write"}
    assert held["organizer"] == held["federation"] == held["admin"] == everything


def test_paths_leave_out_what_a_wider_one_covers() -> None:
    wide = actor(("organizer", "BJ/HD/"), ("organizer", "BJ/"), ("organizer", "TJ/"), ("admin", ""))
    assert wide.paths("places.write") == ("",)
    assert actor(("organizer", "BJ/HD/"), ("organizer", "BJ/HD/A/"), ("organizer", "TJ/")).paths("places.write") == (
        "BJ/HD/", "TJ/",
    )  # fmt: skip


def test_require_refuses() -> None:
    with pytest.raises(Forbidden):
        actor(("observer", "BJ/")).require("places.operate", STATION)
    PROGRAM.require("accounts.write")


def test_a_grant_counts_until_it_ends_and_an_unknown_role_never() -> None:
    later, earlier = datetime(2027, 6, 8, tzinfo=UTC), datetime(2027, 6, 6, tzinfo=UTC)
    grants = [("observer", "A/", None), ("observer", "B/", later), ("observer", "C/", earlier), ("king", "", None)]
    assert [scope.path for scope in valid_scopes([*grants, ("observer", "D/", NOW)], NOW)] == ["A/", "B/"]


def test_more_trust_never_means_less() -> None:
    chain = ("observer", "station_lead", "organizer", "federation", "admin")
    for less, more in pairwise(chain):
        assert PERMISSIONS[less] < PERMISSIONS[more]
