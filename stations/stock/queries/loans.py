"""What is lent, and what should be back by now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select

from stations.kernel.db import db
from stations.kernel.errors import NotFound
from stations.kernel.text import _
from stations.places.models import Station
from stations.stock.models import Loan, StockPlace, SupplyItem


@dataclass(frozen=True, slots=True)
class LoanRow:
    """One thing that is out."""

    id: int
    station: str
    station_name: str
    path: str
    item: str
    item_name: str
    item_name_en: str
    tag: str
    lent_at: datetime
    due_at: datetime


def get_loan(loan_id: int) -> LoanRow:
    """One loan, over or not."""
    row = db.session.execute(_select().where(Loan.id == loan_id)).first()
    if row is None:
        raise NotFound("loan.unknown", _("There is no such loan."))
    return LoanRow(*row)


def find_loan(item_id: int, tag: str) -> LoanRow | None:
    """The live loan of a tag."""
    live = _select().where(Loan.item_id == item_id, Loan.tag == tag, Loan.returned_at.is_(None))
    row = db.session.execute(live).first()
    return LoanRow(*row) if row else None


def list_loans(paths: Sequence[str], *, station: str | None = None) -> list[LoanRow]:
    """What is out below any of `paths`, the longest due first."""
    out = (
        _select()
        .where(Loan.returned_at.is_(None), or_(*(Station.path.startswith(p, autoescape=True) for p in paths)))
        .order_by(Loan.due_at, Loan.id)
    )
    if station is not None:
        out = out.where(Station.code == station)
    return [LoanRow(*row) for row in db.session.execute(out)]


def _select() -> Select[Any]:
    fields: tuple[Any, ...] = (
        Loan.id, Station.code, Station.name, Station.path, SupplyItem.code, SupplyItem.name, SupplyItem.name_en,
        Loan.tag, Loan.lent_at, Loan.due_at,
    )  # fmt: skip
    return (
        select(*fields)
        .join(StockPlace, StockPlace.id == Loan.place_id)
        .join(Station, Station.id == StockPlace.station_id)
        .join(SupplyItem, SupplyItem.id == Loan.item_id)
    )
