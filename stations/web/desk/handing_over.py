"""A station changes hands: the outgoing lead counts, the incoming one signs."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for

from stations.accounts.queries import list_display_names
from stations.accounts.rules import Actor
from stations.kernel import clock
from stations.kernel.cells import read_whole
from stations.kernel.errors import Invalid, Refused
from stations.kernel.forms import text_reader
from stations.kernel.text import Text, _
from stations.places.queries.rows import StationRow
from stations.seasons.queries import get_calendar
from stations.shifts.actions.handovers import ANY_CANCEL, begin_handover, cancel_handover, sign_handover
from stations.shifts.queries.handovers import HandoverRow, find_live_handover, list_ended_handovers
from stations.shifts.rules.handovers import HANDOVER_STATES, HandoverState
from stations.stock.queries.items import ItemRow, list_items
from stations.stock.queries.ledger import last_position
from stations.stock.rules.items import read_units
from stations.web.desk.picture import get_mine
from stations.web.guard import actor, needs
from stations.web.language import language
from stations.web.units import say_units
from stations.web.writing import go, write_once
from stations.workflows.handing_over import Counted, count_for_handover, list_held, summarize_open

door = Blueprint("desk_handover", __name__, url_prefix="/desk")

LISTED = 10
LONGEST_NOTE = 200
UNITS, POSITION = "units-", "position-"
Deed = Callable[[int, str, Actor], dict[str, Any]]


@door.get("/<code>/handover")
@needs("stock.write")
def page(code: str) -> Response:
    """The hand-over that is under way, and the last ones."""
    me = actor()
    return _draw(get_mine(code, me), me)


@door.post("/<code>/handover/begin")
@needs("stock.write")
def begin(code: str) -> Response:
    """Begin one as the outgoing lead."""
    me = actor()
    station = get_mine(code, me)
    done = _("Please count everything that is here.")
    return _write(station, me, f"handover.begin {station.code}", lambda by: begin_handover(station, by), done)


@door.post("/<code>/handover/<id:number>/count")
@needs("stock.write")
def count(code: str, number: int) -> Response:
    """Enter what was counted."""
    me = actor()
    station = get_mine(code, me)

    def do(by: Actor) -> dict[str, Any]:
        note = text_reader(LONGEST_NOTE)(request.form.get("note", "").strip())
        return count_for_handover(number, station, _read_counts(), note, by, clock.now(), get_calendar().zone)

    done = _("Counted. The incoming lead signs now, with their own account.")
    return _write(station, me, f"handover.count {number}", do, done)


@door.post("/<code>/handover/<id:number>/sign")
@needs("stock.write")
def sign(code: str, number: int) -> Response:
    """Take the station over."""
    return _step(code, number, "sign", sign_handover, _("The station is yours now."))


@door.post("/<code>/handover/<id:number>/cancel")
@needs("stock.write")
def cancel(code: str, number: int) -> Response:
    """Cancel it before it is signed."""
    return _step(code, number, "cancel", cancel_handover, _("The hand-over is cancelled."))


def _step(code: str, number: int, action: str, deed: Deed, done: Text) -> Response:
    me = actor()
    station = get_mine(code, me)
    return _write(station, me, f"handover.{action} {number}", lambda by: deed(number, station.code, by), done)


def _write(station: StationRow, me: Actor, action: str, do: Callable[[Actor], dict[str, Any]], done: Text) -> Response:
    try:
        write_once(request.form.get("request_id"), action, do, done)
    except Refused as refused:
        if refused.status == 404:
            raise
        return _draw(station, me, refused)
    return go(url_for("desk_handover.page", code=station.code))


def _read_counts() -> dict[str, Counted]:
    """What was typed for each item, with the position that its writer had seen; empty fields are left out."""
    counted = {}
    for code, item in list_items().items():
        typed = request.form.get(UNITS + code, "").strip()
        if not typed:
            continue
        try:
            units = read_units(typed, item.unit, item.case_unit, item.units_per_case)
            seen = request.form.get(POSITION + code, "")
            counted[code] = Counted(units, read_whole(seen) if seen else None)
        except Invalid as refused:
            raise Invalid(refused.code, refused.message, field=code) from None
    return counted


def _draw(station: StationRow, me: Actor, refused: Refused | None = None) -> Response:
    now, zone = clock.now(), get_calendar().zone
    live, ended = find_live_handover(station.code), list_ended_handovers(station.code, LISTED)
    html = render_template(
        "desk/handover.html", station=station, live=live, ended=ended, items=list_items(), states=HANDOVER_STATES,
        names=_name_people(live, ended), held=[item for item, _units in list_held(station, now, zone)],
        left_open=summarize_open(station, now), is_mine=live is not None and live.begun_by == me.username,
        may_cancel=me.may(ANY_CANCEL, station.path), say_units=say_units, error=_say(refused),
        is_counted=live is not None and live.state is HandoverState.COUNTED,
        wrong=refused.field if refused else None, typed=request.form if refused else {},
        position_of=_keep_positions(last_position(), request.form if refused else {}),
    )  # fmt: skip
    response = make_response(html, refused.status if refused else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


def _keep_positions(position: int, typed: Mapping[str, str]) -> Callable[[str], str]:
    """What was typed keeps the position at which it was counted; the rest is counted now."""

    def position_of(code: str) -> str:
        return typed.get(POSITION + code, "") if typed.get(UNITS + code, "").strip() else str(position)

    return position_of


def _say(refused: Refused | None) -> Text | None:
    if refused is None or refused.field not in list_items():
        return refused.message if refused else None
    item = list_items()[refused.field]
    if refused.code == "handover.blank":
        return refused.message % {"item": _say_item(item)}
    return _("%(item)s: %(reason)s", item=_say_item(item), reason=refused.message)


def _say_item(item: ItemRow) -> str:
    return item.name_en if language() == "en" and item.name_en else item.name


def _name_people(live: HandoverRow | None, ended: list[HandoverRow]) -> dict[str, str]:
    rows = [*ended, *([live] if live else [])]
    usernames = {name for row in rows for name in (row.begun_by, row.ended_by) if name}
    return {name: name for name in usernames} | list_display_names(usernames)
