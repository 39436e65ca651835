"""Teams and who leads them."""

import pytest
from conftest import on_both
from factories.shifts import HAIDIAN, ORGANIZER, STRANGER, a_leader, a_team, a_volunteer, get_person
from flask import Flask

from stations.kernel.db import db, transaction
from stations.kernel.errors import Forbidden, Invalid, NotFound, Refused
from stations.shifts.actions.teams import archive_team, save_team, set_standing
from stations.shifts.actions.volunteers import withdraw_volunteer
from stations.shifts.queries.volunteers import find_team, list_teams, list_volunteers
from stations.shifts.rules.orders import TeamOrder

pytestmark = pytest.mark.usefixtures("app")


def stand(staff_no: str, standing: str) -> None:
    with transaction():
        set_standing(staff_no, standing, ORGANIZER)


@on_both
def test_a_team_takes_its_volunteers_along(app: Flask) -> None:
    a_team("T1")
    for number in ("S1", "S2"):
        a_volunteer(number, team="T1")
    path = "YS-BJ/YS-BJ-110108/T1/"
    assert [(row.code, row.path, row.members) for row in list_teams(("YS-BJ/",))] == [("T1", path, 2)]
    assert get_person("S1").path == f"{path}S1/"
    a_team("T1", "YS-QY", kind="club")
    assert [(row.kind, row.organization) for row in list_teams(("YS-BJ/YS-QY/",))] == [("club", "YS-QY")]
    assert (get_person("S2").path, get_person("S2").organization) == ("YS-BJ/YS-QY/T1/S2/", "YS-QY")
    assert [row.staff_no for row in list_volunteers(("YS-BJ/YS-QY/",), team="T1")] == ["S1", "S2"]


def test_a_team_has_one_leader_and_two_deputies() -> None:
    a_team("T1")
    for number in ("S1", "S2", "S3", "S4"):
        a_volunteer(number, team="T1")
    stand("S1", "leader")
    stand("S2", "leader")
    assert [(row.staff_no, row.standing) for row in list_volunteers(("",), team="T1")] == [
        ("S2", "leader"), ("S1", "deputy"), ("S3", ""), ("S4", ""),
    ]  # fmt: skip
    stand("S3", "deputy")
    with pytest.raises(Refused, match=r"standing\.deputies"):
        stand("S4", "deputy")
    with pytest.raises(Refused, match=r"standing\.deputies"):
        stand("S4", "leader")  # its leader would be the third deputy
    assert get_person("S2").standing == "leader"
    assert a_leader("S1").may("shifts.lead", get_person("S4").path)
    a_volunteer("S5")
    assert not a_leader("S1").may("shifts.lead", get_person("S5").path)
    with pytest.raises(Refused, match=r"standing\.team"):
        stand("S5", "leader")
    with pytest.raises(Invalid, match=r"standing\.unknown"):
        stand("S1", "king")
    stand("S3", "")
    a_team("T2")
    a_volunteer("S2", team="T2")
    assert (get_person("S2").standing, get_person("S2").team) == ("", "T2")


def test_a_team_is_checked_and_goes_when_it_is_empty() -> None:
    a_team("T1")
    a_volunteer("S1", team="T1")
    with pytest.raises(Refused, match=r"team\.members"), transaction():
        archive_team("T1", ORGANIZER)
    with transaction():
        withdraw_volunteer("S1", ORGANIZER)
    with pytest.raises(Forbidden), transaction():
        archive_team("T1", STRANGER)
    with transaction():
        archive_team("T1", ORGANIZER)
    row = find_team("T1")
    assert row
    assert (row.is_archived, list_teams(("",))) == (True, [])
    with pytest.raises(NotFound):
        a_volunteer("S2", team="T1")
    a_team("T1")  # it is back
    with pytest.raises(Refused, match=r"row\.exists"):
        a_team("T1", version=0)
    with pytest.raises(Refused, match=r"row\.changed"):
        a_team("T1", version=1)
    for order, error in (
        (TeamOrder("T2", "二", "Two", "gang", HAIDIAN), "team.kind"),
        (TeamOrder("T2", "二", "Two", "club", "NONE"), "organization.unknown"),
    ):
        with pytest.raises(Invalid) as invalid, transaction():
            save_team(order, ORGANIZER)
        assert invalid.value.code == error
    with pytest.raises(Forbidden), transaction():
        save_team(TeamOrder("T2", "二", "Two", "club", HAIDIAN), STRANGER)
    db.session.rollback()
    assert find_team("T2") is None
