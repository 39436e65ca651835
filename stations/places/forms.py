"""Forms of places: one for the page, the API and a row of a sheet alike."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from stations.accounts.queries import find_organization
from stations.kernel.cells import read_flag, read_hours, read_list, read_number, read_phone, read_whole
from stations.kernel.errors import Invalid
from stations.kernel.forms import (
    CellField,
    CellForm,
    ChoicesField,
    HiddenField,
    LongField,
    Read,
    choice_reader,
    code_reader,
    read_code,
    read_request_id,
    text_reader,
)
from stations.kernel.geo.datum import Datum, Point, read_point
from stations.kernel.text import Text, _
from stations.places.queries.loading import find_district
from stations.places.rules import (
    ACCESS,
    LANDMARK_KINDS,
    NEED_WORDS,
    NEEDS,
    SERVICES,
    STATION_KINDS,
    Hours,
    StationState,
)
from stations.places.rules.catalogue import ACCESS_WORDS, KIND_WORDS, SERVICE_WORDS
from stations.places.rules.hours import read_exceptions, read_weekly
from stations.places.rules.orders import DistrictOrder, GateOrder, LandmarkOrder, SiteOrder, StationOrder

DATUMS: dict[str, Text] = {
    "wgs84": _("WGS-84 (GPS)"),
    "gcj02": _("GCJ-02 (Amap, Tencent)"),
    "bd09": _("BD-09 (Baidu)"),
}
DATUM_WORDS = {
    "WGS84": "wgs84",
    "WGS-84": "wgs84",
    "GCJ02": "gcj02",
    "GCJ-02": "gcj02",
    "BD09": "bd09",
    "BD-09": "bd09",
}


def read_district(typed: str) -> str:
    """The district's name from its name, English name or code."""
    district = find_district(typed)
    if district is None:
        raise Invalid("district.unknown", _("There is no district %(name)s.", name=typed[:40]))
    return district.name


def read_organization(typed: str) -> str:
    """The organization's code from its code or name."""
    organization = find_organization(typed)
    if organization is None:
        raise Invalid("organization.unknown", _("There is no organization %(code)s.", code=typed[:40]))
    return organization.code


def _degrees(typed: str) -> float:
    try:
        return float(typed)
    except ValueError:
        return read_number(typed, limit=180)


def limit_reader(most: int) -> Read:
    """Reads how many rows are wanted: 1 to `most`."""

    def read(typed: str) -> int:
        number = read_whole(typed)
        if not 1 <= number <= most:
            raise Invalid("limit.range", _("Ask for 1 to %(most)s.", most=most))
        return number

    return read


def read_moment(typed: str) -> datetime:
    """An ISO time with its zone."""
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Invalid("moment.form", _("Write the time as 2027-06-07T07:30:00+08:00."))
    return moment


class PointForm(CellForm):
    """A position in any of the three datums."""

    lat = CellField(_("Latitude"), _degrees, is_required=True)
    lon = CellField(_("Longitude"), _degrees, is_required=True)
    datum = CellField(_("Datum"), choice_reader(DATUMS, DATUM_WORDS), default="wgs84")

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Each field by itself, then whether both degrees lie in China; `point` is then in WGS-84."""
        is_valid: bool = super().validate(extra_validators)
        self.point: Point | None = None
        if not (self.lat.errors or self.lon.errors or self.datum.errors):
            try:
                self.point = read_point(self.lat.value, self.lon.value, Datum(self.datum.value or "wgs84"))
            except Invalid as refusal:
                self[refusal.field or "lat"].errors = [refusal.message]
                return False
        return is_valid


class StationForm(PointForm):
    """A station."""

    code = CellField(_("Code"), read_code, is_required=True)
    name = CellField(_("Name"), text_reader(120), is_required=True)
    kind = CellField(_("Kind"), choice_reader(STATION_KINDS, KIND_WORDS), is_required=True)
    organization = CellField(_("Organization"), read_organization, is_required=True)
    district = CellField(_("District"), read_district, is_required=True)
    address = CellField(_("Address"), text_reader(200))
    phone = CellField(_("Phone"), read_phone)
    services = ChoicesField(_("Services"), SERVICES, SERVICE_WORDS, read_list)
    access = ChoicesField(_("Access"), ACCESS, ACCESS_WORDS, read_list)
    hours = CellField(
        _("Hours"),
        lambda typed: read_weekly(typed, read_hours),
        hint=_("07:00-18:30, or Mon-Fri 07:00-18:30; Sat 09:00-12:00"),
    )
    exceptions = LongField(
        _("Dated exceptions"),
        lambda typed: read_exceptions(typed, read_hours),
        hint=_("One a line: 2027-06-09 08:00-12:00, or 2027-06-10 closed"),
    )
    verified_at = CellField(_("Verified at"), read_moment)
    version = HiddenField(_("Version"), read_whole)
    request_id = HiddenField(_("Request id"), read_request_id)

    def order(self) -> StationOrder:
        """The order that a valid form gives."""
        assert self.point is not None
        value = self.values
        return StationOrder(
            code=value["code"], name=value["name"], kind=value["kind"], organization=value["organization"],
            district=value["district"], address=value["address"] or "", point=self.point, phone=value["phone"] or "",
            offers=frozenset(value["services"] + value["access"]),
            hours=Hours(value["hours"] or ((),) * 7, value["exceptions"] or {}),
            verified_at=value["verified_at"], version=value["version"],
        )  # fmt: skip


class SiteForm(PointForm):
    """An exam site."""

    code = CellField(_("Code"), read_code, is_required=True)
    name = CellField(_("Name"), text_reader(120), is_required=True)
    aliases = CellField(_("Other names"), text_reader(400), hint=_("Separated by semicolons"))
    district = CellField(_("District"), read_district, is_required=True)
    campus = CellField(_("Campus"), text_reader(80))
    address = CellField(_("Address"), text_reader(200))
    examinees = CellField(_("Examinees"), read_whole)
    version = HiddenField(_("Version"), read_whole)
    request_id = HiddenField(_("Request id"), read_request_id)

    def order(self) -> SiteOrder:
        """The order that a valid form gives."""
        assert self.point is not None
        value = self.values
        return SiteOrder(
            code=value["code"], name=value["name"], aliases=tuple(read_list(value["aliases"] or "")),
            district=value["district"], campus=value["campus"] or "", address=value["address"] or "",
            point=self.point, examinees=value["examinees"], version=value["version"],
        )  # fmt: skip


class GateForm(PointForm):
    """A gate of an exam site."""

    site = CellField(_("Exam site"), read_code, is_required=True)
    code = CellField(_("Code"), code_reader(20), is_required=True)
    name = CellField(_("Name"), text_reader(60), is_required=True)
    step_free = CellField(_("Step-free"), read_flag)
    request_id = HiddenField(_("Request id"), read_request_id)

    def order(self) -> GateOrder:
        """The order that a valid form gives."""
        assert self.point is not None
        value = self.values
        return GateOrder(value["site"], value["code"], value["name"], self.point, value["step_free"])


class LandmarkForm(PointForm):
    """A metro station or an exit of one."""

    code = CellField(_("Code"), read_code, is_required=True)
    kind = CellField(_("Kind"), choice_reader(LANDMARK_KINDS, {}), is_required=True)
    name = CellField(_("Name"), text_reader(80), is_required=True)
    name_en = CellField(_("English name"), text_reader(120))
    step_free = CellField(_("Step-free"), read_flag)

    def order(self) -> LandmarkOrder:
        """The order that a valid form gives."""
        assert self.point is not None
        value = self.values
        return LandmarkOrder(
            value["code"], value["kind"], value["name"], value["name_en"] or "", self.point, value["step_free"]
        )


class DistrictForm(PointForm):
    """A district."""

    code = CellField(_("Code"), code_reader(12), is_required=True)
    name = CellField(_("Name"), text_reader(40), is_required=True)
    name_en = CellField(_("English name"), text_reader(60))

    def order(self) -> DistrictOrder:
        """The order that a valid form gives."""
        assert self.point is not None
        value = self.values
        return DistrictOrder(value["code"], value["name"], value["name_en"] or "", self.point)


class StateForm(CellForm):
    """What the lead says of a station: open, paused, closed; or, without a state, that all is as shown."""

    state = CellField(_("State"), choice_reader({s.value: s for s in StationState if s != "planned"}, {}))
    reason = CellField(_("Reason"), text_reader(200))
    request_id = HiddenField(_("Request id"), read_request_id, is_required=True)


class NearestForm(CellForm):
    """The public question: what is near what, with what. At most one of site, place and position is asked for."""

    q = CellField(_("Search"), text_reader(80))
    site = CellField(_("Exam site"), read_code)
    place = CellField(_("Place"), text_reader(60))
    lat = CellField(_("Latitude"), _degrees)
    lon = CellField(_("Longitude"), _degrees)
    need = ChoicesField(_("Needs"), NEEDS, NEED_WORDS, read_list)
    open = CellField(_("Open now"), read_flag)
    limit = CellField(_("Number"), limit_reader(50))

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Each field by itself, then that the position is whole and the question one; `point` is the position."""
        is_valid: bool = super().validate(extra_validators)
        self.point: Point | None = None
        if not is_valid:
            return False
        try:
            self.point = self._read_position()
        except Invalid as refusal:
            self[refusal.field or "lat"].errors = [refusal.message]
            return False
        return True

    def _read_position(self) -> Point | None:
        lat, lon = self.lat.value, self.lon.value
        if (lat is None) != (lon is None):
            missing = "lon" if lon is None else "lat"
            raise Invalid("position.half", _("A position needs both lat and lon."), field=missing)
        asked = [name for name in ("site", "place", "lat") if self[name].value is not None]
        if len(asked) > 1:
            raise Invalid("position.twice", _("Ask for a site, a place or a position, not several."), field=asked[1])
        return None if lat is None else read_point(lat, lon)
