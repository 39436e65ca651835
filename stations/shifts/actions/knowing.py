"""What is known about a volunteer: skills with proof, when they are free, what they wish, with whom, other duty; and
the heat that is forecast."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from stations.accounts.rules import Actor
from stations.kernel import audit, clock
from stations.kernel.db import attempt, db
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.revision import next_revision
from stations.kernel.text import Text, _
from stations.places.models import District
from stations.shifts.actions.acting import NOT_YOURS, Oneself, Who, note_seen
from stations.shifts.actions.telling import TOPIC, tell
from stations.shifts.models.people import (
    Availability,
    Companion,
    Duty,
    HeatDay,
    Volunteer,
    VolunteerSkill,
    Wish,
)
from stations.shifts.models.placing import Assignment
from stations.shifts.queries.known import NO_COLLEAGUE, are_colleagues, list_companions_of
from stations.shifts.queries.shifts import list_station_spots
from stations.shifts.queries.volunteers import NO_VOLUNTEER, VolunteerRow, lock_volunteer
from stations.shifts.rules.orders import check_post, check_skill
from stations.shifts.rules.skills import HALVES
from stations.shifts.rules.states import AssignmentState

COLDEST, HOTTEST = -40, 60
EVERYTHING = ("",)
MOST_HALVES = 200
DUTY_HOLDS: Text = _("A shift is held in these hours. Free it first.")


def set_skill(staff_no: str, skill: str, proof: str, valid_until: date | None, actor: Actor) -> dict[str, Any]:
    """Record a skill whose proof somebody has seen, until when it holds, and that it was this person."""
    check_skill(skill)
    row = lock_volunteer(staff_no)
    actor.require("volunteers.write", row.path)
    if not proof.strip():
        raise Invalid("skill.proof", _("Please say which proof you have seen."), field="proof")
    _forget_skill(row, skill)
    seen = {"proof": proof.strip(), "valid_until": valid_until, "checked_by": actor.username, "checked_at": clock.now()}
    db.session.execute(insert(VolunteerSkill).values(volunteer_id=row.id, skill=skill, **seen))
    return _note("volunteer.skill", row, actor, {"skill": skill, "until": valid_until and valid_until.isoformat()})


def remove_skill(staff_no: str, skill: str, actor: Actor) -> dict[str, Any]:
    """Take a skill off the file."""
    row = lock_volunteer(staff_no)
    actor.require("volunteers.write", row.path)
    _forget_skill(row, skill)
    return _note("volunteer.skill_end", row, actor, {"skill": skill})


def _forget_skill(row: VolunteerRow, skill: str) -> None:
    mine = VolunteerSkill.volunteer_id == row.id, VolunteerSkill.skill == skill
    db.session.execute(delete(VolunteerSkill).where(*mine))


def set_availability(staff_no: str, said: Mapping[tuple[date, str], bool | None], who: Who) -> dict[str, Any]:
    """Say for half-days whether one is free, None to take back what was said; the others stay as they were."""
    row = _lock_own(staff_no, who)
    if len(said) > MOST_HALVES:
        raise Invalid("half.many", _("Please say it for at most %(most)s half-days at once.", most=MOST_HALVES))
    for day, half in said:
        if half not in HALVES:
            raise Invalid("half.unknown", _("Please choose a half of the day."), field="half")
        mine = Availability.volunteer_id == row.id, Availability.day == day, Availability.half == half
        db.session.execute(delete(Availability).where(*mine))
    held = {when: free for when, free in said.items() if free is not None}
    rows = [{"volunteer_id": row.id, "day": d, "half": h, "is_free": free} for (d, h), free in held.items()]
    if rows:
        db.session.execute(insert(Availability), rows)
    return _note("volunteer.availability", row, who, {"halves": len(said)})


def set_wishes(staff_no: str, posts: Mapping[str, bool], stations: Mapping[str, bool], who: Who) -> dict[str, Any]:
    """Replace what one would like (True) and refuses (False): posts and stations by code."""
    row = _lock_own(staff_no, who)
    for post in posts:
        check_post(post)
    if not stations.keys() <= {spot.code for spot in list_station_spots(EVERYTHING)}:
        raise Invalid("station.unknown", _("There is no such station."), field="stations")
    db.session.execute(delete(Wish).where(Wish.volunteer_id == row.id))
    wishes = [("post", code, liked) for code, liked in posts.items()]
    wishes += [("station", code, liked) for code, liked in stations.items()]
    if wishes:
        rows = [{"volunteer_id": row.id, "about": a, "code": code, "is_liked": liked} for a, code, liked in wishes]
        db.session.execute(insert(Wish), rows)
    return _note("volunteer.wishes", row, who, {"wishes": len(wishes)})


def set_companion(staff_no: str, other_no: str, is_together: bool | None, who: Who) -> dict[str, Any]:
    """Keep what a volunteer asks for: to work together with another, or apart (False), or neither any more (None). What
    the other asked for stays. A volunteer may name colleagues and whom they have named before; everybody else is
    answered as a number that does not exist, so that nobody learns here who else has a file."""
    if staff_no == other_no:
        raise Invalid("companion.self", _("Please name somebody else."), field="other")
    found = {number: _find_locked(number) for number in sorted((staff_no, other_no))}
    row, other = found[staff_no], found[other_no]
    if row is None:
        raise NotFound("volunteer.unknown", NO_VOLUNTEER)
    _require_own(row, who)
    if other is None or not _may_name(row, other, who):
        raise NotFound("volunteer.unknown", NO_COLLEAGUE, field="staff_no")
    mine = Companion.asked_by == row.id, Companion.other_id == other.id
    db.session.execute(delete(Companion).where(*mine))
    if is_together is not None:
        db.session.execute(insert(Companion).values(asked_by=row.id, other_id=other.id, is_together=is_together))
    return _note("volunteer.companion", row, who, {"other": other.id, "is_together": is_together})


def _find_locked(staff_no: str) -> VolunteerRow | None:
    try:
        return lock_volunteer(staff_no)
    except NotFound:
        return None


def _may_name(row: VolunteerRow, other: VolunteerRow, who: Who) -> bool:
    if isinstance(who, Actor) and who.may("shifts.read", other.path):
        return True
    named = {one.volunteer_id for one in list_companions_of(row.id) if one.is_own}
    return other.id in named or are_colleagues(row, other)


def add_duty(staff_no: str, vehicle_id: int, starts_at: datetime, ends_at: datetime, actor: Actor) -> dict[str, Any]:
    """Say in which hours a volunteer drives a vehicle. Refused over a shift that is held."""
    row = lock_volunteer(staff_no)
    actor.require("volunteers.write", row.path)
    if not starts_at < ends_at:
        raise Invalid("duty.times", _("The duty must end after it starts."), field="ends_at")
    held = select(Assignment.id).where(
        Assignment.volunteer_id == row.id, Assignment.state == AssignmentState.CONFIRMED.value,
        Assignment.starts_at < ends_at, Assignment.ends_at > starts_at,
    )  # fmt: skip
    if db.session.execute(held.limit(1)).first() is not None:
        raise Refused("duty.held", DUTY_HOLDS)
    span = insert(Duty).values(volunteer_id=row.id, vehicle_id=vehicle_id, starts_at=starts_at, ends_at=ends_at)
    try:
        with attempt():
            duty_id = db.session.execute(span.returning(Duty.id)).scalar_one()
    except IntegrityError:
        raise Invalid("vehicle.unknown", _("There is no such vehicle."), field="vehicle") from None
    return _note("volunteer.duty", row, actor, {"duty": duty_id}) | {"id": duty_id}


def remove_duty(duty_id: int, actor: Actor) -> dict[str, Any]:
    """Drive no more in those hours."""
    chosen = select(Volunteer.staff_no).join(Duty, Duty.volunteer_id == Volunteer.id).where(Duty.id == duty_id)
    staff_no = db.session.execute(chosen).scalar()
    if staff_no is None:
        raise NotFound("duty.unknown", _("There is no such duty."))
    row = lock_volunteer(staff_no)
    actor.require("volunteers.write", row.path)
    db.session.execute(delete(Duty).where(Duty.id == duty_id))
    return _note("volunteer.duty_end", row, actor, {"duty": duty_id})


def set_heat(district_code: str, day: date, celsius: float | None, actor: Actor) -> dict[str, Any]:
    """Say how hot a district is expected to be on a day, at most; None takes it back. Whoever is posted outdoors
    already stays there: only new placements are judged by it."""
    actor.require("shifts.write")
    next_revision(TOPIC)  # first, so that nobody else says it meanwhile
    known = db.session.execute(select(District.code).where(District.code == district_code)).scalar()
    if known is None:
        raise Invalid("district.unknown", _("There is no such district."), field="district")
    if celsius is not None and not COLDEST <= celsius <= HOTTEST:
        message = _("A temperature lies between %(least)s and %(most)s degrees.", least=COLDEST, most=HOTTEST)
        raise Invalid("heat.range", message, field="celsius")
    db.session.execute(delete(HeatDay).where(HeatDay.district_code == known, HeatDay.day == day))
    if celsius is not None:
        db.session.execute(insert(HeatDay).values(district_code=known, day=day, celsius=celsius))
    after = {"day": day.isoformat(), "celsius": celsius}
    audit.record("heat.set", f"district:{known}", actor=actor.username, after=after)
    tell("")
    return after


def _lock_own(staff_no: str, who: Who) -> VolunteerRow:
    row = lock_volunteer(staff_no)
    _require_own(row, who)
    return row


def _require_own(row: VolunteerRow, who: Who) -> None:
    """The volunteer, their leader, or whoever keeps the files."""
    if isinstance(who, Oneself):
        if who.volunteer_id != row.id:
            raise NotFound("volunteer.unknown", NOT_YOURS)
    elif not who.may("shifts.lead", row.path):
        who.require("volunteers.write", row.path)


def _note(action: str, row: VolunteerRow, who: Who, after: dict[str, Any]) -> dict[str, Any]:
    note_seen(who)
    audit.record(action, f"volunteer:{row.id}", actor=who.username, scope=row.group_path, after=after)
    tell(row.path)
    return {"staff_no": row.staff_no}
