"""Forms of the room: one for the page and a row of a sheet alike."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from stations.kernel import clock
from stations.kernel.cells import read_degrees, read_flag, read_last_day, read_phone, read_time, read_whole
from stations.kernel.errors import Invalid
from stations.kernel.forms import (
    CellField,
    CellForm,
    HiddenField,
    Read,
    choice_reader,
    read_code,
    read_request_id,
    text_reader,
)
from stations.kernel.geo.datum import read_point
from stations.kernel.masking import mask_phone
from stations.kernel.text import Text, _
from stations.places.forms import read_organization
from stations.seasons.queries import get_calendar
from stations.shifts.queries.volunteers import list_teams
from stations.shifts.rules.orders import (
    MOST_MINUTES,
    MOST_PLACES,
    TEAM_KINDS,
    ShiftOrder,
    TeamOrder,
    TemplateOrder,
    VolunteerOrder,
)
from stations.shifts.rules.skills import LEADER, POSTS, SKILLS, skill_name

NEED_FIELDS: Mapping[str, str] = {f"need_{skill or 'anyone'}": skill for skill in ("", LEADER, *SKILLS)}
LARGEST_ROW_NUMBER = 2**31 - 1  # as a database keeps it
TEAM_KIND_WORDS = {"社团": "club", "服务队": "team", "小队": "squad"}
ENDS_FROM: Mapping[str, Text] = {"end": _("the session's end"), "start": _("the session's start")}


class PressForm(CellForm):
    """A press with, where it needs one, a reason."""

    request_id = HiddenField(_("Request id"), read_request_id, is_required=True)
    reason = CellField(_("Reason"), text_reader(200))


def _read_row_number(typed: str) -> int:
    return read_whole(typed, limit=LARGEST_ROW_NUMBER)


class PlaceForm(PressForm):
    """Who is to have which place."""

    need_id = HiddenField(_("Place"), _read_row_number, is_required=True)
    volunteer_id = HiddenField(_("Volunteer"), _read_row_number, is_required=True)


def _read_places(typed: str) -> int:
    return read_whole(typed, limit=MOST_PLACES)


class NeedsForm(CellForm):
    """How many are needed of each skill."""

    need_anyone = CellField(skill_name(""), _read_places)
    need_leader = CellField(skill_name("leader"), _read_places)
    need_counsellor = CellField(skill_name("counsellor"), _read_places)
    need_first_aid = CellField(skill_name("first_aid"), _read_places)
    need_driver = CellField(skill_name("driver"), _read_places)
    need_traffic_order = CellField(skill_name("traffic_order"), _read_places)
    need_guide = CellField(skill_name("guide"), _read_places)
    need_sign_language = CellField(skill_name("sign_language"), _read_places)
    need_english = CellField(skill_name("english"), _read_places)

    @property
    def needs(self) -> dict[str, int]:
        """Skill ('' for anyone) -> places, of those that are asked for."""
        values: Mapping[str, Any] = self.values
        return {skill: values[name] for name, skill in NEED_FIELDS.items() if values[name]}


class ShiftForm(NeedsForm):
    """A shift at a station, on one local day; one that ends before it starts ends on the next."""

    station = CellField(_("Station"), read_code, is_required=True)
    post = CellField(_("Post"), choice_reader(POSTS, {}), is_required=True)
    day = CellField(_("Day"), read_last_day, is_required=True)
    starts = CellField(_("Begins at"), read_time, is_required=True)
    ends = CellField(_("Ends at"), read_time, is_required=True)
    drops_unfit = CellField(_("Whoever cannot stay loses the place"), read_flag)
    version = HiddenField(_("Version"), read_whole)
    request_id = HiddenField(_("Request id"), read_request_id, is_required=True)

    def order(self, exam_session_id: int | None = None) -> ShiftOrder:
        """The order that a valid form gives."""
        value, zone = self.values, get_calendar().zone
        day: date = value["day"]
        last = day + timedelta(days=1) if value["ends"] < value["starts"] else day
        return ShiftOrder(
            station=value["station"], post=value["post"], starts_at=datetime.combine(day, value["starts"], zone),
            ends_at=datetime.combine(last, value["ends"], zone), needs=self.needs, exam_session_id=exam_session_id,
            version=value["version"], drops_unfit=bool(value["drops_unfit"]),
        )  # fmt: skip


def minutes_reader() -> Read:
    """Reads minutes before (-) or after something, at most a day."""

    def read(typed: str) -> int:
        text = typed.replace("−", "-").strip()
        sign = -1 if text.startswith("-") else 1
        minutes = read_whole(text.lstrip("+-"))
        if minutes > MOST_MINUTES:
            raise Invalid("template.minutes", _("A shift lies within a day of its session."))
        return sign * minutes

    return read


def needs_values(needs: Mapping[str, int]) -> dict[str, str]:
    """The needs as the fields of a form hold them."""
    return {name: str(needs[skill]) if needs.get(skill) else "" for name, skill in NEED_FIELDS.items()}


def read_team(typed: str) -> str:
    """The code of a team from its code or its name."""
    named = {typed} & {row.code for row in list_teams(("",))} or {
        row.code for row in list_teams(("",)) if row.name == typed
    }
    if len(named) != 1:
        raise Invalid("team.unknown", _("There is no team %(name)s.", name=typed[:40]))
    return named.pop()


def read_birthday(typed: str) -> date:
    """A day in the past, of a year with four digits."""
    try:
        day = date.fromisoformat(typed.strip().replace("/", "-"))
    except ValueError:
        raise Invalid("born_on.form", _('"%(text)s" is not a date. Write it as 1990-06-07.', text=typed[:40])) from None
    if not date(1900, 1, 1) <= day <= clock.now().date():
        raise Invalid("born_on.range", _("A birthday lies in the past."))
    return day


class TeamForm(CellForm):
    """A team."""

    code = CellField(_("Team code"), read_code, is_required=True)
    name = CellField(_("Name"), text_reader(80), is_required=True)
    name_en = CellField(_("English name"), text_reader(80))
    kind = CellField(_("Kind"), choice_reader(TEAM_KINDS, TEAM_KIND_WORDS), is_required=True)
    organization = CellField(_("Organization"), read_organization, is_required=True)
    version = HiddenField(_("Version"), read_whole)
    request_id = HiddenField(_("Request id"), read_request_id)

    def order(self) -> TeamOrder:
        """The order that a valid form gives."""
        value = self.values
        return TeamOrder(
            value["code"], value["name"], value["name_en"] or "", value["kind"], value["organization"],
            value["version"],
        )  # fmt: skip


def _read_shown_phone(typed: str) -> str:
    """A number, or the masked one that the form showed: `keep_phone` puts the stored one in its place."""
    return typed if "*" in typed else read_phone(typed)


def keep_phone(order: VolunteerOrder, stored: str) -> VolunteerOrder:
    """The order with the `stored` number where its form sent it back masked. Raises Invalid for any other mask."""
    if "*" not in order.phone:
        return order
    if order.phone != mask_phone(stored):
        raise Invalid("phone.masked", _("Please type the whole number, or leave it as it was."), field="phone")
    return replace(order, phone=stored)


class VolunteerForm(CellForm):
    """A volunteer; the place is about where they live or start from."""

    code = CellField(_("Staff number"), read_code, is_required=True)
    name = CellField(_("Full name"), text_reader(80), is_required=True)
    organization = CellField(_("Organization"), read_organization)
    team = CellField(_("Team"), read_team)
    phone = CellField(_("Phone"), _read_shown_phone)
    born_on = CellField(_("Born on"), read_birthday)
    guardian_consent = CellField(_("A guardian has agreed"), read_flag)
    lat = CellField(_("Latitude of the home area"), read_degrees)
    lon = CellField(_("Longitude of the home area"), read_degrees)
    version = HiddenField(_("Version"), read_whole)
    request_id = HiddenField(_("Request id"), read_request_id)

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        """Besides the fields: somebody's organization or team, both degrees or none."""
        is_valid = bool(super().validate(*args, **kwargs))
        if is_valid and not (self.organization.value or self.team.value):
            self.organization.errors = [_("Please give a team or an organization.")]
            is_valid = False
        if is_valid and (self.lat.value is None) != (self.lon.value is None):
            self.lat.errors = [_("Please give both degrees, or neither.")]
            is_valid = False
        return is_valid

    def order(self) -> VolunteerOrder:
        """The order that a valid form gives."""
        value = self.values
        point = None
        if value["lat"] is not None:
            found = read_point(value["lat"], value["lon"])
            point = (found.lat, found.lon)
        return VolunteerOrder(
            staff_no=value["code"], name=value["name"], organization=value["organization"] or "",
            team=value["team"] or "", phone=value["phone"] or "", born_on=value["born_on"],
            has_guardian_consent=bool(value["guardian_consent"]), point=point, version=value["version"],
        )  # fmt: skip


class SkillForm(PressForm):
    """A skill whose proof somebody has seen."""

    skill = CellField(_("Skill"), choice_reader(SKILLS, {}), is_required=True)
    proof = CellField(_("Proof that was seen"), text_reader(120), is_required=True)
    valid_until = CellField(_("Good until"), read_last_day)


class DutyForm(PressForm):
    """Hours in which somebody drives, from one local day; an end before the start is on the next."""

    vehicle = CellField(_("Vehicle code"), read_code, is_required=True)
    day = CellField(_("Day"), read_last_day, is_required=True)
    starts = CellField(_("Begins at"), read_time, is_required=True)
    ends = CellField(_("Ends at"), read_time, is_required=True)

    def span(self) -> tuple[datetime, datetime]:
        """The hours that a valid form gives."""
        value, zone = self.values, get_calendar().zone
        last = value["day"] + timedelta(days=1) if value["ends"] < value["starts"] else value["day"]
        return datetime.combine(value["day"], value["starts"], zone), datetime.combine(last, value["ends"], zone)


class TemplateForm(NeedsForm):
    """A shift template; minutes are counted from the start of a session, the end from its start or its end."""

    code = CellField(_("Template code"), read_code, is_required=True)
    post = CellField(_("Post"), choice_reader(POSTS, {}), is_required=True)
    station = CellField(_("Station"), read_code)
    organization = CellField(_("Organization"), read_organization)
    subject = CellField(_("Subject"), text_reader(40))
    starts_minutes = CellField(_("Begins, minutes from the session's start"), minutes_reader(), is_required=True)
    ends_from = CellField(_("The end is counted from"), choice_reader(ENDS_FROM, {}), is_required=True)
    ends_minutes = CellField(_("Ends, minutes from there"), minutes_reader(), is_required=True)
    version = HiddenField(_("Version"), read_whole)
    request_id = HiddenField(_("Request id"), read_request_id)

    def order(self) -> TemplateOrder:
        """The order that a valid form gives."""
        value = self.values
        return TemplateOrder(
            code=value["code"], post=value["post"], starts_minutes=value["starts_minutes"],
            ends_minutes=value["ends_minutes"], needs=self.needs, station=value["station"] or "",
            organization=value["organization"] or "", subject=value["subject"] or "", ends_from=value["ends_from"],
            version=value["version"],
        )  # fmt: skip
