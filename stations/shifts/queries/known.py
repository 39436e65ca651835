"""What is on a volunteer's file, for its page."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import case, or_, select

from stations.kernel.db import db
from stations.kernel.text import Text, _
from stations.shifts.models.people import Availability, Companion, Duty, HeatDay, Volunteer, VolunteerSkill, Wish
from stations.shifts.models.placing import Assignment
from stations.shifts.models.planning import Shift
from stations.shifts.queries.volunteers import VolunteerRow
from stations.shifts.rules.skills import HALVES
from stations.shifts.rules.states import AssignmentState

NO_COLLEAGUE: Text = _("Nobody with this number is in your team or at a station of yours. Please look at it again.")


@dataclass(frozen=True, slots=True)
class SkillRow:
    """A skill with its proof; without `valid_until` it does not expire."""

    skill: str
    proof: str
    valid_until: date | None
    checked_by: str
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class WishRow:
    """A post or a station, by code, that is liked or refused."""

    about: str
    code: str
    is_liked: bool


@dataclass(frozen=True, slots=True)
class CompanionRow:
    """Somebody with whom, or without whom, one is to work. `is_own` when oneself asked for it, else the other did."""

    volunteer_id: int
    staff_no: str
    name: str
    is_together: bool
    is_own: bool


@dataclass(frozen=True, slots=True)
class DutyRow:
    """Hours in which one drives a vehicle."""

    id: int
    vehicle_id: int
    starts_at: datetime
    ends_at: datetime


def list_skills_of(volunteer_id: int) -> list[SkillRow]:
    """The skills of a volunteer, by code."""
    fields = (getattr(VolunteerSkill, name) for name in SkillRow.__slots__)
    chosen = select(*fields).where(VolunteerSkill.volunteer_id == volunteer_id).order_by(VolunteerSkill.skill)
    return [SkillRow(*row) for row in db.session.execute(chosen)]


def get_availability(volunteer_id: int) -> dict[tuple[date, str], bool]:
    """(day, half) -> free or not, of those that were said, in the order of time."""
    chosen = select(Availability.day, Availability.half, Availability.is_free)
    said = db.session.execute(chosen.where(Availability.volunteer_id == volunteer_id)).all()
    order = list(HALVES)
    return {(day, half): free for day, half, free in sorted(said, key=lambda one: (one.day, order.index(one.half)))}


def list_wishes_of(volunteer_id: int) -> list[WishRow]:
    """The wishes of a volunteer, by kind and code."""
    chosen = select(Wish.about, Wish.code, Wish.is_liked).where(Wish.volunteer_id == volunteer_id)
    return [WishRow(*row) for row in db.session.execute(chosen.order_by(Wish.about, Wish.code))]


def list_companions_of(volunteer_id: int) -> list[CompanionRow]:
    """With whom a volunteer is to work together or apart, by staff number; what others asked for of them too."""
    other = case((Companion.asked_by == volunteer_id, Companion.other_id), else_=Companion.asked_by)
    chosen = (
        select(
            Volunteer.id, Volunteer.staff_no, Volunteer.name, Companion.is_together, Companion.asked_by == volunteer_id
        )
        .join(Companion, Volunteer.id == other)
        .where(or_(Companion.asked_by == volunteer_id, Companion.other_id == volunteer_id))
        .order_by(Volunteer.staff_no, Companion.asked_by)
    )  # fmt: skip
    return [CompanionRow(*row) for row in db.session.execute(chosen)]


def are_colleagues(one: VolunteerRow, other: VolunteerRow) -> bool:
    """Whether two know each other: of one team (of one organization, where neither has a team), or with places at one
    station."""
    if one.group_path == other.group_path:
        return True
    station_of = select(Shift.station_id).join(Assignment, Assignment.shift_id == Shift.id)
    confirmed = station_of.where(Assignment.state == AssignmentState.CONFIRMED.value)
    theirs = confirmed.where(Assignment.volunteer_id == other.id)
    shared = confirmed.where(Assignment.volunteer_id == one.id, Shift.station_id.in_(theirs))
    return db.session.execute(shared.limit(1)).first() is not None


def list_duties_of(volunteer_id: int, since: datetime) -> list[DutyRow]:
    """The hours in which a volunteer drives, from then on."""
    chosen = select(Duty.id, Duty.vehicle_id, Duty.starts_at, Duty.ends_at)
    mine = chosen.where(Duty.volunteer_id == volunteer_id, Duty.ends_at > since).order_by(Duty.starts_at)
    return [DutyRow(*row) for row in db.session.execute(mine)]


def list_heat(since: date, until: date) -> dict[tuple[str, date], float]:
    """(district code, day) -> the highest temperature expected, from the first to the last day."""
    chosen = select(HeatDay.district_code, HeatDay.day, HeatDay.celsius).where(HeatDay.day.between(since, until))
    return {(district, day): celsius for district, day, celsius in db.session.execute(chosen)}


def list_valid_skills(volunteer_ids: Collection[int], day: date) -> dict[int, list[str]]:
    """The skills that hold on a day, by volunteer; in one SELECT."""
    holds = or_(VolunteerSkill.valid_until.is_(None), VolunteerSkill.valid_until >= day)
    chosen = select(VolunteerSkill.volunteer_id, VolunteerSkill.skill).where(
        holds, VolunteerSkill.volunteer_id.in_(sorted(volunteer_ids))
    )
    found: dict[int, list[str]] = {}
    for volunteer_id, skill in db.session.execute(chosen.order_by(VolunteerSkill.volunteer_id, VolunteerSkill.skill)):
        found.setdefault(volunteer_id, []).append(skill)
    return found


def list_skills(volunteer_ids: Collection[int]) -> dict[int, dict[str, date | None]]:
    """Skill -> until when (None: for good), by volunteer, the ended ones too; in one SELECT."""
    chosen = select(VolunteerSkill.volunteer_id, VolunteerSkill.skill, VolunteerSkill.valid_until)
    found: dict[int, dict[str, date | None]] = {}
    for volunteer_id, skill, until in db.session.execute(chosen.where(VolunteerSkill.volunteer_id.in_(volunteer_ids))):
        found.setdefault(volunteer_id, {})[skill] = until
    return found


def list_said() -> list[tuple[str, date, str, bool]]:
    """(staff number, day, half, free or not) of everybody who has not withdrawn."""
    chosen = select(Volunteer.staff_no, Availability.day, Availability.half, Availability.is_free)
    mine = chosen.join(Volunteer, Volunteer.id == Availability.volunteer_id).where(Volunteer.withdrawn_at.is_(None))
    return [(row[0], row[1], row[2], row[3]) for row in db.session.execute(mine.order_by(Volunteer.staff_no))]
