"""Shift templates."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select

from stations.kernel.db import db
from stations.places.models import Station
from stations.shifts.models.planning import ShiftTemplate
from stations.shifts.queries.scopes import AnySelect, below
from stations.shifts.rules.planning import TemplateRow


def list_templates(paths: Sequence[str]) -> list[TemplateRow]:
    """The live templates below `paths`, by code; in one SELECT."""
    return _load(ShiftTemplate.archived_at.is_(None), below(ShiftTemplate.path, paths))


def find_template(code: str, *, archived: bool = False) -> TemplateRow | None:
    """The template of that code; an archived one only when asked for."""
    wanted = [ShiftTemplate.code == code]
    if not archived:
        wanted.append(ShiftTemplate.archived_at.is_(None))
    return next(iter(_load(*wanted)), None)


def _load(*wanted: ColumnElement[bool]) -> list[TemplateRow]:
    chosen: AnySelect = (
        select(
            ShiftTemplate.id, ShiftTemplate.code, ShiftTemplate.station_id,
            func.coalesce(Station.code, ""), ShiftTemplate.path,
            ShiftTemplate.subject, ShiftTemplate.post, ShiftTemplate.starts_minutes, ShiftTemplate.ends_from,
            ShiftTemplate.ends_minutes, ShiftTemplate.needs, ShiftTemplate.version,
        )
        .outerjoin(Station, Station.id == ShiftTemplate.station_id)
        .where(*wanted)
        .order_by(ShiftTemplate.code)
    )  # fmt: skip
    return [TemplateRow(*row) for row in db.session.execute(chosen)]
