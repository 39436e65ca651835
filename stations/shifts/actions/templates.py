"""Shift templates, the shifts that are made of them, and a day copied to another."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import update

from stations.accounts.rules import Actor
from stations.kernel import audit, clock
from stations.kernel.db import changed_one, db
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.revision import next_revision
from stations.kernel.text import Text, _
from stations.seasons.queries import get_calendar
from stations.shifts.actions.offering import note_offered, offer_next
from stations.shifts.actions.shifts import CHANGED, close_shift, insert_shift, insert_shifts, move_shift, set_needs
from stations.shifts.actions.telling import TOPIC, tell
from stations.shifts.actions.writing import get_organization, write
from stations.shifts.models.planning import Shift, ShiftTemplate
from stations.shifts.queries.assignments import list_assignments_on
from stations.shifts.queries.shifts import (
    find_station_spot,
    get_shift,
    list_made_shifts,
    list_shifts,
    list_station_spots,
    lock_shift,
)
from stations.shifts.queries.templates import find_template, list_templates
from stations.shifts.queries.volunteers import lock_volunteers
from stations.shifts.rules.orders import TemplateOrder, check_template
from stations.shifts.rules.planning import Change, Diff, Planned, ShiftRow, compare, plan_shifts

NO_LONGER: Text = _("No template asks for this shift any more.")


def save_template(order: TemplateOrder, actor: Actor) -> dict[str, Any]:
    """Add the template of that code or bring it to `order`. No shift changes before somebody regenerates."""
    check_template(order)
    station_id, path = _place_of(order)
    actor.require("shifts.write", path)
    fields = {
        "station_id": station_id, "path": path, "subject": order.subject, "post": order.post,
        "starts_minutes": order.starts_minutes, "ends_from": order.ends_from, "ends_minutes": order.ends_minutes,
        "needs": {skill: places for skill, places in order.needs.items() if places}, "archived_at": None,
    }  # fmt: skip
    known = find_template(order.code, archived=True)
    if known is not None:
        actor.require("shifts.write", known.path)
    write(ShiftTemplate, known.id if known else None, order.version, {"code": order.code}, fields)
    audit.record(
        "template.save", f"template:{order.code}", actor=actor.username, scope=path,
        after={name: value for name, value in fields.items() if name != "archived_at"},
    )  # fmt: skip
    tell(path)
    return {"code": order.code, "is_new": known is None}


def archive_template(code: str, actor: Actor) -> dict[str, Any]:
    """Make no more shifts of it. Those that are there go with the next regeneration, unless somebody holds them."""
    row = find_template(code)
    if row is None:
        raise NotFound("template.unknown", _("There is no such template."))
    actor.require("shifts.write", row.path)
    gone = update(ShiftTemplate).where(ShiftTemplate.id == row.id, ShiftTemplate.archived_at.is_(None))
    if not changed_one(gone.values(archived_at=clock.now(), version=ShiftTemplate.version + 1)):
        raise Refused("template.changed", CHANGED)
    audit.record("template.archive", f"template:{code}", actor=actor.username, scope=row.path)
    tell(row.path)
    return {"code": code}


def compare_shifts(paths: Sequence[str], codes: Sequence[str] = ()) -> Diff:
    """What regenerating the templates below `paths` (or of these codes only) would do; nothing is written."""
    templates = [row for row in list_templates(paths) if not codes or row.code in codes]
    planned = plan_shifts(templates, list_station_spots(("",)), get_calendar().sessions)
    return compare(planned, list_made_shifts(paths, codes), clock.now())


def regenerate(
    paths: Sequence[str], actor: Actor, seen: str | None = None, codes: Sequence[str] = ()
) -> dict[str, Any]:
    """Bring the shifts to what the templates want: sign-ups stay, needs never go under what is taken. Refused where
    the difference is no longer the one that was `seen` (its mark). `unmoved` are shifts that kept their time because
    somebody on them could not; `unfit` are people who keep a moved shift against an objection, as (assignment,
    sentence)."""
    for path in paths:
        actor.require("shifts.write", path)
    next_revision(TOPIC)  # of two who regenerate at once the second sees what the first has made
    diff = compare_shifts(paths, codes)
    if seen is not None and diff.mark != seen:
        raise Refused("shift.changed", CHANGED)
    insert_shifts([(_fields(planned), planned.needs) for planned in diff.added])
    unfit, unmoved = [], []
    for change in diff.changed:
        done = _apply(change)
        if done is None:
            unmoved.append(change.row.id)
        else:
            unfit += done
    for row in diff.cancelled:
        close_shift(lock_shift(row.id), str(NO_LONGER))
    offered = offer_next([need.id for change in diff.changed for need in get_shift(change.row.id).needs])
    counts = {"added": len(diff.added), "changed": len(diff.changed) - len(unmoved), "cancelled": len(diff.cancelled)}
    note_offered(offered)
    for path in paths:
        audit.record("shift.regenerate", "shifts", actor=actor.username, scope=path, after=counts)
    tell(*paths)
    return {**counts, "held": [row.id for row in diff.held], "unmoved": unmoved, "unfit": unfit}


def _apply(change: Change) -> list[list[Any]] | None:
    """Change one shift; whom the guard would now refuse, or None where somebody on it could not stay."""
    lock_volunteers([one.volunteer_id for one in list_assignments_on(change.row.id)])
    row = lock_shift(change.row.id)
    if row.is_cancelled:
        back = {"cancelled_at": None, "sequence": Shift.sequence + 1, "version": Shift.version + 1}
        db.session.execute(update(Shift).where(Shift.id == row.id).values(**back))
        row = get_shift(row.id)
    unfit = []
    if change.is_moved:
        try:
            unfit = move_shift(row, change.to.starts_at, change.to.ends_at, change.to.post, drops_unfit=False)
        except Refused as refused:
            if refused.code != "shift.unfit":
                raise
            return None
    set_needs(get_shift(row.id), change.needs)
    return [[one.row.id, str(one.objections[0].message)] for one in unfit]


def _fields(planned: Planned) -> dict[str, Any]:
    return {
        "template_id": planned.template_id, "station_id": planned.station_id,
        "exam_session_id": planned.exam_session_id, "post": planned.post, "starts_at": planned.starts_at,
        "ends_at": planned.ends_at,
    }  # fmt: skip


def copy_day(path: str, since: date, to: date, actor: Actor) -> dict[str, Any]:
    """Copy the shifts below `path` that start on one local day to another day, with their needs and without people.
    One that is there already, same station, post and times, is left out."""
    actor.require("shifts.write", path)
    if since == to:
        raise Invalid("copy.same", _("Please choose another day."), field="to")
    zone = get_calendar().zone
    there = {_mark(row) for row in _list_day(path, to)}
    step = to - since
    added = 0
    for row in _list_day(path, since):
        starts_at, ends_at = ((at.astimezone(zone) + step) for at in (row.starts_at, row.ends_at))  # by the wall clock
        if (row.station_id, row.post, starts_at, ends_at) in there:
            continue
        fields = {"station_id": row.station_id, "post": row.post, "starts_at": starts_at, "ends_at": ends_at}
        insert_shift(fields, row.places)
        added += 1
    audit.record(
        "shift.copy_day", "shifts", actor=actor.username, scope=path,
        after={"from": since.isoformat(), "to": to.isoformat(), "added": added},
    )  # fmt: skip
    tell(path)
    return {"added": added}


def _list_day(path: str, day: date) -> list[ShiftRow]:
    starts = datetime.combine(day, time(), get_calendar().zone)
    ends = starts + timedelta(days=1)
    return [row for row in list_shifts((path,), starts, ends) if starts <= row.starts_at < ends]


def _mark(row: ShiftRow) -> tuple[int, str, datetime, datetime]:
    return row.station_id, row.post, row.starts_at, row.ends_at


def _place_of(order: TemplateOrder) -> tuple[int | None, str]:
    """The station that it is for, or None, and the path below which it makes shifts."""
    if order.station:
        spot = find_station_spot(order.station)
        if spot is None:
            raise Invalid("station.unknown", _("There is no such station."), field="station")
        return spot.id, spot.path
    return None, get_organization(order.organization).path
