"""What is on a volunteer's file, for its page."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select

from stations.kernel.db import db
from stations.shifts.models.people import Availability, Companion, Duty, HeatDay, Volunteer, VolunteerSkill, Wish


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
    """Somebody with whom, or without whom, one is to work."""

    volunteer_id: int
    staff_no: str
    name: str
    is_together: bool


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
    """(day, half) -> free or not, of those that were said."""
    chosen = select(Availability.day, Availability.half, Availability.is_free)
    mine = chosen.where(Availability.volunteer_id == volunteer_id).order_by(Availability.day, Availability.half)
    return {(day, half): is_free for day, half, is_free in db.session.execute(mine)}


def list_wishes_of(volunteer_id: int) -> list[WishRow]:
    """The wishes of a volunteer, by kind and code."""
    chosen = select(Wish.about, Wish.code, Wish.is_liked).where(Wish.volunteer_id == volunteer_id)
    return [WishRow(*row) for row in db.session.execute(chosen.order_by(Wish.about, Wish.code))]


def list_companions_of(volunteer_id: int) -> list[CompanionRow]:
    """With whom a volunteer is to work together or apart, by staff number."""
    mine = or_(Companion.volunteer_id == volunteer_id, Companion.other_id == volunteer_id)
    other = or_(Volunteer.id == Companion.volunteer_id, Volunteer.id == Companion.other_id)
    chosen = (
        select(Volunteer.id, Volunteer.staff_no, Volunteer.name, Companion.is_together)
        .join(Companion, other)
        .where(mine, Volunteer.id != volunteer_id)
        .order_by(Volunteer.staff_no)
    )
    return [CompanionRow(*row) for row in db.session.execute(chosen)]


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
