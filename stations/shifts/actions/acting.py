"""Who acts: a person of the staff, a team leader by link, or a volunteer for themselves."""

from dataclasses import dataclass

from sqlalchemy import update

from stations.accounts.rules import Actor, Scope
from stations.kernel import clock
from stations.kernel.db import db
from stations.kernel.errors import Forbidden
from stations.kernel.text import Text, _
from stations.shifts.models.people import Volunteer
from stations.shifts.queries.volunteers import VolunteerRow

NOT_YOURS: Text = _("Your account may not do this here.")


@dataclass(frozen=True)
class Oneself:
    """A volunteer who acts by their own link or code, and for nobody else."""

    volunteer_id: int

    @property
    def username(self) -> str:
        """How the audit trail names them: by number, never by name."""
        return f"volunteer:{self.volunteer_id}"


Who = Actor | Oneself


def oneself(row: VolunteerRow) -> Oneself:
    """The volunteer behind a link or a code."""
    return Oneself(row.id)


def leader_of(row: VolunteerRow) -> Actor:
    """A leader or deputy, acting for their own team. Raises Forbidden for anybody else."""
    if not row.standing or not row.team_path:
        raise Forbidden("permission.missing", NOT_YOURS)
    return Actor(oneself(row).username, row.name, (Scope("team_leader", row.team_path),))


def may_lead(who: Who, shift_path: str, volunteer_path: str) -> bool:
    """Whether it is theirs to say where that volunteer stands: the volunteer's leader's, or of whoever writes the
    roster there and may see the volunteer."""
    if not isinstance(who, Actor):
        return False
    if who.may("shifts.lead", volunteer_path):
        return True
    return who.may("shifts.write", shift_path) and who.may("shifts.read", volunteer_path)


def require_either(who: Who, shift_path: str, volunteer_id: int, volunteer_path: str) -> None:
    """Refuse anybody but the volunteer and those who `may_lead`."""
    is_own = isinstance(who, Oneself) and who.volunteer_id == volunteer_id
    if not is_own and not may_lead(who, shift_path, volunteer_path):
        raise Forbidden("permission.missing", NOT_YOURS)


def note_seen(who: Who) -> None:
    """Keep that a volunteer was heard of just now."""
    if isinstance(who, Oneself):
        mine = update(Volunteer).where(Volunteer.id == who.volunteer_id)
        db.session.execute(mine.values(seen_at=clock.now()))
