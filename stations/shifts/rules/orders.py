"""What teams, volunteers, templates and shifts are to be, as somebody asks for it; and what cannot be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from stations.kernel.errors import Invalid
from stations.kernel.text import Text, _
from stations.shifts.rules.skills import LEADER, POSTS, SKILLS

TEAM_KINDS: Mapping[str, Text] = {"club": _("Club"), "team": _("Team"), "squad": _("Squad")}
GRID_DEGREES = 0.005  # 556 m north to south, 426 m east to west in Beijing
MOST_PLACES = 200
LONGEST = timedelta(hours=16)
MOST_MINUTES = 24 * 60

Needs = Mapping[str, int]  # skill ('' for anyone) -> places


@dataclass(frozen=True)
class TeamOrder:
    """A team; `organization` is a code. `version` is what the writer saw: 0 for a new one, None not to care."""

    code: str
    name: str
    name_en: str
    kind: str
    organization: str
    version: int | None = None

    def values(self) -> dict[str, str]:
        """The fields of its form as text."""
        return {
            "code": self.code, "name": self.name, "name_en": self.name_en, "kind": self.kind,
            "organization": self.organization,
        }  # fmt: skip


@dataclass(frozen=True)
class VolunteerOrder:
    """A volunteer; `organization` and `team` are codes, with a team its organization counts. `point` is about where
    they live or start from. `code_hash` is of the short code to sign in with; None leaves the one there is."""

    staff_no: str
    name: str
    organization: str = ""
    team: str = ""
    phone: str = ""
    born_on: date | None = None
    has_guardian_consent: bool = False
    point: tuple[float, float] | None = None
    code_hash: str | None = None
    version: int | None = None

    @property
    def code(self) -> str:
        """What tells volunteers apart."""
        return self.staff_no

    def values(self) -> dict[str, str]:
        """The fields of its form as text; the place on its grid, as it is kept."""
        lat, lon = coarse(self.point)
        return {
            "code": self.staff_no, "name": self.name, "organization": self.organization, "team": self.team,
            "phone": self.phone, "born_on": self.born_on.isoformat() if self.born_on else "",
            "guardian_consent": "yes" if self.has_guardian_consent else "no",
            "lat": "" if lat is None else f"{lat:.3f}", "lon": "" if lon is None else f"{lon:.3f}",
        }  # fmt: skip


@dataclass(frozen=True)
class TemplateOrder:
    """A shift template at `station`, or ('') at every station below `organization`; of one subject or ('') of all.
    Minutes from the session's start; the end from its start or its end."""

    code: str
    post: str
    starts_minutes: int
    ends_minutes: int
    needs: Needs
    station: str = ""
    organization: str = ""
    subject: str = ""
    ends_from: str = "end"
    version: int | None = None

    def values(self) -> dict[str, str]:
        """The fields of its form as text, needs apart."""
        return {
            "code": self.code, "post": self.post, "station": self.station, "organization": self.organization,
            "subject": self.subject, "starts_minutes": str(self.starts_minutes), "ends_from": self.ends_from,
            "ends_minutes": str(self.ends_minutes),
        }  # fmt: skip


@dataclass(frozen=True)
class ShiftOrder:
    """A shift at a station (its code). Times are aware. `drops_unfit`: those who may not hold it at its new time lose
    their place; else the change is refused while there are any."""

    station: str
    post: str
    starts_at: datetime
    ends_at: datetime
    needs: Needs = field(default_factory=lambda: {"": 1})
    exam_session_id: int | None = None
    version: int | None = None
    drops_unfit: bool = False


def coarse(point: tuple[float, float] | None) -> tuple[float | None, float | None]:
    """A place of somebody's life on a grid of about 500 m: enough for travel time, too little to find a door."""
    if point is None:
        return None, None
    lat, lon = (round(round(degrees / GRID_DEGREES) * GRID_DEGREES, 3) for degrees in point)
    return lat, lon


def check_needs(needs: Needs) -> None:
    """Raise Invalid unless every skill is known and there are some places."""
    for skill, places in needs.items():
        if skill not in ("", LEADER, *SKILLS):
            raise Invalid("skill.unknown", _("There is no skill %(skill)s.", skill=skill), field="needs")
        if not 0 <= places <= MOST_PLACES:
            message = _("A shift has 1 to %(most)s places of a kind.", most=MOST_PLACES)
            raise Invalid("shift.places", message, field="needs")
    if not any(needs.values()):
        raise Invalid("shift.needs", _("Please say how many people are needed."), field="needs")


def check_post(post: str) -> None:
    """Raise Invalid for a post that is not in the table."""
    if post not in POSTS:
        raise Invalid("post.unknown", _("There is no post %(post)s.", post=post), field="post")


def check_shift(order: ShiftOrder) -> None:
    """Raise Invalid, naming the form's field, for a shift that cannot be."""
    check_post(order.post)
    check_needs(order.needs)
    if not order.starts_at < order.ends_at:
        raise Invalid("shift.times", _("A shift must end after it starts."), field="ends_at")
    if order.ends_at - order.starts_at > LONGEST:
        message = _("A shift lasts at most %(hours)s hours.", hours=LONGEST // timedelta(hours=1))
        raise Invalid("shift.long", message, field="ends_at")


def check_template(order: TemplateOrder) -> None:
    """Raise Invalid, naming the form's field, for a template that cannot be."""
    check_post(order.post)
    check_needs(order.needs)
    if order.ends_from not in ("start", "end"):
        raise Invalid("template.ends", _("Please say from when the end is counted."), field="ends_from")
    if not all(-MOST_MINUTES <= minutes <= MOST_MINUTES for minutes in (order.starts_minutes, order.ends_minutes)):
        raise Invalid("template.minutes", _("A shift lies within a day of its session."), field="starts_minutes")
    if order.ends_from == "start" and order.ends_minutes <= order.starts_minutes:
        raise Invalid("shift.times", _("A shift must end after it starts."), field="ends_minutes")


def check_skill(skill: str) -> None:
    """Raise Invalid for what nobody can prove."""
    if skill not in SKILLS:
        raise Invalid("skill.unknown", _("There is no skill %(skill)s.", skill=skill), field="skill")
