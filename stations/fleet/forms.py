"""Forms of the fleet: one for the page and a row of a sheet alike."""

import re
import unicodedata
from datetime import date

from stations.fleet.queries.vehicles import list_bases, list_posts
from stations.fleet.rules.bookings import BOOKING_KINDS, BOOKING_WORDS
from stations.fleet.rules.vehicles import (
    DUTY,
    KIND_WORDS,
    KINDS,
    MOST_SEATS,
    STATES,
    VehicleFile,
    VehicleOrder,
    VehicleState,
)
from stations.kernel import clock
from stations.kernel.cells import read_flag, read_hours, read_last_day, read_phone, read_time, read_whole
from stations.kernel.errors import Invalid
from stations.kernel.forms import (
    CellField,
    CellForm,
    HiddenField,
    choice_reader,
    read_code,
    read_request_id,
    text_reader,
)
from stations.kernel.text import _
from stations.places.forms import read_organization
from stations.seasons.queries import get_calendar

# As 京A·12345, new-energy 京AD12345, 学 and 警 at the end; the dot is ours wherever it was typed or not.
_PLATE = re.compile(r"([\u4e00-\u9fff][A-Z])([A-Z0-9]{4,6}[\u4e00-\u9fff]?)")
_PLATE_MARKS = re.compile(r"[\s·•‧・.\-]")


def read_plate(typed: str) -> str:
    """A plate in one spelling: "京a 12345" -> "京A·12345". Raises Invalid."""
    match = _PLATE.fullmatch(_PLATE_MARKS.sub("", unicodedata.normalize("NFKC", typed).upper()))
    if match is None:
        raise Invalid("plate.form", _('"%(text)s" is not a plate. Write it as 京A·12345.', text=typed[:40]))
    return f"{match[1]}·{match[2]}"


def read_seats(typed: str) -> int:
    """How many can be carried."""
    seats = read_whole(typed)
    if not 1 <= seats <= MOST_SEATS:
        raise Invalid("seats.range", _("A vehicle has 1 to %(most)s seats.", most=MOST_SEATS))
    return seats


def read_base(typed: str) -> str:
    """The code of a station from its code or its name."""
    bases = list_bases()
    named = [code for code, base in bases.items() if base.name == typed]
    if typed in bases or len(named) == 1:
        return typed if typed in bases else named[0]
    raise Invalid("station.unknown", _("There is no station %(name)s.", name=typed[:40]))


def read_duty(typed: str) -> tuple[int, int]:
    """One span of a day in minutes since midnight."""
    spans = read_hours(typed)
    if len(spans) > 1:
        raise Invalid("duty.one", _("Duty is one span, such as 06:00-19:00."))
    return spans[0]


def read_check_day(typed: str) -> date:
    """The day on which the driver was checked: no day that is still to come."""
    day = read_last_day(typed)
    if day > clock.now().astimezone(get_calendar().zone).date():
        raise Invalid("check.ahead", _("The driver is checked on the day, not ahead of it."))
    return day


def read_gate(typed: str) -> int:
    """The id of a gate from "site/gate"."""
    post = list_posts().get(typed)
    if post is None:
        raise Invalid("gate.unknown", _("There is no such gate."))
    return post.gate_id


class VehicleForm(CellForm):
    """A vehicle and its file."""

    code = CellField(_("Vehicle code"), read_code, is_required=True)
    plate = CellField(_("Plate"), read_plate, is_required=True)
    kind = CellField(_("Kind"), choice_reader(KINDS, KIND_WORDS), is_required=True)
    seats = CellField(_("Seats"), read_seats, is_required=True)
    wheelchair = CellField(_("Takes a wheelchair"), read_flag)
    organization = CellField(_("Owned by"), read_organization, is_required=True)
    station = CellField(_("Base station"), read_base, is_required=True)
    sticker_no = CellField(_("Sticker number"), text_reader(20))
    crew_phone = CellField(_("Crew's phone"), read_phone)
    duty = CellField(_("Duty hours"), read_duty, hint=_("One span; 06:00-19:00 when left empty"))
    licence_until = CellField(_("Driving licence good until"), read_last_day)
    registration_until = CellField(_("Registration good until"), read_last_day)
    insurance_until = CellField(_("Insurance good until"), read_last_day)
    driver_checked_on = CellField(_("Driver checked on"), read_check_day)
    version = HiddenField(_("Version"), read_whole)
    request_id = HiddenField(_("Request id"), read_request_id)

    def order(self) -> VehicleOrder:
        """The order that a valid form gives."""
        value = self.values
        papers = ("licence_until", "registration_until", "insurance_until", "driver_checked_on")
        return VehicleOrder(
            code=value["code"], plate=value["plate"], kind=value["kind"], seats=value["seats"],
            has_wheelchair=bool(value["wheelchair"]), organization=value["organization"], station=value["station"],
            sticker_no=value["sticker_no"] or "", crew_phone=value["crew_phone"] or "", duty=value["duty"] or DUTY,
            file=VehicleFile(*(value[name] for name in papers)), version=value["version"],
        )  # fmt: skip


class StandbyForm(CellForm):
    """Where a vehicle is told to stand by, or that it goes off duty."""

    state = CellField(_("State"), choice_reader({s.value: s for s in VehicleState}, {}), is_required=True)
    gate = CellField(_("Where"), read_gate)
    reason = CellField(_("Reason"), text_reader(200))
    request_id = HiddenField(_("Request id"), read_request_id, is_required=True)


class VehicleSearchForm(CellForm):
    """The search of the list of vehicles."""

    q = CellField(_("Code, plate, sticker, base or host"), text_reader(80))
    state = CellField(_("State"), choice_reader({**STATES, "missing": None}, {}))
    page = CellField(_("Page"), read_whole)


class BookingForm(CellForm):
    """A span of a vehicle's time, on one day of the season's zone."""

    vehicle = CellField(_("Vehicle code"), read_code, is_required=True)
    kind = CellField(_("Kind"), choice_reader(BOOKING_KINDS, BOOKING_WORDS), is_required=True)
    day = CellField(_("Day"), read_last_day, is_required=True)
    starts = CellField(_("Begins at"), read_time, is_required=True)
    ends = CellField(_("Ends at"), read_time, is_required=True)
    place = CellField(_("Where"), text_reader(120))
    request_id = HiddenField(_("Request id"), read_request_id, is_required=True)


class BookingSearchForm(CellForm):
    """Which day of the calendar."""

    day = CellField(_("Day"), read_last_day)
