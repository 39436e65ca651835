"""Transfers with their lines, and the lots that one of them moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased

from stations.kernel.db import db
from stations.kernel.errors import NotFound
from stations.kernel.text import _
from stations.places.models import Station
from stations.stock.models import Lot, Movement, StockPlace, SupplyItem, Transfer, TransferLine
from stations.stock.rules.transfers import NEXT, TransferState


@dataclass(frozen=True, slots=True)
class TransferRow:
    """One transfer; `lines` by item."""

    id: int
    state: TransferState
    from_station: str
    from_name: str
    from_path: str
    from_place_id: int
    to_station: str
    to_name: str
    to_path: str
    to_place_id: int
    vehicle: str
    reason: str
    requested_by: str
    requested_at: datetime
    changed_by: str
    changed_at: datetime
    held_until: datetime | None
    lines: tuple["TransferLineRow", ...] = ()

    @property
    def about(self) -> str:
        """How the ledger names it."""
        return f"transfer:{self.id}"

    @property
    def is_live(self) -> bool:
        """Whether anything can still happen to it."""
        return bool(NEXT[self.state])


@dataclass(frozen=True, slots=True)
class TransferLineRow:
    """One item of a transfer."""

    item_id: int
    item: str
    name: str
    name_en: str
    unit: str
    case_unit: str
    units_per_case: int
    quantity: int
    received: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class MovedLot:
    """Units of a lot that a transfer has at a place."""

    item_id: int
    lot_id: int
    code: str
    quantity: int


def get_transfer(transfer_id: int) -> TransferRow:
    """One transfer."""
    found = _read(_select().where(Transfer.id == transfer_id))
    if not found:
        raise NotFound("transfer.unknown", _("There is no such transfer."))
    return found[0]


def list_transfers(paths: Sequence[str], *, station: str | None = None, live: bool = True) -> list[TransferRow]:
    """Transfers that leave or reach something below any of `paths`, newest first; only those still under way where
    `live`, else the last 200."""
    source, target = _ends()
    below = or_(*(end.path.startswith(path, autoescape=True) for path in paths for end in (source, target)))
    chosen = _select(source, target).where(below).order_by(Transfer.id.desc())
    if station is not None:
        chosen = chosen.where(or_(source.code == station, target.code == station))
    if live:
        moving = [state.value for state, moves in NEXT.items() if moves]
        return _read(chosen.where(Transfer.state.in_(moving)))
    return _read(chosen.limit(200))


def list_overdue_holds(now: datetime) -> list[int]:
    """The ids of picked transfers whose hold has ended."""
    ended = select(Transfer.id).where(Transfer.state == TransferState.PICKED.value, Transfer.held_until <= now)
    return list(db.session.execute(ended.order_by(Transfer.id)).scalars())


def list_moved_lots(transfer: TransferRow, place_id: int) -> list[MovedLot]:
    """What a transfer has at a place by its lines in the ledger: held for it, or on its way."""
    units = func.sum(Movement.quantity)
    chosen = (
        select(Lot.item_id, Lot.id, Lot.code, units)
        .join(Lot, Lot.id == Movement.lot_id)
        .where(Movement.about == transfer.about, Movement.place_id == place_id)
        .group_by(Lot.item_id, Lot.id, Lot.code)
        .having(units > 0)
        .order_by(Lot.item_id, Lot.expiry_date, Lot.id)
    )
    return [MovedLot(item_id, lot_id, code, int(q)) for item_id, lot_id, code, q in db.session.execute(chosen)]


def _ends() -> tuple[Any, Any]:
    return aliased(Station), aliased(Station)


def _select(source: Any = None, target: Any = None) -> Select[Any]:
    if source is None:
        source, target = _ends()
    from_place, to_place = aliased(StockPlace), aliased(StockPlace)
    return (
        select(
            Transfer.id, Transfer.state, source.code, source.name, source.path, Transfer.from_place_id, target.code,
            target.name, target.path, Transfer.to_place_id, Transfer.vehicle, Transfer.reason, Transfer.requested_by,
            Transfer.requested_at, Transfer.changed_by, Transfer.changed_at, Transfer.held_until,
        )
        .join(from_place, from_place.id == Transfer.from_place_id)
        .join(source, source.id == from_place.station_id)
        .join(to_place, to_place.id == Transfer.to_place_id)
        .join(target, target.id == to_place.station_id)
    )  # fmt: skip


def _read(chosen: Select[Any]) -> list[TransferRow]:
    rows = db.session.execute(chosen).all()
    fields = (
        TransferLine.transfer_id, TransferLine.item_id, SupplyItem.code, SupplyItem.name, SupplyItem.name_en,
        SupplyItem.unit, SupplyItem.case_unit, SupplyItem.units_per_case, TransferLine.quantity,
        TransferLine.received, TransferLine.reason,
    )  # fmt: skip
    lines: dict[int, list[TransferLineRow]] = {}
    of_these = (
        select(*fields)
        .join(SupplyItem, SupplyItem.id == TransferLine.item_id)
        .where(TransferLine.transfer_id.in_([row[0] for row in rows]))
        .order_by(SupplyItem.code)
    )
    for transfer_id, *line in db.session.execute(of_these) if rows else ():
        lines.setdefault(transfer_id, []).append(TransferLineRow(*line))
    return [_transfer(row, lines.get(row[0], [])) for row in rows]


def _transfer(row: Sequence[Any], lines: list[TransferLineRow]) -> TransferRow:
    transfer_id, state, *rest = row
    values = (transfer_id, TransferState(state), *rest, tuple(lines))
    return TransferRow(*values)
