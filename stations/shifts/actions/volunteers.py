"""Volunteers: added, changed, withdrawn and erased; the code and the link by which they sign in."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select, update

from stations.accounts.rules import PROGRAM, Actor
from stations.kernel import audit, clock
from stations.kernel.db import changed_one, db
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.text import _
from stations.shifts.actions.acting import Oneself, Who
from stations.shifts.actions.dropping import note_dropped, release_ahead
from stations.shifts.actions.offering import end_waits, note_offered, offer_next
from stations.shifts.actions.telling import tell
from stations.shifts.actions.writing import get_organization, write
from stations.shifts.models.people import Availability, Companion, Duty, Volunteer, VolunteerSkill, Wish
from stations.shifts.models.placing import Assignment, Swap
from stations.shifts.queries.volunteers import (
    NO_VOLUNTEER,
    VolunteerRow,
    find_volunteer,
    get_team,
    lock_volunteer,
)
from stations.shifts.rules.orders import VolunteerOrder, coarse
from stations.shifts.rules.states import AssignmentState, SwapState

KEY_BYTES = 18
WITHDRAWN = _("Withdrew.")


def save_volunteer(order: VolunteerOrder, actor: Actor) -> dict[str, Any]:
    """Add the volunteer of that staff number or bring them to `order`. Whoever changes teams leads the new one in no
    way; whoever had withdrawn is back."""
    team = get_team(order.team) if order.team else None
    organization = get_organization(team.organization if team else order.organization)
    group_path = team.path if team else organization.path
    path = f"{group_path}{order.staff_no}/"
    actor.require("volunteers.write", path)
    known = find_volunteer(order.staff_no)
    if known is not None:
        actor.require("volunteers.write", known.path)
    fields = volunteer_fields(order, known) | {
        "organization_id": organization.id, "team_id": team.id if team else None, "path": path, "withdrawn_at": None
    }  # fmt: skip
    if known is not None and known.team_id != fields["team_id"]:
        fields["standing"] = ""
    start = {
        "staff_no": order.staff_no, "code_hash": "", "standing": "", "link_no": 1,
        "feed_key": secrets.token_urlsafe(KEY_BYTES),
    }  # fmt: skip
    volunteer_id = write(Volunteer, known.id if known else None, order.version, _without(start, fields), fields)
    audit.record(
        "volunteer.save", f"volunteer:{volunteer_id}", actor=actor.username, scope=group_path,
        after={"team": order.team, "organization": organization.code, "has_phone": bool(order.phone),
               "has_guardian_consent": order.has_guardian_consent},
    )  # fmt: skip
    tell(path)
    return {"id": volunteer_id, "staff_no": order.staff_no, "is_new": known is None}


def volunteer_fields(order: VolunteerOrder, known: VolunteerRow | None) -> dict[str, Any]:
    """The columns that an order fills, of a new volunteer or one who is `known`. Raises Invalid without a name."""
    if not order.name.strip():
        raise Invalid("volunteer.name", _("Please give a name."), field="name")
    lat, lon = coarse(order.point)
    consent = (known.guardian_consent_at if known else None) or clock.now()
    fields: dict[str, Any] = {
        "name": order.name.strip(), "phone": order.phone, "born_on": order.born_on, "lat": lat, "lon": lon,
        "guardian_consent_at": consent if order.has_guardian_consent else None,
    }  # fmt: skip
    return fields if order.code_hash is None else fields | {"code_hash": order.code_hash}


def _without(start: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in start.items() if name not in fields}


def withdraw_volunteer(staff_no: str, who: Who) -> dict[str, Any]:
    """Help no more: places ahead are free again and offered to whoever waits, links and code are void."""
    row = lock_volunteer(staff_no)
    _require_own(row, who)
    dropped, needs = release_ahead(row.id, str(WITHDRAWN))
    needs += end_waits(volunteer_id=row.id)
    asked = update(Swap).where(Swap.volunteer_id == row.id, Swap.state == SwapState.ASKED.value)
    db.session.execute(asked.values(state=SwapState.REFUSED.value, ended_at=clock.now()))
    gone = update(Volunteer).where(Volunteer.id == row.id, Volunteer.withdrawn_at.is_(None))
    void = {"code_hash": "", "standing": "", "link_no": Volunteer.link_no + 1, "version": Volunteer.version + 1}
    if not changed_one(gone.values(withdrawn_at=clock.now(), **void)):
        raise Refused("volunteer.withdrawn", _("This volunteer has withdrawn already."))
    offered = offer_next(needs)
    note_dropped(dropped, who, str(WITHDRAWN))
    note_offered(offered)
    audit.record("volunteer.withdraw", f"volunteer:{row.id}", actor=who.username, scope=row.group_path)
    tell(row.path, *(one.path for one in dropped))
    return {"staff_no": staff_no, "dropped": [one.id for one in dropped]}


def erase_volunteer(staff_no: str, who: Who) -> dict[str, Any]:
    """Forget who a withdrawn volunteer was. What they did and how long stays, of nobody in particular."""
    row = find_volunteer(staff_no)
    if row is None:
        raise NotFound("volunteer.unknown", NO_VOLUNTEER)
    _require_own(row, who)
    if not row.is_withdrawn:
        raise Refused("volunteer.active", _("Withdraw the volunteer first."))
    _erase([row.id])
    audit.record(
        "volunteer.erase", f"volunteer:{row.id}", actor=who.username, scope=row.group_path, after={"volunteers": 1}
    )
    return {"id": row.id}


def forget_volunteer(staff_no: str, who: Who) -> dict[str, Any]:
    """Withdraw them and forget who they were at once: nobody has to agree, nor to wait."""
    withdraw_volunteer(staff_no, who)
    return erase_volunteer(staff_no, who)


def erase_before(cutoff: datetime) -> int:
    """Erase every volunteer who withdrew before `cutoff`; how many."""
    old = select(Volunteer.id).where(Volunteer.withdrawn_at < cutoff, Volunteer.erased_at.is_(None))
    return _erase_many(list(db.session.execute(old).scalars()))


def erase_after_season(ended_at: datetime) -> int:
    """Erase every volunteer who was not heard of, and had no shift, since the season was over; how many."""
    served = select(Assignment.volunteer_id).where(
        Assignment.ends_at > ended_at, Assignment.state == AssignmentState.CONFIRMED.value
    )
    added = select(audit.AuditEvent.subject).where(
        audit.AuditEvent.action == "volunteer.save", audit.AuditEvent.at > ended_at
    )
    old = select(Volunteer.id).where(
        Volunteer.erased_at.is_(None), or_(Volunteer.seen_at.is_(None), Volunteer.seen_at <= ended_at),
        Volunteer.id.not_in(served),
    )  # fmt: skip
    lately = set(db.session.execute(added).scalars())
    ids = [number for number in db.session.execute(old).scalars() if f"volunteer:{number}" not in lately]
    return _erase_many(ids)


def _erase_many(ids: list[int]) -> int:
    if ids:
        _erase(ids)
        audit.record("volunteers.erase", "volunteers", actor=PROGRAM.username, after={"volunteers": len(ids)})
    return len(ids)


def _erase(ids: list[int]) -> None:
    for table in (VolunteerSkill, Availability, Wish, Duty):
        db.session.execute(delete(table).where(table.volunteer_id.in_(ids)))
    db.session.execute(delete(Companion).where(or_(Companion.asked_by.in_(ids), Companion.other_id.in_(ids))))
    theirs = update(Assignment).where(Assignment.volunteer_id.in_(ids))
    db.session.execute(theirs.values(end_reason="", override_reason=""))
    rows = db.session.execute(select(Volunteer.id, Volunteer.path).where(Volunteer.id.in_(ids))).all()
    for volunteer_id, path in rows:
        blank = {
            "staff_no": f"erased-{volunteer_id}", "name": "", "phone": "", "code_hash": "", "born_on": None,
            "guardian_consent_at": None, "lat": None, "lon": None, "seen_at": None, "erased_at": clock.now(),
            "standing": "", "withdrawn_at": func.coalesce(Volunteer.withdrawn_at, clock.now()),
            "path": f"{_parent(path)}erased-{volunteer_id}/", "feed_key": secrets.token_urlsafe(KEY_BYTES),
        }  # fmt: skip
        mine = update(Volunteer).where(Volunteer.id == volunteer_id)
        db.session.execute(mine.values(link_no=Volunteer.link_no + 1, **blank))


def _parent(path: str) -> str:
    return path.rstrip("/").rpartition("/")[0] + "/"


def set_code(staff_no: str, code_hash: str, actor: Actor) -> dict[str, Any]:
    """Give a volunteer another short code; `code_hash` was made by the sign-in library."""
    return _renew(staff_no, actor, "volunteer.code", {"code_hash": code_hash})


def new_link(staff_no: str, actor: Actor) -> dict[str, Any]:
    """Make every earlier link of a volunteer, and of their calendar, void, as when a phone is lost."""
    void = {"link_no": Volunteer.link_no + 1, "feed_key": secrets.token_urlsafe(KEY_BYTES)}
    return _renew(staff_no, actor, "volunteer.link", void)


def _renew(staff_no: str, actor: Actor, action: str, fields: dict[str, Any]) -> dict[str, Any]:
    row = lock_volunteer(staff_no)
    if not actor.may("shifts.lead", row.path):
        actor.require("volunteers.write", row.path)
    renewed = update(Volunteer).where(Volunteer.id == row.id)
    number = db.session.execute(renewed.values(**fields).returning(Volunteer.link_no)).scalar_one()
    audit.record(action, f"volunteer:{row.id}", actor=actor.username, scope=row.group_path)
    return {"id": row.id, "link_no": number}


def _require_own(row: VolunteerRow, who: Who) -> None:
    if isinstance(who, Oneself):
        if who.volunteer_id == row.id:
            return
        raise NotFound("volunteer.unknown", NO_VOLUNTEER)
    who.require("volunteers.write", row.path)
