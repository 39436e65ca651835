"""A court union's clubs: persons, attendances and hours come out as they went in; certificates certify no more."""

import pytest
from conftest import on_both
from factories.shifts import ORGANIZER, STRANGER, a_shift, a_team, a_volunteer, at, many_volunteers, sign_up
from flask import Flask
from sqlalchemy import insert, select, update

from stations.accounts.rules import Actor, Scope
from stations.kernel import audit, clock
from stations.kernel.db import db, transaction
from stations.kernel.errors import Forbidden, Invalid, NotFound, Refused
from stations.shifts.actions.attendance import check_in, check_out
from stations.shifts.actions.certificates import CertificateOrder, issue_certificate, revoke_certificate
from stations.shifts.models.people import Team, Volunteer
from stations.shifts.models.placing import Assignment
from stations.shifts.models.service import Attendance
from stations.shifts.queries.service import (
    find_certificate_by_key,
    get_certificate,
    list_certificates,
    list_service,
    sum_all,
    sum_by,
)
from stations.shifts.queries.shifts import get_shift

pytestmark = pytest.mark.usefixtures("app")
SINCE, UNTIL = at("00:00", "2027-06-01"), at("00:00", "2027-07-01")
# 100 attendances of 10 h and 80 of 11 h 15.
CLUBS, ATTENDANCES, HOURS = 17, 180, 1900


def attended(shift: int, volunteers: list[int]) -> None:
    """All of them were there from the start to the end."""
    row = get_shift(shift)
    with transaction():
        for volunteer in volunteers:
            made = insert(Assignment).values(
                need_id=row.needs[0].id, shift_id=shift, volunteer_id=volunteer, state="confirmed", source="admin",
                starts_at=row.starts_at, ends_at=row.ends_at, override_reason="", by="x", at=row.starts_at,
                end_reason="", version=1,
            )  # fmt: skip
            number = db.session.execute(made.returning(Assignment.id)).scalar_one()
            seen = insert(Attendance).values(
                assignment_id=number, in_at=row.starts_at, in_how="staff", in_by="x", out_at=row.ends_at,
                out_how="staff", out_by="x", is_closed_by_program=False, version=1,
            )  # fmt: skip
            db.session.execute(seen)


def a_union_of_clubs() -> None:
    """60 people in 17 clubs, three days each."""
    people = many_volunteers(60)
    for n in range(CLUBS):
        a_team(f"C{n:02}", kind="club")
    teams = {code: number for code, number in db.session.execute(select(Team.code, Team.id))}
    with transaction():
        for n, volunteer in enumerate(people):
            club = update(Volunteer).where(Volunteer.id == volunteer)
            db.session.execute(club.values(team_id=teams[f"C{n % CLUBS:02}"]))
    long, short = people[:40], people[40:]
    for day in ("2027-06-07", "2027-06-08"):
        attended(a_shift("07:00", hours=10, day=day), short)
        attended(a_shift("07:00", hours=11.25, day=day), long)
    attended(a_shift("07:00", hours=10, day="2027-06-09"), people)


@on_both
def test_the_figures_of_the_court_unions_clubs_come_out(app: Flask) -> None:
    a_union_of_clubs()
    rows = list_service(("",), SINCE, UNTIL)
    figures = sum_all(rows)
    assert (figures.persons, figures.attendances, figures.hours) == (60, ATTENDANCES, HOURS)
    clubs = sum_by(rows, lambda row: (row.team, row.team_name))
    assert len(clubs) == CLUBS
    assert sum(club.figures.attendances for club in clubs) == ATTENDANCES
    assert sum(club.figures.minutes for club in clubs) == HOURS * 60
    for key in (lambda row: (row.union, row.union_name), lambda row: (row.district, "")):
        (one,) = sum_by(rows, key)
        assert one.figures == figures
    assert list_service(("YS-BJ/YS-QY/",), SINCE, UNTIL) == []
    assert list_service(("",), SINCE, at("00:00", "2027-06-07")) == []


@pytest.fixture
def served() -> str:
    """Somebody who was there for two hours."""
    a_volunteer("S1")
    mine = sign_up("S1", a_shift("08:00"))
    for time, press in (("08:00", check_in), ("10:00", check_out)):
        clock.show(at(time), clock.real_now())
        with transaction():
            press(mine, ORGANIZER, at(time))
    return "S1"


def issue(actor: Actor = ORGANIZER, **fields: str) -> str:
    order = CertificateOrder(**{"staff_no": "S1", "since": SINCE, "until": UNTIL, "content": "Supplies", **fields})  # type: ignore[arg-type]
    with transaction():
        return str(issue_certificate(order, actor)["number"])


def test_a_certificate_says_what_was_served_and_by_whom_it_is_recorded(served: str) -> None:
    plain, recorded = issue(), issue(unit="YS-BJ-110108")
    row = get_certificate(plain)
    assert (row.minutes, row.attendances, row.unit, row.staff_no) == (120, 1, "", served)
    assert plain != recorded
    assert get_certificate(recorded).unit
    assert find_certificate_by_key(row.key) == row
    assert [one.number for one in list_certificates(("",), 5)] == [recorded, plain]
    assert audit.list_events(f"certificate:{plain}")[0].action == "certificate.issue"


def test_nobody_certifies_what_is_not_theirs_or_was_not_served(served: str) -> None:
    own_unit = Actor("district", "D", (Scope("organizer", "YS-BJ/YS-BJ-110108/"),))
    for actor, fields, refused in [
        (STRANGER, {}, Invalid),
        (own_unit, {"unit": "YS-BJ"}, Forbidden),
        (ORGANIZER, {"unit": "NONE"}, Invalid),
        (ORGANIZER, {"content": " "}, Invalid),
        (ORGANIZER, {"staff_no": "NONE"}, Invalid),
        (ORGANIZER, {"until": at("08:00")}, Refused),
    ]:
        with pytest.raises(refused):
            issue(actor, **fields)  # type: ignore[arg-type]
    assert list_certificates(("",), 5) == []
    assert issue(own_unit, unit="YS-BJ-110108")


def test_a_revoked_certificate_stays_known_as_revoked(served: str) -> None:
    number = issue()
    with pytest.raises(Invalid), transaction():
        revoke_certificate(number, "", ORGANIZER)
    with pytest.raises(Forbidden), transaction():
        revoke_certificate(number, "wrong", STRANGER)
    with transaction():
        revoke_certificate(number, "wrong hours", ORGANIZER)
    assert get_certificate(number).is_revoked
    with pytest.raises(Refused, match=r"certificate\.revoked"), transaction():
        revoke_certificate(number, "again", ORGANIZER)
    with pytest.raises(NotFound), transaction():
        revoke_certificate("2027-999999", "x", ORGANIZER)
