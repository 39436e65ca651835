"""Teams, and who leads them."""

from typing import Any

from sqlalchemy import func, select, update

from stations.accounts.rules import Actor
from stations.kernel import audit, clock
from stations.kernel.db import changed_one, db
from stations.kernel.errors import Invalid, Refused
from stations.kernel.text import _
from stations.shifts.actions.telling import tell
from stations.shifts.actions.writing import get_organization, write
from stations.shifts.models.people import Team, Volunteer
from stations.shifts.queries.volunteers import find_team, get_team, lock_volunteer
from stations.shifts.rules.orders import TEAM_KINDS, TeamOrder
from stations.shifts.rules.skills import STANDINGS

MOST_DEPUTIES = 2


def save_team(order: TeamOrder, actor: Actor) -> dict[str, Any]:
    """Add the team of that code or bring it to `order`. At another organization its volunteers go with it."""
    organization = get_organization(order.organization)
    path = f"{organization.path}{order.code}/"
    actor.require("volunteers.write", path)
    if order.kind not in TEAM_KINDS:
        raise Invalid("team.kind", _("Please choose the kind of team."), field="kind")
    known = find_team(order.code)
    if known is not None:
        actor.require("volunteers.write", known.path)
    fields = {
        "name": order.name, "name_en": order.name_en, "kind": order.kind, "organization_id": organization.id,
        "path": path, "archived_at": None,
    }  # fmt: skip
    team_id = write(Team, known.id if known else None, order.version, {"code": order.code}, fields)
    if known is not None and known.path != path:
        moved = {"organization_id": organization.id, "path": path + func.substr(Volunteer.path, len(known.path) + 1)}
        db.session.execute(update(Volunteer).where(Volunteer.team_id == team_id).values(**moved))
    audit.record(
        "team.save", f"team:{order.code}", actor=actor.username, scope=path,
        after={"name": order.name, "kind": order.kind, "organization": organization.code},
    )  # fmt: skip
    tell(path)
    return {"id": team_id, "code": order.code, "is_new": known is None}


def archive_team(code: str, actor: Actor) -> dict[str, Any]:
    """Take a team off every list. Refused while it has volunteers."""
    row = get_team(code)
    actor.require("volunteers.write", row.path)
    members = select(Volunteer.id).where(Volunteer.team_id == row.id, Volunteer.withdrawn_at.is_(None)).exists()
    gone = update(Team).where(Team.id == row.id, Team.archived_at.is_(None), ~members)
    if not changed_one(gone.values(archived_at=clock.now(), version=Team.version + 1)):
        raise Refused("team.members", _("The team still has volunteers."))
    audit.record("team.archive", f"team:{code}", actor=actor.username, scope=row.path)
    tell(row.path)
    return {"code": code}


def set_standing(staff_no: str, standing: str, actor: Actor) -> dict[str, Any]:
    """Make a volunteer the leader or a deputy of their team, or neither (''). A team has one leader: the former one
    becomes a deputy; and at most two deputies."""
    row = lock_volunteer(staff_no)
    actor.require("volunteers.write", row.path)
    if standing not in STANDINGS:
        raise Invalid("standing.unknown", _("There is no such standing."), field="standing")
    if standing and row.team_id is None:
        raise Refused("standing.team", _("Only somebody in a team can lead one."), field="standing")
    team = Volunteer.team_id == row.team_id
    db.session.execute(select(Team.id).where(Team.id == row.team_id).with_for_update()).all()
    if standing == "leader":
        former = update(Volunteer).where(team, Volunteer.standing == "leader", Volunteer.id != row.id)
        db.session.execute(former.values(standing="deputy", version=Volunteer.version + 1))
    mine = update(Volunteer).where(Volunteer.id == row.id)
    db.session.execute(mine.values(standing=standing, version=Volunteer.version + 1))
    deputies = select(func.count()).where(team, Volunteer.standing == "deputy", Volunteer.withdrawn_at.is_(None))
    if db.session.execute(deputies).scalar_one() > MOST_DEPUTIES:
        raise Refused("standing.deputies", _("A team has at most %(most)s deputies.", most=MOST_DEPUTIES))
    audit.record(
        "volunteer.standing", f"volunteer:{row.id}", actor=actor.username, scope=row.group_path,
        before={"standing": row.standing}, after={"standing": standing},
    )  # fmt: skip
    tell(row.path)
    return {"staff_no": staff_no, "standing": standing}
