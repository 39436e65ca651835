"""Lists of teams, volunteers with their skills, and when they are free."""

from datetime import date

import pytest
from conftest import on_both
from factories.shifts import get_person

from stations.accounts.rules import PROGRAM, Actor, Scope
from stations.kernel.db import db, transaction
from stations.kernel.errors import Refused
from stations.shifts.actions.knowing import set_availability
from stations.shifts.queries.known import get_availability, list_skills_of
from stations.workflows import importing
from stations.workflows.sheet_kinds import KINDS

pytestmark = pytest.mark.usefixtures("app")
TEAMS = "队伍编号,名称,类型,单位编号\nT1,一队,服务队,YS-BJ-110108\n"
PEOPLE = (
    "工号,姓名,队伍编号,电话,队内职务,急救,英语\n"
    "S1,甲,T1,13800001111,队长,2027-12-31,是\nS2,乙,T1,13800002222,,,\nS3,丙,T9,,,,\nS4,丁,T1,,,也许,\n"
)
FREE = "工号,日期,上午,下午,晚上\nS1,2027-06-08,是,否,\n"


def _apply(kind: str, text: str, me: Actor = PROGRAM) -> dict[str, int]:
    with transaction():
        rows = importing.read_file(KINDS[kind], "a.csv", text.encode())
        run = importing.keep_rows(KINDS[kind], rows, "a.csv", me)
    with transaction():
        counts = importing.apply_run(importing.get_run(run, me), me)
    db.session.rollback()
    return counts


@on_both
def test_teams_volunteers_skills_and_free_days_come_in_and_come_again_unchanged() -> None:
    assert _apply("teams", TEAMS)["new"] == 1
    counts = _apply("volunteers", PEOPLE)
    assert (counts["new"], counts["wrong"]) == (2, 2)
    first = get_person("S1")
    assert (first.team, first.standing, first.phone) == ("T1", "leader", "13800001111")
    assert first.organization == "YS-BJ-110108"
    assert [(row.skill, str(row.valid_until)) for row in list_skills_of(first.id)] == [
        ("english", "None"), ("first_aid", "2027-12-31"),
    ]  # fmt: skip
    assert _apply("volunteers", PEOPLE) == {"new": 0, "changed": 0, "same": 2, "wrong": 2}
    assert _apply("availability", FREE)["new"] == 1
    assert {half: free for (_day, half), free in get_availability(first.id).items()} == {
        "morning": True, "afternoon": False,
    }  # fmt: skip
    assert _apply("availability", FREE)["same"] == 1


def test_export_masks_phones_and_may_come_back() -> None:
    _apply("teams", TEAMS)
    _apply("volunteers", PEOPLE)
    listed = {row["code"]: row["phone"] for row in importing.list_mine(KINDS["volunteers"], PROGRAM)}
    assert listed == {"S1": "138****1111", "S2": "138****2222"}
    again = "工号,姓名,队伍编号,电话\nS2,乙乙,T1,138****2222\n"
    assert _apply("volunteers", again)["changed"] == 1
    assert (get_person("S2").name, get_person("S2").phone) == ("乙乙", "13800002222")


def test_last_list_is_undone() -> None:
    _apply("teams", TEAMS)
    _apply("volunteers", PEOPLE)
    with transaction():
        run = importing.find_last_applied(PROGRAM)
        assert run
        importing.undo_run(importing.get_run(run.id, PROGRAM), PROGRAM)
    assert get_person("S1").is_withdrawn


def _undo() -> None:
    with transaction():
        run = importing.find_last_applied(PROGRAM)
        assert run
        importing.undo_run(importing.get_run(run.id, PROGRAM), PROGRAM)


@on_both
def test_a_list_of_free_days_is_undone_to_what_was_said_and_unsaid_before() -> None:
    _apply("teams", TEAMS)
    _apply("volunteers", PEOPLE)
    _apply("availability", FREE)
    who = get_person("S1").id
    before = get_availability(who)
    more = "工号,日期,上午,下午,晚上\nS1,2027-06-08,否,,是\nS1,2027-06-09,是,,\nS9,2027-06-09,是,,\n"
    assert _apply("availability", more) == {"new": 1, "changed": 1, "same": 0, "wrong": 1}
    assert get_availability(who) == {
        (date(2027, 6, 8), "morning"): False, (date(2027, 6, 8), "afternoon"): False,
        (date(2027, 6, 8), "evening"): True, (date(2027, 6, 9), "morning"): True,
    }  # fmt: skip
    _undo()
    assert get_availability(who) == before
    _undo()
    assert get_availability(who) == {}


def test_a_list_of_free_days_that_somebody_changed_since_stays() -> None:
    _apply("teams", TEAMS)
    _apply("volunteers", PEOPLE)
    _apply("availability", FREE)
    with transaction():
        set_availability("S1", {(date(2027, 6, 8), "morning"): False}, PROGRAM)
    with pytest.raises(Refused, match=r"import\.moved"):
        _undo()
    assert get_availability(get_person("S1").id)[date(2027, 6, 8), "morning"] is False


def test_rows_of_others_are_refused() -> None:
    company = Actor("company", "", (Scope("organizer", "YS-BJ/YS-QY/"),))
    _apply("teams", TEAMS)
    assert _apply("volunteers", PEOPLE, company)["wrong"] == 4
