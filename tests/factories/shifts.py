"""Teams, volunteers and shifts in the demonstration."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from factories.places import beijing
from factories.stock import new_id
from sqlalchemy import event, insert, select

from stations.accounts.models import Organization
from stations.accounts.rules import Actor, Scope
from stations.kernel.db import db, transaction
from stations.seasons.queries import get_calendar
from stations.shifts.actions.acting import Oneself, leader_of
from stations.shifts.actions.knowing import set_availability, set_skill
from stations.shifts.actions.placing import PlaceOrder, place
from stations.shifts.actions.shifts import add_shift
from stations.shifts.actions.teams import save_team, set_standing
from stations.shifts.actions.volunteers import save_volunteer
from stations.shifts.models.people import Volunteer
from stations.shifts.queries.assignments import list_assignments_on
from stations.shifts.queries.shifts import get_shift
from stations.shifts.queries.volunteers import VolunteerRow, find_volunteer
from stations.shifts.rules.orders import ShiftOrder, TeamOrder, VolunteerOrder
from stations.shifts.rules.planning import NeedRow
from stations.shifts.rules.skills import HALVES
from stations.shifts.rules.states import Source

HERE, THERE = "GH-HD-01", "GH-HD-02"
HAIDIAN = "YS-BJ-110108"
DAYS = tuple(date(2027, 6, day) for day in (7, 8, 9, 10))
TOMORROW = "2027-06-08"
ORGANIZER = Actor("city", "City", (Scope("federation", "YS-BJ/"),))
STRANGER = Actor("company", "Company", (Scope("organizer", "YS-BJ/YS-QY/"),))


def at(clock: str, day: str = TOMORROW) -> datetime:
    """`clock` (HH:MM) in Beijing, on the demonstration's second day unless said otherwise."""
    return beijing(clock, day)


def a_team(code: str = "T1", organization: str = HAIDIAN, **fields: Any) -> str:
    """A team of that code."""
    order = TeamOrder(code, f"队{code}", f"Team {code}", fields.pop("kind", "team"), organization, **fields)
    with transaction():
        save_team(order, ORGANIZER)
    return code


def a_volunteer(
    staff_no: str = "S1", *, team: str = "", standing: str = "", skills: Mapping[str, date | None] | None = None,
    is_free: bool = True, **fields: Any,
) -> int:  # fmt: skip
    """A volunteer of Haidian who is free all four days, or has not said; their id."""
    with transaction():
        name = fields.pop("name", f"志愿者{staff_no}")
        order = VolunteerOrder(staff_no, name, organization=HAIDIAN, team=team, **fields)
        number = int(save_volunteer(order, ORGANIZER)["id"])
        if is_free:
            set_availability(staff_no, {(day, half): True for day in DAYS for half in HALVES}, ORGANIZER)
        for skill, until in (skills or {}).items():
            set_skill(staff_no, skill, "seen", until, ORGANIZER)
        if standing:
            set_standing(staff_no, standing, ORGANIZER)
    return number


def many_volunteers(count: int) -> list[int]:
    """Rows as `save_volunteer` leaves them, who have not said when they are free; their ids."""
    owner = db.session.execute(select(Organization.id, Organization.path).where(Organization.code == HAIDIAN)).one()
    rows = [
        {
            "staff_no": f"M{n:04}", "code_hash": "", "name": f"志愿者{n}", "phone": "", "organization_id": owner.id,
            "path": f"{owner.path}M{n:04}/", "standing": "", "link_no": 1, "feed_key": uuid4().hex, "version": 1,
        }
        for n in range(count)
    ]  # fmt: skip
    with transaction():
        made = insert(Volunteer).returning(Volunteer.id, sort_by_parameter_order=True)
        return list(db.session.execute(made, rows).scalars())


def a_shift(
    starts: str = "08:00", hours: float = 2, station: str = HERE, needs: Mapping[str, int] | None = None,
    post: str = "supplies", day: str = TOMORROW,
) -> int:  # fmt: skip
    """A shift for one person, unless said otherwise; its id."""
    begins = at(starts, day)
    order = ShiftOrder(station, post, begins, begins + timedelta(hours=hours), needs or {"": 1})
    with transaction():
        return int(add_shift(order, ORGANIZER)["id"])


def _look_again() -> None:
    """See what others have committed, unless a transaction is open."""
    if not db.session().info.get("is_writing"):
        db.session.rollback()


@contextmanager
def count_reads() -> Iterator[list[str]]:
    """The SELECTs that are run inside."""
    get_calendar()  # kept from the first look on
    asked: list[str] = []

    def note(*call: Any) -> None:
        if call[2].startswith("SELECT"):
            asked.append(call[2])

    event.listen(db.engine, "before_cursor_execute", note)
    yield asked
    event.remove(db.engine, "before_cursor_execute", note)


def get_need(shift_id: int, skill: str = "") -> NeedRow:
    """The shift's need of that skill, as it stands."""
    _look_again()
    return next(need for need in get_shift(shift_id).needs if need.skill == skill)


def get_person(staff_no: str) -> VolunteerRow:
    """The volunteer of that staff number, as they stand."""
    _look_again()
    row = find_volunteer(staff_no)
    assert row
    return row


def themselves(staff_no: str) -> Oneself:
    """That volunteer, acting for themselves."""
    return Oneself(get_person(staff_no).id)


def a_leader(staff_no: str) -> Actor:
    """That leader or deputy, acting for their team."""
    return leader_of(get_person(staff_no))


def sign_up(staff_no: str, shift_id: int, skill: str = "") -> int:
    """Let a volunteer take a place by themselves; the assignment's id."""
    me, need = themselves(staff_no), get_need(shift_id, skill)
    with transaction():
        return int(place(new_id(), PlaceOrder(need.id, me.volunteer_id), Source.SELF, me).content["id"])


def put(staff_no: str, shift_id: int, skill: str = "", reason: str = "", actor: Actor = ORGANIZER) -> int:
    """Let somebody else give a volunteer a place; the assignment's id."""
    order = PlaceOrder(get_need(shift_id, skill).id, get_person(staff_no).id, reason)
    with transaction():
        return int(place(new_id(), order, Source.ADMIN, actor).content["id"])


def people_on(shift_id: int) -> list[str]:
    """The staff numbers of who is on a shift."""
    _look_again()
    return sorted(row.staff_no for row in list_assignments_on(shift_id))
