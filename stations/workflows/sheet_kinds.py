"""The kinds of sheet that can be imported: their columns, the form that reads a row, the action that saves it."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stations.accounts.actions import save_organization
from stations.accounts.forms import OrganizationForm
from stations.accounts.queries import TOPIC as ORGANIZATIONS
from stations.accounts.queries import find_organization, list_organizations, organization_values
from stations.accounts.rules import Actor
from stations.kernel.errors import Invalid
from stations.kernel.forms import CellForm, form_data
from stations.kernel.text import Text, _
from stations.places.actions.anchors import remove_district, remove_landmark, save_district, save_landmark
from stations.places.actions.sites import archive_site, remove_gate, save_gate, save_site
from stations.places.actions.stations import archive_station, save_station
from stations.places.forms import DistrictForm, GateForm, LandmarkForm, SiteForm, StationForm
from stations.places.queries import sheets
from stations.places.queries.loading import SITES, STATIONS
from stations.places.queries.stations import list_paths, list_site_codes
from stations.places.rules.orders import StationOrder
from stations.seasons.actions import remove_session, restore_confirmation, save_session
from stations.seasons.forms import SessionForm
from stations.seasons.queries import TOPIC as SEASONS
from stations.seasons.queries import session_values
from stations.seasons.rules import SessionOrder

Values = dict[str, str]
Headings = Mapping[str, Sequence[str]]

NOT_HERE: Text = _("Your account may not do this here.")


@dataclass(frozen=True)
class SheetKind:
    """One kind of sheet. The first of each field's headings stands in the template.

    `permission` is needed to save a row; where rows belong to somebody, `path` gives the path of an order and `paths`
    those of all that is stored, archived or not. `current` reads everything of the kind as text, by key. `refers`
    names the fields that hold the code of something and gives the codes there are; `fixed` those that stay as they
    were first saved. `topic` is the revision that a write raises. `restore` puts back, after an undo has saved a row
    as it was, what `current` gives and no sheet brings."""

    name: str
    title: Text
    topic: str
    permission: str
    form: type[CellForm]
    headings: Headings
    required: tuple[str, ...]
    current: Callable[[], dict[str, Values]]
    save_order: Callable[[Any, Actor], Any]
    remove: Callable[[str, Actor], Any]
    path: Callable[[Any], str] | None = None
    paths: Callable[[], dict[str, str]] = dict
    refers: Mapping[str, Callable[[], Iterable[str]]] = field(default_factory=dict)
    fixed: tuple[str, ...] = ()
    keys: tuple[str, ...] = ("code",)
    restore: Callable[[Values, Actor], None] = lambda _values, _actor: None

    def key(self, values: Values) -> str:
        """What tells rows apart, in the spelling that the form will read; empty where a part of it is missing."""
        parts = [unicodedata.normalize("NFKC", values.get(name, "")).strip() for name in self.keys]
        return "/".join(parts) if all(parts) else ""

    def read(self, values: Values, actor: Actor) -> tuple[Values, dict[str, Text]]:
        """A row as it will read back once saved, or what is wrong with it by field."""
        form = self.form(form_data({name: value for name, value in values.items() if value}))
        if not form.validate():
            return values, form.problems
        order = form.order()
        if not actor.may(self.permission, self.path(order) if self.path else None):
            return values, {"organization" if self.path else "code": NOT_HERE}
        return order.values(), {}

    def save(self, values: Values, actor: Actor) -> None:
        """Save a row by the action that a page would use."""
        form = self.form(form_data({name: value for name, value in values.items() if value}))
        if not form.validate():
            name, message = next(iter(form.problems.items()))
            raise Invalid("import.row", message, field=name)
        self.save_order(form.order(), actor)


def _station_path(order: StationOrder) -> str:
    organization = find_organization(order.organization)
    return f"{organization.path}{order.code}/" if organization else ""


def _list_organization_codes() -> list[str]:
    return [row.code for row in list_organizations()]


def _save_session(order: SessionOrder, actor: Actor) -> None:
    actor.require("seasons.write")
    save_session(order, actor.username)


def _restore_session(values: Values, actor: Actor) -> None:
    actor.require("seasons.write")
    if values["confirmed_by"]:
        confirmed_at = datetime.fromisoformat(values["confirmed_at"])
        restore_confirmation(values["code"], values["confirmed_by"], confirmed_at, actor.username)


def _remove_session(code: str, actor: Actor) -> None:
    actor.require("seasons.write")
    remove_session(code, actor.username)


def _remove_organization(_code: str, _actor: Actor) -> None:
    raise Invalid("organization.stays", _("An organization cannot be taken back once it was added."))


def _remove_gate(key: str, actor: Actor) -> None:
    site, _slash, code = key.partition("/")
    remove_gate(site, code, actor)


_CODE: Headings = {"code": ("编号", "代码", "code", "station_code", "site_code", "gate_code", "landmark_code")}
_NAME: Headings = {"name": ("名称", "名字", "name"), "name_en": ("英文名", "name_en", "english name")}
_DISTRICT: Headings = {"district": ("区县", "区", "district")}
_POSITION: Headings = {
    "lat": ("纬度", "lat", "latitude"),
    "lon": ("经度", "lon", "lng", "longitude"),
    "datum": ("坐标系", "crs", "datum"),
}
_STEP_FREE: Headings = {"step_free": ("无台阶", "step_free", "wheelchair")}

STATION_SHEET = SheetKind(
    name="stations", title=_("Stations"), topic=STATIONS, permission="places.write", form=StationForm,
    required=("code",),
    headings={
        **_CODE, "name": ("名称", "站点名称", "name"), "kind": ("类型", "类别", "kind"),
        "organization": ("单位编号", "主办单位", "organization", "organisation"), **_DISTRICT,
        "address": ("地址", "address"), **_POSITION, "phone": ("电话", "联系电话", "phone"),
        "services": ("服务项目", "服务", "services"), "access": ("无障碍", "access"),
        "hours": ("开放时间", "营业时间", "hours"), "exceptions": ("特殊日期", "exceptions"),
        "verified_at": ("核实时间", "verified_at"),
    },
    current=sheets.station_values, save_order=save_station, remove=archive_station,
    path=_station_path, paths=list_paths,
)  # fmt: skip

SITE_SHEET = SheetKind(
    name="exam-sites", title=_("Exam sites"), topic=SITES, permission="sites.write", form=SiteForm,
    required=("code",),
    headings={
        **_CODE, "name": ("名称", "考点名称", "name"), "aliases": ("别名", "aliases"), **_DISTRICT,
        "campus": ("校区", "campus"), "address": ("地址", "address"), **_POSITION,
        "examinees": ("考生人数", "examinees"),
    },
    current=sheets.site_values, save_order=save_site, remove=archive_site,
)  # fmt: skip

GATE_SHEET = SheetKind(
    name="gates", title=_("Gates"), topic=SITES, permission="sites.write", form=GateForm,
    required=("site", "code"), keys=("site", "code"),
    headings={"site": ("考点编号", "site", "site_code"), "code": ("入口编号", "code", "gate_code"),
              "name": ("入口名称", "name"), **_POSITION, **_STEP_FREE},
    current=sheets.gate_values, save_order=save_gate, remove=_remove_gate, refers={"site": list_site_codes},
)  # fmt: skip

LANDMARK_SHEET = SheetKind(
    name="landmarks", title=_("Landmarks"), topic=SITES, permission="sites.write", form=LandmarkForm,
    required=("code",),
    headings={**_CODE, "kind": ("类型", "kind"), **_NAME, **_POSITION, **_STEP_FREE},
    current=sheets.landmark_values, save_order=save_landmark, remove=remove_landmark,
)  # fmt: skip

DISTRICT_SHEET = SheetKind(
    name="districts", title=_("Districts"), topic=SITES, permission="sites.write", form=DistrictForm,
    required=("code",),
    headings={**_CODE, **_NAME, **_POSITION},
    current=sheets.district_values, save_order=save_district, remove=remove_district,
)  # fmt: skip

ORGANIZATION_SHEET = SheetKind(
    name="organizations", title=_("Organizations"), topic=ORGANIZATIONS, permission="accounts.write",
    form=OrganizationForm, required=("code",), refers={"parent": _list_organization_codes}, fixed=("parent",),
    headings={**_CODE, **_NAME, "kind": ("类型", "kind"), "parent": ("上级编号", "parent")},
    current=organization_values, save_order=save_organization, remove=_remove_organization,
)  # fmt: skip

SESSION_SHEET = SheetKind(
    name="sessions", title=_("Exam sessions"), topic=SEASONS, permission="seasons.write", form=SessionForm,
    required=("code",),
    headings={
        **_CODE, "subject": ("科目", "subject"), "subject_en": ("英文科目", "subject_en"),
        "date": ("日期", "date", "day"),
        "start": ("开始", "start"), "end": ("结束", "end"), "entry_closes": ("停止入场", "entry_closes"),
        "other_entry_closes": ("另一来源停止入场", "other_entry_closes"), "source": ("来源", "source"),
        "rule": ("规则", "entry_rule", "rule"),
    },
    current=session_values, save_order=_save_session, remove=_remove_session, restore=_restore_session,
)  # fmt: skip

KINDS: dict[str, SheetKind] = {
    kind.name: kind
    for kind in (
        STATION_SHEET, SITE_SHEET, GATE_SHEET, LANDMARK_SHEET, DISTRICT_SHEET, ORGANIZATION_SHEET, SESSION_SHEET
    )
}  # fmt: skip
