"""The kinds of sheet that can be imported."""

from collections.abc import Sequence
from datetime import datetime

from stations.accounts.actions import save_organization
from stations.accounts.forms import OrganizationForm
from stations.accounts.queries import TOPIC as ORGANIZATIONS
from stations.accounts.queries import find_organization, list_organizations, organization_values
from stations.accounts.rules import Actor
from stations.fleet.actions.vehicles import archive_vehicle, save_vehicle
from stations.fleet.forms import VehicleForm
from stations.fleet.queries.topics import VEHICLES
from stations.fleet.queries.vehicles import list_vehicle_paths, lock_vehicles, vehicle_values
from stations.fleet.rules.vehicles import VehicleOrder
from stations.kernel.errors import Invalid
from stations.kernel.text import _
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
from stations.workflows.sheet_kind import Headings, Reference, SheetKind, Values
from stations.workflows.shift_sheets import AVAILABILITY_SHEET, TEAM_SHEET, VOLUNTEER_SHEET
from stations.workflows.stock_sheets import ITEM_SHEET, LIMITS_SHEET, STOCK_SHEET


def _path(order: StationOrder | VehicleOrder) -> str:
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


def _save_vehicles(rows: Sequence[Values], _run_id: int, actor: Actor) -> None:
    # All at first: who sends one of them meanwhile must not wait for the audit trail, nor hold what this waits for.
    lock_vehicles([row["code"] for row in rows])
    for values in rows:
        save_vehicle(VEHICLE_SHEET.get_order(values), actor)


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
    path=_path, paths=list_paths, owner="organization",
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
    current=sheets.gate_values, save_order=save_gate, remove=_remove_gate, refers={"site": Reference(list_site_codes)},
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
    form=OrganizationForm, required=("code",), fixed=("parent",),
    refers={"parent": Reference(_list_organization_codes, is_own=lambda _row: True)},
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

VEHICLE_SHEET = SheetKind(
    name="vehicles", title=_("Vehicles"), topic=VEHICLES, permission="fleet.write", form=VehicleForm,
    required=("code",),
    headings={
        "code": ("车辆编号", "vehicle_code", "code"), "plate": ("车牌", "车牌号", "plate"),
        "kind": ("车型", "kind"), "seats": ("座位", "座位数", "seats"),
        "organization": ("所属单位", "单位编号", "organization", "organisation"),
        "station": ("基地站点", "基地", "base_station", "station"), "sticker_no": ("贴纸号", "车贴号", "sticker_no"),
        "crew_phone": ("司机电话", "电话", "crew_phone", "phone"),
        "licence_until": ("驾驶证有效期", "licence_until", "license_until"),
        "registration_until": ("行驶证有效期", "registration_until"),
        "insurance_until": ("保险有效期", "insurance_until"),
        "driver_checked_on": ("驾驶员检查日期", "driver_checked_on"),
        "wheelchair": ("无障碍", "wheelchair"), "duty": ("值班时间", "duty"),
    },
    current=vehicle_values, save_rows=_save_vehicles, remove=archive_vehicle,
    path=_path, paths=list_vehicle_paths, owner="organization",
)  # fmt: skip

KINDS: dict[str, SheetKind] = {
    kind.name: kind
    for kind in (
        STATION_SHEET, SITE_SHEET, GATE_SHEET, LANDMARK_SHEET, DISTRICT_SHEET, ORGANIZATION_SHEET, SESSION_SHEET,
        ITEM_SHEET, STOCK_SHEET, LIMITS_SHEET, VEHICLE_SHEET, TEAM_SHEET, VOLUNTEER_SHEET, AVAILABILITY_SHEET,
    )
}  # fmt: skip
