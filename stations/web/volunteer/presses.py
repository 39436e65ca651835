"""One press of a button on a volunteer's pages: read, done once, in its own transaction."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from werkzeug.datastructures import MultiDict

from stations.feedback.rules import TOPIC_NAMES, WHO_NAMES, TalkOrder
from stations.kernel import clock, replay
from stations.kernel.cells import read_degrees, read_instant
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.forms import (
    CellField,
    CellForm,
    HiddenField,
    choice_reader,
    read_code,
    read_request_id,
    text_reader,
)
from stations.kernel.text import Text, _
from stations.shifts.actions.acting import Oneself, leader_of, oneself
from stations.shifts.actions.attendance import check_in, check_out
from stations.shifts.actions.dropping import acknowledge, drop
from stations.shifts.actions.knowing import set_availability, set_companion, set_wishes
from stations.shifts.actions.placing import PlaceOrder, place
from stations.shifts.actions.swapping import agree_swap, ask_swap, refuse_swap, withdraw_swap
from stations.shifts.actions.volunteers import forget_volunteer, withdraw_volunteer
from stations.shifts.actions.waiting import accept_offer, join_waiting, leave_waiting
from stations.shifts.queries.assignments import get_assignment
from stations.shifts.queries.stand_ins import list_stand_ins
from stations.shifts.queries.volunteers import VolunteerRow
from stations.shifts.rules.attendance import Where
from stations.shifts.rules.states import Source
from stations.web.addresses import read_id
from stations.workflows import counselling

Fields = MultiDict[str, str]
ANYBODY = "anybody"
FREE, POST, STATION = "free.", "post.", "station."
YES_NO: Mapping[str, bool] = MappingProxyType({"yes": True, "no": False})

# What may be pressed -> what is said when it is done.
DONE: Mapping[str, Text] = MappingProxyType(
    {
        "in": _("You are checked in. Thank you for coming."),
        "out": _("You are checked out. Thank you."),
        "member_in": _("It is recorded."),
        "member_out": _("It is recorded."),
        "come": _("Thank you. Your team leader sees that you will come."),
        "drop": _("You have given the place back. It goes to the next who waits for it."),
        "ask": _("The question is on its way. Until it is answered the shift stays yours."),
        "unask": _("You ask no longer. The shift stays yours."),
        "agree": _("Agreed. The shift has changed hands."),
        "refuse": _("You said no. They keep their shift."),
        "sign_up": _("The place is yours."),
        "wait": _("You are on the waiting list. When a place is free it is offered to you here."),
        "leave": _("You wait for this no longer."),
        "accept": _("The place is yours."),
        "decline": _("You said no. The place goes to the next who waits."),
        "free": _("Saved when you are free."),
        "wishes": _("Saved what you wish."),
        "companion": _("Saved with whom you work."),
        "talk": _("Counted."),
        "untalk": _("The last one is taken back."),
        "withdraw": _("You help no more. Your places are free, and this link is void."),
    }
)
NOT_YOURS: Text = _("This is not yours.")


def _read_number(typed: str) -> int:
    try:
        return read_id(typed)
    except ValueError:
        raise Invalid("number.unknown", _("There is no such shift.")) from None


class PressForm(CellForm):
    """Which button, about what, with which words; `id` makes a second sending harmless."""

    kind = CellField(_("Button"), choice_reader(DONE, {}), is_required=True)
    number = CellField(_("Shift"), _read_number)
    reason = CellField(_("Reason"), text_reader(200))
    to = CellField(_("Whom to ask"), text_reader(60))
    staff_no = CellField(_("Staff number"), text_reader(40))
    together = CellField(_("How"), choice_reader({"together": True, "apart": False, "any": None}, {}))
    lat = CellField(_("Latitude"), read_degrees)
    lon = CellField(_("Longitude"), read_degrees)
    station = CellField(_("Station"), read_code)
    who = CellField(_("Who"), choice_reader(WHO_NAMES, {}))
    topic = CellField(_("Topic"), choice_reader(TOPIC_NAMES, {}))
    happened_at = HiddenField(_("Time"), read_instant)
    sure = CellField(_("I am sure"), text_reader(3))
    forget = CellField(_("Erase at once who I am"), text_reader(3))
    id = HiddenField(_("Request id"), read_request_id, is_required=True)

    @property
    def about(self) -> int:
        """The number of what it is about. Raises Invalid without one."""
        if self.number.value is None:
            raise Invalid("number.missing", _("There is no such shift."))
        return int(self.number.value)

    @property
    def at(self) -> datetime:
        """When it was pressed, by the phone's outbox."""
        return self.happened_at.value or clock.now()

    @property
    def where(self) -> Where:
        """Where the phone was; it is compared and not kept."""
        if self.lat.value is None or self.lon.value is None:
            return Where()
        return Where(point=(self.lat.value, self.lon.value))


Deed = Callable[[PressForm, Fields, VolunteerRow, Oneself], dict[str, Any]]


def press_once(fields: Fields, row: VolunteerRow) -> replay.Answer:
    """Do what a press says, once however often it comes. Raises Refused."""
    form = PressForm(fields)
    form.require()
    kind, request_id, me = form.kind.value, form.id.value, oneself(row)
    if kind == "sign_up":
        order = PlaceOrder(form.about, row.id)
        return run_in_transaction(lambda: place(request_id, order, Source.SELF, me))
    if kind == "accept":
        return run_in_transaction(lambda: accept_offer(request_id, form.about, me))
    if kind == "agree":
        return run_in_transaction(lambda: agree_swap(request_id, form.about, me))
    action = f"volunteer.{kind} {form.number.value or ''}".strip()
    deed = DEEDS[kind]
    return run_in_transaction(lambda: replay.once(request_id, action, me.username, lambda: deed(form, fields, row, me)))


def _ask(form: PressForm, _fields: Fields, _row: VolunteerRow, me: Oneself) -> dict[str, Any]:
    """`to` is a staff number, `ANYBODY`, or a staff number and the shift that is wanted in exchange."""
    staff_no, _slash, other = (form.staff_no.value or form.to.value or "").strip().partition("/")
    if not staff_no:
        raise Invalid("swap.whom", _("Please say whom to ask."), field="to")
    if staff_no == ANYBODY:
        held = get_assignment(form.about)
        if held.volunteer_id != me.volunteer_id:
            raise NotFound("assignment.unknown", NOT_YOURS)
        fit = list_stand_ins(held)
        if not fit:
            message = _("Nobody of your team could take it over now. Give it back, or call your team leader.")
            raise Refused("swap.nobody", message)
        staff_no = fit[0].staff_no
    return ask_swap(form.about, staff_no, me, _read_number(other) if other else None)


def _free(_form: PressForm, fields: Fields, row: VolunteerRow, me: Oneself) -> dict[str, Any]:
    said = {}
    for name, typed in fields.items():
        if name.startswith(FREE) and typed in YES_NO:
            day, _dot, half = name.removeprefix(FREE).partition(".")
            said[_read_day(day), half] = YES_NO[typed]
    return set_availability(row.staff_no, said, me)


def _read_day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Invalid("day.form", _("Please choose a day.")) from None


def _wishes(_form: PressForm, fields: Fields, row: VolunteerRow, me: Oneself) -> dict[str, Any]:
    posts = _read_wishes(fields, POST)
    stations = _read_wishes(fields, STATION)
    added = fields.get("add", "").strip()
    if added:
        stations[added] = YES_NO.get(fields.get("add_how", "yes"), True)
    return set_wishes(row.staff_no, posts, stations, me)


def _read_wishes(fields: Fields, prefix: str) -> dict[str, bool]:
    mine = ((name.removeprefix(prefix), typed) for name, typed in fields.items() if name.startswith(prefix))
    return {code: YES_NO[typed] for code, typed in mine if typed in YES_NO}


def _companion(form: PressForm, _fields: Fields, row: VolunteerRow, me: Oneself) -> dict[str, Any]:
    other = (form.staff_no.value or "").strip()
    if not other:
        raise Invalid("companion.whom", _("Please give a staff number."), field="staff_no")
    how = {"together": True, "apart": False}.get(form.together.value)
    return set_companion(row.staff_no, other, how, me)


def _count(form: PressForm, _fields: Fields, row: VolunteerRow, _me: Oneself) -> dict[str, Any]:
    order = TalkOrder(form.station.value or "", form.who.value or "", form.topic.value or "", form.at)
    return counselling.count(row, order)


def _withdraw(form: PressForm, _fields: Fields, row: VolunteerRow, me: Oneself) -> dict[str, Any]:
    if form.sure.value != "yes":
        raise Invalid("withdraw.sure", _("Please tick that you are sure."), field="sure")
    if form.forget.value == "yes":
        return forget_volunteer(row.staff_no, me)
    return withdraw_volunteer(row.staff_no, me)


DEEDS: Mapping[str, Deed] = MappingProxyType(
    {
        "in": lambda form, _fields, _row, me: check_in(form.about, me, form.at, form.where),
        "out": lambda form, _fields, _row, me: check_out(form.about, me, form.at),
        "member_in": lambda form, _fields, row, _me: check_in(form.about, leader_of(row), form.at),
        "member_out": lambda form, _fields, row, _me: check_out(form.about, leader_of(row), form.at),
        "come": lambda form, _fields, _row, me: acknowledge(form.about, me),
        "drop": lambda form, _fields, _row, me: drop(form.about, me, form.reason.value or ""),
        "ask": _ask,
        "unask": lambda form, _fields, _row, me: withdraw_swap(form.about, me),
        "refuse": lambda form, _fields, _row, me: refuse_swap(form.about, me),
        "wait": lambda form, _fields, row, me: join_waiting(form.about, row.id, me),
        "leave": lambda form, _fields, _row, me: leave_waiting(form.about, me),
        "decline": lambda form, _fields, _row, me: leave_waiting(form.about, me),
        "free": _free,
        "wishes": _wishes,
        "companion": _companion,
        "talk": _count,
        "untalk": lambda form, _fields, row, _me: counselling.take_back(row, form.station.value or "", form.at),
        "withdraw": _withdraw,
    }
)
