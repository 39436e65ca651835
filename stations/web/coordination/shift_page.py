"""A shift: who is on it, who waits, who could come."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request

from stations.accounts.rules import Actor
from stations.kernel import audit
from stations.kernel.errors import Invalid, NotFound
from stations.kernel.forms import form_data, text_reader
from stations.kernel.text import Text
from stations.seasons.queries import get_calendar
from stations.shifts.actions.placing import Unplaced
from stations.shifts.forms import NEED_FIELDS, ShiftForm, needs_values
from stations.shifts.queries.assignments import list_assignments_on
from stations.shifts.queries.shifts import NO_SHIFT, get_shift
from stations.shifts.queries.suited import Suited, list_suited
from stations.shifts.queries.waiting import list_waiting
from stations.shifts.rules.planning import NeedRow, ShiftRow
from stations.web.coordination.days import find_day
from stations.web.coordination.words import POST_NAMES, words

MOST_SHOWN = 12


def get_mine(shift_id: int, me: Actor) -> ShiftRow:
    """The shift, if it lies where this person may look; one elsewhere is as if it were not there."""
    row = get_shift(shift_id)
    if not me.may("shifts.read", row.path):
        raise NotFound("shift.unknown", NO_SHIFT)
    return row


def draw_shift(
    row: ShiftRow, me: Actor, form: ShiftForm | None = None, error: Text | None = None,
    unplaced: Unplaced | None = None,
) -> str:  # fmt: skip
    """Its page; with what was refused."""
    need, text = _find_need(row), _read_search()
    may_place = me.may("shifts.lead") and not row.is_cancelled
    found = list_suited(row, need.id, me.paths("shifts.read"), text) if need and may_place else []
    return render_template(
        "coordination/shift.html", shift=row, form=form or shift_form(row), error=error, unplaced=unplaced,
        people=list_assignments_on(row.id), waiting=list_waiting([one.id for one in row.needs]),
        need=need, q=text, found=_shown(found), more=max(len(found) - MOST_SHOWN, 0),
        may_place=may_place, may_write=me.may("shifts.write", row.path), need_fields=NEED_FIELDS,
        may_reveal=lambda path: me.may("shifts.lead", path) or me.may("volunteers.write", path),
        events=audit.list_events(f"shift:{row.id}"), **words(),
    )  # fmt: skip


def _read_search() -> str:
    """Whom the address asks for; nobody in particular where nobody can be called that."""
    try:
        return str(text_reader(80)(request.args.get("q", "")))
    except Invalid:
        return ""


def _find_need(row: ShiftRow) -> NeedRow | None:
    """The need that the address asks for, else the first that misses somebody, else the first."""
    live = [need for need in row.needs if need.places]
    asked = request.form.get("need_id") or request.args.get("need")
    named = [need for need in live if str(need.id) == asked]
    return next(iter(named + [need for need in live if need.free > 0] + live), None)


def _shown(found: list[Suited]) -> list[Suited]:
    return found[:MOST_SHOWN]


def shift_form(row: ShiftRow) -> ShiftForm:
    """The shift as it stands."""
    zone = get_calendar().zone
    starts, ends = row.starts_at.astimezone(zone), row.ends_at.astimezone(zone)
    return ShiftForm(
        form_data(
            {
                "station": row.station, "post": row.post, "day": f"{starts:%Y-%m-%d}", "starts": f"{starts:%H:%M}",
                "ends": f"{ends:%H:%M}", "version": str(row.version), **needs_values(row.places),
            }
        )
    )  # fmt: skip


def draw_new(asked: Mapping[str, Any], form: ShiftForm | None = None) -> str:
    """An empty form, or what was typed."""
    day = find_day().day
    start = {"day": day.isoformat(), "need_anyone": "1"} | {name: value for name, value in asked.items() if value}
    return render_template(
        "coordination/shift_new.html", form=form or ShiftForm(form_data(start)), post_names=POST_NAMES,
        need_fields=NEED_FIELDS,
    )  # fmt: skip
