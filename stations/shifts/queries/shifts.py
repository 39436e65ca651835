"""Shifts with their needs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from stations.kernel.db import db
from stations.kernel.errors import NotFound
from stations.kernel.text import Text, _
from stations.places.models import Station
from stations.shifts.models.planning import Shift, ShiftNeed, ShiftTemplate
from stations.shifts.queries.scopes import AnySelect, below
from stations.shifts.rules.planning import NeedRow, ShiftRow, StationSpot

NO_SHIFT: Text = _("There is no such shift.")
NEED_COLUMNS = (ShiftNeed.id, ShiftNeed.skill, ShiftNeed.places, ShiftNeed.taken, ShiftNeed.offered)
SHIFT_COLUMNS = (
    Shift.id, Shift.template_id, Shift.station_id, Shift.exam_session_id, Station.code, Station.name,
    Station.district_code, Station.lat, Station.lon, Station.path, Shift.post, Shift.starts_at, Shift.ends_at,
    Shift.sequence, Shift.version, Shift.cancelled_at.is_not(None),
)  # fmt: skip


def list_shifts(
    paths: Sequence[str], since: datetime, until: datetime, *, station: str = "", cancelled: bool = False
) -> list[ShiftRow]:
    """The shifts at stations below `paths` that touch the span, by start, station and post; in one SELECT."""
    wanted = [below(Station.path, paths), Shift.starts_at < until, Shift.ends_at > since]
    if station:
        wanted.append(Station.code == station)
    if not cancelled:
        wanted.append(Shift.cancelled_at.is_(None))
    return load_shifts(*wanted)


def list_made_shifts(paths: Sequence[str], codes: Sequence[str] = ()) -> list[ShiftRow]:
    """Every shift that a template below `paths` (or of these codes only) made, the cancelled ones and those of archived
    templates too."""
    templates = select(ShiftTemplate.id).where(below(ShiftTemplate.path, paths))
    if codes:
        templates = templates.where(ShiftTemplate.code.in_(codes))
    return load_shifts(Shift.template_id.in_(templates))


def get_shift(shift_id: int) -> ShiftRow:
    """The shift of that id, a cancelled one too."""
    rows = load_shifts(Shift.id == shift_id)
    if not rows:
        raise NotFound("shift.unknown", NO_SHIFT)
    return rows[0]


def lock_shift(shift_id: int) -> ShiftRow:
    """The shift, and its needs, locked to the end of the transaction."""
    db.session.execute(select(Shift.id).where(Shift.id == shift_id).with_for_update()).first()
    db.session.execute(
        select(ShiftNeed.id).where(ShiftNeed.shift_id == shift_id).order_by(ShiftNeed.id).with_for_update()
    ).all()
    return get_shift(shift_id)


def load_shifts(*wanted: ColumnElement[bool]) -> list[ShiftRow]:
    """The shifts for which all of `wanted`, on Shift, Station and ShiftNeed, hold."""
    chosen: AnySelect = (
        select(*NEED_COLUMNS, *SHIFT_COLUMNS)
        .select_from(Shift)
        .join(Station, Station.id == Shift.station_id)
        .outerjoin(ShiftNeed, ShiftNeed.shift_id == Shift.id)
        .where(*wanted)
        .order_by(Shift.starts_at, Station.code, Shift.post, Shift.id, ShiftNeed.skill)
    )
    needs: dict[int, list[NeedRow]] = {}
    fields: dict[int, list[Any]] = {}
    for need_id, skill, places, taken, offered, shift_id, *own in db.session.execute(chosen):
        fields[shift_id] = [shift_id, *own]
        held = needs.setdefault(shift_id, [])
        if need_id is not None:
            held.append(NeedRow(need_id, skill, places, taken, offered))
    return [ShiftRow(*[*own, tuple(needs[shift_id])]) for shift_id, own in fields.items()]


def list_station_spots(paths: Sequence[str]) -> list[StationSpot]:
    """The live stations below `paths`, by code."""
    chosen = select(Station.id, Station.code, Station.path).where(
        Station.archived_at.is_(None), below(Station.path, paths)
    )
    return [StationSpot(*row) for row in db.session.execute(chosen.order_by(Station.code))]


def find_station_spot(code: str) -> StationSpot | None:
    """The live station of that code."""
    chosen = select(Station.id, Station.code, Station.path).where(Station.archived_at.is_(None), Station.code == code)
    row = db.session.execute(chosen).first()
    return None if row is None else StationSpot(*row)
