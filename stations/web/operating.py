"""A station as the staff's pages show it: how it stands, and opening, pausing, closing, verifying it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, request

from stations.accounts.rules import Actor
from stations.kernel import clock
from stations.kernel.errors import Refused
from stations.kernel.text import Text, _
from stations.places.actions.stations import set_state, verify
from stations.places.forms import StateForm
from stations.places.queries.rows import StationRow
from stations.places.rules import NEXT_STATES, Standing, StationState, current_state, standing
from stations.seasons.queries import get_calendar
from stations.web.writing import go, mark, write_once

DONE: dict[str | None, Text] = {
    None: _("Verified now."),
    StationState.OPEN: _("The station is open."),
    StationState.PAUSED: _("The service is paused."),
    StationState.CLOSED: _("The station is closed for today."),
}

Redraw = Callable[[str, Text], str]  # (the reason that was typed, the refusal) -> the page


@dataclass(frozen=True)
class StationLine:
    """One station with its standing now, the lead's word that still holds, and the states that may be set."""

    station: StationRow
    standing: Standing
    state: StationState
    next_states: frozenset[StationState]
    may_operate: bool


def make_line(station: StationRow, me: Actor) -> StationLine:
    """The line of one station, now."""
    now, zone = clock.now(), get_calendar().zone
    state = current_state(station.hours, station.said, now, zone)
    return StationLine(
        station,
        standing(station.hours, station.said, now, zone),
        state,
        NEXT_STATES[state],
        me.may("places.operate", station.path),
    )


def operate_station(code: str, back: str, redraw: Redraw) -> Response:
    """Do what the form says and go `back`, or draw the page again with what was typed."""
    form = StateForm(request.form)
    status = 400
    if form.validate():
        try:
            done = DONE[form.state.value]
            write_once(form.request_id.value, f"station.operate {code}", lambda by: _operate(form, code, by), done)
            return go(back)
        except Refused as refused:
            mark(form, refused)
            status = refused.status
    error = next(iter(form.problems.values()), None) or form.form_errors[0]
    return Response(redraw(form.reason.data or "", error), status)


def _operate(form: StateForm, code: str, me: Actor) -> dict[str, Any]:
    if form.state.value is None:
        return verify(code, me)
    return set_state(code, StationState(form.state.value), form.reason.value or "", me, get_calendar().zone)
