"""The stations that a matrix may show, kept in memory until one is edited."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from stations.kernel.db import db
from stations.kernel.revision import kept
from stations.places.models import District, Station
from stations.places.queries.loading import STATIONS


@dataclass(frozen=True, slots=True)
class StationHead:
    """The head of a station's line."""

    code: str
    name: str
    path: str
    district_code: str
    district: str
    district_en: str


def _load() -> dict[str, StationHead]:
    chosen = (
        select(Station.code, Station.name, Station.path, District.code, District.name, District.name_en)
        .join(District, District.code == Station.district_code)
        .where(Station.archived_at.is_(None))
        .order_by(Station.path)
    )
    return {row[0]: StationHead(*row) for row in db.session.execute(chosen)}


def list_heads(paths: Sequence[str] = ("",)) -> dict[str, StationHead]:
    """The live stations below any of `paths` by code, in the order of their paths."""
    return {code: head for code, head in kept(STATIONS, _load).items() if head.path.startswith(tuple(paths))}


def find_head(code: str) -> StationHead | None:
    """The live station of that code."""
    return kept(STATIONS, _load).get(code)
