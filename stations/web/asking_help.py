"""Asking for help: one form for the public, a station's desk and the dispatchers. It has no field for a person."""

from dataclasses import dataclass
from datetime import datetime

from werkzeug.datastructures import MultiDict

from stations.fleet.actions.requests import ask
from stations.fleet.rules.requests import KIND_NAMES, HelpKind, HelpOrder
from stations.kernel import replay
from stations.kernel.cells import read_flag, read_number, read_phone, read_whole
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Invalid
from stations.kernel.forms import (
    CellField,
    CellForm,
    HiddenField,
    choice_reader,
    code_reader,
    read_request_id,
    text_reader,
)
from stations.kernel.geo.datum import read_point
from stations.kernel.text import Text, _
from stations.places.queries.anchoring import find_sure_match, list_alike_sites, list_matches
from stations.places.queries.atlas import Atlas
from stations.places.queries.rows import SiteRow, StationRow
from stations.seasons.queries import get_calendar
from stations.web.asking import this_atlas
from stations.web.context import new_request_id

ACTION = "help.ask"
MOST_CHOICES = 6
OTHERS = 4  # of what a name finds, at least this part are exam sites
# Where a refused field is mended, in the order of the page; what only a script fills is said where one types instead.
ANCHORS = {
    "kind": f"kind-{next(iter(KIND_NAMES))}", "station": "place", "is_located": "place", "lat": "place", "lon": "place",
    "place": "place", "site": "typed", "is_site_checked": "is_site_checked", "typed": "typed", "phone": "phone",
    "seats": "seats", "needs_wheelchair": "needs_wheelchair", "wanted_at": "wanted_at",
}  # fmt: skip
PREFILLED = ("kind", "site", "station", "place")  # what a link may say; never the request id


def read_local_moment(typed: str) -> datetime:
    """2027-06-07T11:30 in the season's zone, or with a zone of its own."""
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        raise Invalid("moment.form", _("Write the time as 2027-06-07T11:30.")) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=get_calendar().zone)


class HelpForm(CellForm):
    """What has happened, where they are, which exam site, and perhaps a phone."""

    kind = CellField(_("What has happened?"), choice_reader(KIND_NAMES, {}), is_required=True)
    site = CellField(_("Exam site"), code_reader(40))
    typed = CellField(_("Exam site by name"), text_reader(80))
    is_site_checked = CellField(_("Compared with the admission ticket"), read_flag)
    station = CellField(_("Station"), code_reader(40))
    is_located = CellField(_("Send my position"), read_flag)
    lat = CellField(_("Latitude"), lambda typed: read_number(typed, limit=180))
    lon = CellField(_("Longitude"), lambda typed: read_number(typed, limit=180))
    place = CellField(_("Place"), text_reader(120))
    phone = CellField(_("Phone"), read_phone)
    seats = CellField(_("People"), read_whole)
    needs_wheelchair = CellField(_("With a wheelchair"), read_flag)
    wanted_at = CellField(_("Not now, but at"), read_local_moment)
    request_id = HiddenField(_("Request id"), read_request_id, is_required=True)

    def order(self, target: "Target") -> HelpOrder:
        """The order that a valid form gives. Refused while it is not certain which exam site is meant."""
        value, point = self.values, self._point()
        if value["kind"] == HelpKind.PAPERS and point is None and not value["place"]:
            raise Invalid("place.papers", _("Please say where the papers are."), field="place")
        return HelpOrder(
            kind=HelpKind(value["kind"]), site=target.get_code(value["typed"] or ""), station=value["station"] or "",
            place=value["place"] or "", point=point, seats=1 if value["seats"] is None else value["seats"],
            needs_wheelchair=bool(value["needs_wheelchair"]), phone=value["phone"] or "",
            is_site_checked=bool(value["is_site_checked"]) and not value["typed"], wanted_at=value["wanted_at"],
        )  # fmt: skip

    def _point(self) -> tuple[float, float] | None:
        """The position, where they let it be sent."""
        if not self.is_located.value:
            return None
        if self.lat.value is None or self.lon.value is None:
            message = _("The position did not come with it. Please type where you are, or untick the box.")
            raise Invalid("position.missing", message, field="is_located")
        point = read_point(self.lat.value, self.lon.value)
        return point.lat, point.lon


@dataclass(frozen=True)
class Target:
    """The exam sites that a form may mean: `chosen` where that is certain; `choices` to compare, it among them."""

    chosen: SiteRow | None = None
    choices: tuple[SiteRow, ...] = ()

    @property
    def is_alike(self) -> bool:
        """Whether people confuse some of them."""
        return any(site.alike for site in self.choices)

    def get_code(self, typed: str) -> str:
        """The code of the chosen one. Raises Invalid."""
        if self.chosen is not None:
            return self.chosen.code
        if self.choices:
            message = _("Please choose the exam site that is on the admission ticket.")
            raise Invalid("site.choose", message, field="site")
        if typed:
            message = _('No exam site is called "%(typed)s". Try the name of the school, or pinyin.', typed=typed)
            raise Invalid("site.unknown", message, field="typed")
        raise Invalid("site.missing", _("Please choose the exam site."), field="typed")


@dataclass(frozen=True)
class Wrong:
    """A refused field: the id of what to mend, what it is called, what is said of it."""

    anchor: str
    label: Text
    message: str


@dataclass(frozen=True)
class Asking:
    """What a page draws of a form."""

    form: HelpForm
    target: Target
    station: StationRow | None

    @property
    def wrongs(self) -> list[Wrong]:
        """The refused fields, in the order of the page."""
        return [
            Wrong(self._anchor(name), self.form[name].label.text, " ".join(map(str, self.form[name].errors)))
            for name in ANCHORS
            if self.form[name].errors
        ]

    @property
    def focus(self) -> str:
        """The id of what to mend first; empty where nothing is wrong."""
        return self.wrongs[0].anchor if self.wrongs else ""

    def _anchor(self, name: str) -> str:
        choices = self.target.choices
        return f"site-{choices[0].code}" if name == "site" and choices else ANCHORS[name]


def open_form(given: "MultiDict[str, str]") -> HelpForm:
    """The form that a link leads to, with what the link says of kind, site and place."""
    known = {name: given[name] for name in PREFILLED if given.get(name)}
    form = HelpForm(MultiDict({**known, "request_id": new_request_id()}))
    form.validate()
    for name in PREFILLED:
        if form[name].errors:
            form[name].data = None
        form[name].errors = []
    return form


def picture(form: HelpForm) -> Asking:
    """What there is to draw of a form, whole or refused. What was typed of a site has become choices, where it did."""
    atlas = this_atlas()
    target = find_target(atlas, form)
    if form.request_id.errors:
        form.request_id.data = new_request_id()
    if form.typed.value and target.choices:
        form.typed.data = form.is_site_checked.data = None
    return Asking(form, target, atlas.find_station(form.station.value or ""))


def ask_once(form: HelpForm, asked_by: str) -> replay.Answer:
    """Send what the form says, once whatever is sent twice; its id and the asker's key. Raises Refused."""
    form.require()
    order = form.order(find_target(this_atlas(), form))
    return run_in_transaction(
        lambda: replay.once(form.request_id.value, ACTION, asked_by, lambda: ask(order, asked_by))
    )


def find_target(atlas: Atlas, form: HelpForm) -> Target:
    """What is typed goes before what is ticked; a name that may mean several gives them all to choose from."""
    typed = form.typed.value or ""
    if typed:
        sure = find_sure_match(atlas, typed)
        if sure is not None and sure.kind == "site":
            return Target(atlas.sites[sure.code], (atlas.sites[sure.code],))
        found = [match.code for match in list_matches(atlas, typed, MOST_CHOICES * OTHERS) if match.kind == "site"]
        return Target(None, tuple(atlas.sites[code] for code in found[:MOST_CHOICES]))
    site = atlas.sites.get(form.site.value or "")
    return Target(site, (site, *list_alike_sites(atlas, site))) if site else Target()
