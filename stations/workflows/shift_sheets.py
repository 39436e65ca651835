"""Teams, volunteers and when they are free as kinds of sheet: a column a skill, a column a half of the day."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from stations.accounts.queries import find_organization
from stations.accounts.rules import Actor
from stations.kernel.cells import read_flag, read_last_day, read_phone
from stations.kernel.errors import Invalid
from stations.kernel.forms import CellField, CellForm, choice_reader, read_code
from stations.kernel.masking import mask_phone
from stations.kernel.text import Text, _
from stations.shifts.actions.knowing import remove_skill, set_availability, set_skill
from stations.shifts.actions.teams import archive_team, save_team, set_standing
from stations.shifts.actions.volunteers import save_volunteer, withdraw_volunteer
from stations.shifts.forms import TeamForm, VolunteerForm
from stations.shifts.queries.known import list_said, list_skills
from stations.shifts.queries.volunteers import (
    find_team,
    find_volunteer,
    list_teams,
    list_volunteers,
    team_order,
    volunteer_order,
)
from stations.shifts.rules.orders import TeamOrder, VolunteerOrder
from stations.shifts.rules.skills import HALVES, SKILLS, STANDINGS
from stations.workflows.sheet_kind import Headings, Read, Reference, SheetKind, Values

TOPIC = "shifts"
EVERYTHING = ("",)
STANDING_WORDS = {"队长": "leader", "副队长": "deputy", "队员": "none", "志愿者": "none"}
NO_STANDING = "none"
PROOF: Text = _("On the imported list")


def read_until(typed: str) -> date | None:
    """Until when a skill holds: a day, or yes for one that does not expire. Raises Invalid, also for no."""
    try:
        if read_flag(typed):
            return None
    except Invalid:
        return read_last_day(typed)
    raise Invalid("skill.no", _("Leave the cell empty where there is no such skill."))


@dataclass(frozen=True)
class VolunteerRowOrder:
    """A volunteer as a list gives them: who they are, what they can do until when, whether they lead their team."""

    volunteer: VolunteerOrder
    skills: dict[str, date | None]
    standing: str

    def values(self) -> Values:
        """The fields of its row as text."""
        held = {f"skill_{code}": _say_until(self.skills[code]) if code in self.skills else "" for code in SKILLS}
        return self.volunteer.values() | held | {"standing": self.standing or NO_STANDING}


def _say_until(until: date | None) -> str:
    return until.isoformat() if until else "yes"


class VolunteerSheetForm(VolunteerForm):
    """A row of the list of volunteers."""

    phone = CellField(_("Phone"), read_phone)
    standing = CellField(_("Standing"), choice_reader({**STANDINGS, NO_STANDING: ""}, STANDING_WORDS))
    skill_counsellor = CellField(SKILLS["counsellor"].name, read_until)
    skill_first_aid = CellField(SKILLS["first_aid"].name, read_until)
    skill_driver = CellField(SKILLS["driver"].name, read_until)
    skill_traffic_order = CellField(SKILLS["traffic_order"].name, read_until)
    skill_guide = CellField(SKILLS["guide"].name, read_until)
    skill_sign_language = CellField(SKILLS["sign_language"].name, read_until)
    skill_english = CellField(SKILLS["english"].name, read_until)

    def order(self) -> Any:
        """The order that a valid row gives."""
        said = {code: self[f"skill_{code}"] for code in SKILLS}
        skills = {code: field.value for code, field in said.items() if (field.data or "").strip()}
        standing = self.standing.value or ""
        return VolunteerRowOrder(super().order(), skills, "" if standing == NO_STANDING else standing)


def save_volunteer_row(order: VolunteerRowOrder, actor: Actor) -> None:
    """Save who they are, then what differs of what they can do and lead."""
    number = order.volunteer.staff_no
    known = volunteer_values(number).get(number)
    save_volunteer(order.volunteer, actor)
    wanted = order.values()
    for code in SKILLS:
        name = f"skill_{code}"
        if known is not None and known[name] == wanted[name]:
            continue
        if code in order.skills:
            set_skill(number, code, str(PROOF), order.skills[code], actor)
        elif known is not None:
            remove_skill(number, code, actor)
    if order.standing or (known is not None and known["standing"] != NO_STANDING):
        set_standing(number, order.standing, actor)


def volunteer_values(text: str = "") -> dict[str, Values]:
    """Every volunteer as a row, by staff number."""
    rows = list_volunteers(EVERYTHING, text)
    skills = list_skills([row.id for row in rows])
    orders = (VolunteerRowOrder(volunteer_order(row), skills.get(row.id, {}), row.standing) for row in rows)
    return {order.volunteer.staff_no: order.values() for order in orders}


def _masked_values() -> dict[str, Values]:
    return {number: row | {"phone": mask_phone(row["phone"])} for number, row in volunteer_values().items()}


def _phone_reader() -> Read:
    """A phone that is masked, as an export gives it, stands for the one that is stored."""
    phones = {row.staff_no: row.phone for row in list_volunteers(EVERYTHING)}

    def read(values: Values) -> tuple[Values, dict[str, Text]]:
        stored = phones.get(values.get("code", ""), "")
        is_masked = "*" in values.get("phone", "") and values["phone"] == mask_phone(stored)
        return (values | {"phone": stored} if is_masked else values), {}

    return read


def _volunteer_path(order: VolunteerRowOrder) -> str:
    team = find_team(order.volunteer.team) if order.volunteer.team else None
    organization = find_organization(order.volunteer.organization)
    group = team.path if team else organization.path if organization else ""
    return f"{group}{order.volunteer.staff_no}/" if group else ""


def _team_path(order: TeamOrder) -> str:
    organization = find_organization(order.organization)
    return f"{organization.path}{order.code}/" if organization else ""


@dataclass(frozen=True)
class FreeOrder:
    """On which halves of a day a volunteer is free; None where nothing is said."""

    staff_no: str
    day: date
    halves: dict[str, bool | None]

    def values(self) -> Values:
        """The fields of its row as text."""
        said = {half: "" if free is None else "yes" if free else "no" for half, free in self.halves.items()}
        return {"code": self.staff_no, "day": self.day.isoformat(), **said}


class FreeForm(CellForm):
    """A row of the list of who is free when."""

    code = CellField(_("Staff number"), read_code, is_required=True)
    day = CellField(_("Day"), read_last_day, is_required=True)
    morning = CellField(HALVES["morning"][0], read_flag)
    afternoon = CellField(HALVES["afternoon"][0], read_flag)
    evening = CellField(HALVES["evening"][0], read_flag)

    def order(self) -> FreeOrder:
        """The order that a valid row gives."""
        value = self.values
        return FreeOrder(value["code"], value["day"], {half: value[half] for half in HALVES})


def free_values() -> dict[str, Values]:
    """What was said so far, by staff number and day."""
    orders: dict[tuple[str, date], FreeOrder] = {}
    for number, day, half, is_free in list_said():
        orders.setdefault((number, day), FreeOrder(number, day, dict.fromkeys(HALVES))).halves[half] = is_free
    return {f"{number}/{day.isoformat()}": order.values() for (number, day), order in orders.items()}


def save_free(order: FreeOrder, actor: Actor) -> None:
    """Say it; a half of which nothing is said stays as it was."""
    said = {(order.day, half): free for half, free in order.halves.items() if free is not None}
    set_availability(order.staff_no, said, actor)


def _take_back(key: str, actor: Actor) -> None:
    staff_no, _slash, day = key.rpartition("/")
    set_availability(staff_no, {(date.fromisoformat(day), half): None for half in HALVES}, actor)


def _unsay_rest(values: Values, actor: Actor) -> None:
    """Take back the halves of which that row says nothing."""
    day = date.fromisoformat(values["day"])
    unsaid: dict[tuple[date, str], bool | None] = {(day, half): None for half in HALVES if not values[half]}
    set_availability(values["code"], unsaid, actor)


def _paths_of_days() -> dict[str, str]:
    paths = {row.staff_no: row.path for row in list_volunteers(EVERYTHING)}
    return {key: paths.get(key.partition("/")[0], "") for key in free_values()}


def _free_path(order: FreeOrder) -> str:
    row = find_volunteer(order.staff_no)
    return row.path if row else ""


_SKILL_HEADINGS: Headings = {
    "skill_counsellor": ("心理咨询", "counsellor"), "skill_first_aid": ("急救", "first_aid"),
    "skill_driver": ("驾驶", "driver"), "skill_traffic_order": ("交通疏导", "traffic_order"),
    "skill_guide": ("引导", "guide"), "skill_sign_language": ("手语", "sign_language"),
    "skill_english": ("英语", "english"),
}  # fmt: skip

TEAM_SHEET = SheetKind(
    name="teams", title=_("Teams"), topic=TOPIC, permission="volunteers.write", form=TeamForm,
    required=("code",),
    headings={
        "code": ("队伍编号", "team_code", "code"), "name": ("名称", "队名", "name"),
        "name_en": ("英文名", "name_en"), "kind": ("类型", "kind"),
        "organization": ("单位编号", "所属单位", "organization"),
    },
    current=lambda: {row.code: team_order(row).values() for row in list_teams(EVERYTHING)},
    save_order=save_team, remove=archive_team, path=_team_path,
    paths=lambda: {row.code: row.path for row in list_teams(EVERYTHING)}, owner="organization",
)  # fmt: skip

VOLUNTEER_SHEET = SheetKind(
    name="volunteers", title=_("Volunteers"), topic=TOPIC, permission="volunteers.write", form=VolunteerSheetForm,
    required=("code",),
    headings={
        "code": ("工号", "志愿者编号", "staff_no", "code"), "name": ("姓名", "name"),
        "team": ("队伍编号", "队伍", "team"), "organization": ("单位编号", "所属单位", "organization"),
        "phone": ("电话", "手机", "phone"), "born_on": ("出生日期", "born_on"),
        "guardian_consent": ("监护人同意", "guardian_consent"), "lat": ("纬度", "lat"), "lon": ("经度", "lon"),
        "standing": ("队内职务", "standing"), **_SKILL_HEADINGS,
    },
    current=volunteer_values, listed=_masked_values, reader=_phone_reader, save_order=save_volunteer_row,
    remove=withdraw_volunteer, path=_volunteer_path,
    paths=lambda: {row.staff_no: row.path for row in list_volunteers(EVERYTHING)}, owner="team",
)  # fmt: skip

AVAILABILITY_SHEET = SheetKind(
    name="availability", title=_("When volunteers are free"), topic=TOPIC, permission="volunteers.write",
    form=FreeForm, required=("code", "day"), keys=("code", "day"),
    headings={
        "code": ("工号", "志愿者编号", "staff_no", "code"), "day": ("日期", "day", "date"),
        "morning": ("上午", "morning"), "afternoon": ("下午", "afternoon"), "evening": ("晚上", "evening"),
    },
    refers={"code": Reference(lambda: (row.staff_no for row in list_volunteers(EVERYTHING)))},
    current=free_values, save_order=save_free, remove=_take_back, restore=_unsay_rest,
    paths=_paths_of_days, path=_free_path,
)  # fmt: skip
