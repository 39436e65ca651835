"""One order's lines in the ledger: each moves a balance and says so, in the caller's transaction."""

from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, Integer, Table, bindparam, case, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from stations.accounts.rules import Actor
from stations.kernel import clock
from stations.kernel.db import db, is_sqlite
from stations.kernel.errors import Invalid, NotFound
from stations.kernel.replay import is_first
from stations.kernel.text import _
from stations.places.models import Station
from stations.stock.models import Lot, Movement, StockLevel, StockPlace
from stations.stock.queries.ledger import PlaceRow, find_place, list_order
from stations.stock.rules.ledger import MOST_ON_HAND, MovementKind, PlaceKind, happened, insufficient, overfull

_MOVEMENT = cast(Table, Movement.__table__)
_LEVEL = cast(Table, StockLevel.__table__)


@dataclass(frozen=True)
class Moved:
    """What an order moved, line by line."""

    lines: tuple[tuple[str, int, int], ...]
    is_replay: bool

    @property
    def quantity(self) -> int:
        """Units in all, signed."""
        return sum(quantity for _lot, quantity, _balance in self.lines)


@dataclass
class Booking:
    """An order while it is being written. Where `kept` is given its lines are kept there, for one INSERT of many
    orders by `write_kept` at the end of the same transaction."""

    order_id: str
    kind: MovementKind
    actor: Actor
    reason: str = ""
    about: str = ""
    happened_at: datetime | None = None
    lines: list[tuple[str, int, int]] = field(default_factory=list)
    kept: list[dict[str, Any]] | None = None

    def __post_init__(self) -> None:
        self.now = clock.now()
        self.happened_at = happened(self.happened_at, self.now)

    def is_first(self) -> bool:
        """Claim the order's id; False when it was booked before, by the same person for the same."""
        return is_first(self.order_id, f"stock.{self.kind}", self.actor.username)

    def replayed(self) -> Moved:
        """What was answered the first time."""
        lines = list_order(self.order_id)
        return Moved(tuple((line.lot, line.quantity, line.balance) for line in lines), is_replay=True)

    def done(self) -> Moved:
        """What is answered now."""
        return Moved(tuple(self.lines), is_replay=False)

    def take(self, place_id: int, lot_id: int, quantity: int, lot: str = "", reverses: int | None = None) -> int:
        """Take units; the row count of the guarded UPDATE is the verdict. The balance after it."""
        asked = {"place": place_id, "lot": lot_id, "units": quantity, "as_of": self.happened_at}
        balance: int | None = db.session.execute(_lower(), asked).scalar()
        if balance is None:
            there = select(StockLevel.on_hand).where(StockLevel.place_id == place_id, StockLevel.lot_id == lot_id)
            raise insufficient(quantity, db.session.execute(there).scalar() or 0)
        self._write(place_id, lot_id, -quantity, balance, lot, reverses)
        return balance

    def put(self, place_id: int, lot_id: int, quantity: int, lot: str = "", reverses: int | None = None) -> int:
        """Put units. The balance after it."""
        if quantity > MOST_ON_HAND:
            raise overfull()
        fresh = {"place_id": place_id, "lot_id": lot_id, "on_hand": quantity, "as_of": self.happened_at}
        balance: int | None = db.session.execute(_raise(is_sqlite()), fresh).scalar()
        if balance is None:
            raise overfull()
        self._write(place_id, lot_id, quantity, balance, lot, reverses)
        return balance

    def move(self, from_id: int, to_id: int, lot_id: int, quantity: int, lot: str = "") -> None:
        """Move units from one place to another: they are never in both, nor in neither."""
        self.take(from_id, lot_id, quantity, lot)
        self.put(to_id, lot_id, quantity, lot)

    def _write(self, place_id: int, lot_id: int, quantity: int, balance: int, lot: str, reverses: int | None) -> None:
        line = {
            "at": self.now, "happened_at": self.happened_at, "kind": self.kind.value, "place_id": place_id,
            "lot_id": lot_id, "quantity": quantity, "balance": balance, "order_id": self.order_id,
            "line": len(self.lines), "actor": self.actor.username, "reason": self.reason.strip(),
            "about": self.about, "reverses_id": reverses,
        }  # fmt: skip
        if self.kept is None:
            db.session.execute(insert(_MOVEMENT), line)
        else:
            self.kept.append(line)
        self.lines.append((lot, quantity, balance))


@cache  # building a statement takes longer than running it
def _lower() -> Any:
    level = _LEVEL
    units = bindparam("units", type_=Integer)
    enough = update(level).where(
        level.c.place_id == bindparam("place"), level.c.lot_id == bindparam("lot"), level.c.on_hand >= units
    )
    as_of = _later(bindparam("as_of", type_=level.c.as_of.type))
    return enough.values(on_hand=level.c.on_hand - units, as_of=as_of).returning(level.c.on_hand)


@cache
def _raise(on_sqlite: bool) -> Any:
    level = _LEVEL
    fresh = (sqlite.insert if on_sqlite else postgresql.insert)(level)
    raised = fresh.on_conflict_do_update(
        index_elements=[level.c.place_id, level.c.lot_id],
        set_={"on_hand": level.c.on_hand + fresh.excluded.on_hand, "as_of": _later(fresh.excluded.as_of)},
        where=level.c.on_hand <= MOST_ON_HAND - fresh.excluded.on_hand,
    )
    return raised.returning(level.c.on_hand)


def _later(happened_at: ColumnElement[datetime]) -> ColumnElement[datetime]:
    """What a phone sends late makes nothing older that is known since."""
    known = _LEVEL.c.as_of
    return case((known > happened_at, known), else_=happened_at)


def write_kept(lines: list[dict[str, Any]]) -> None:
    """Write what bookings have kept."""
    if lines:
        db.session.execute(insert(_MOVEMENT), lines)


def get_place(station: str, kind: PlaceKind = PlaceKind.STATION) -> PlaceRow:
    """The stock place of a station, made where it is the first time. Raises NotFound."""
    place = find_place(station, kind)
    if place is not None:
        return place
    station_id = db.session.execute(select(Station.id).where(Station.code == station)).scalar()
    if station_id is None:
        raise NotFound("station.unknown", _("There is no such station."), field="station")
    dialect_insert = sqlite.insert if is_sqlite() else postgresql.insert
    db.session.execute(
        dialect_insert(StockPlace).values(station_id=station_id, kind=kind.value).on_conflict_do_nothing()
    )
    made = find_place(station, kind)
    assert made is not None
    return made


def get_lot(item_id: int, code: str, expiry_date: date | None) -> int:
    """The id of the item's lot of that code, added where it is new; one lot has one expiry."""
    dialect_insert = sqlite.insert if is_sqlite() else postgresql.insert
    known = select(Lot.id, Lot.expiry_date).where(Lot.item_id == item_id, Lot.code == code)
    lot = db.session.execute(known).first()
    if lot is None:
        fresh = dialect_insert(Lot).values(item_id=item_id, code=code, expiry_date=expiry_date)
        db.session.execute(fresh.on_conflict_do_nothing(index_elements=[Lot.item_id, Lot.code]))
        lot = db.session.execute(known).one()
    if lot.expiry_date != expiry_date:
        message = _("Lot %(lot)s is known with another expiry date. Please use another lot number.", lot=code or "-")
        raise Invalid("stock.expiry", message, field="expiry_date")
    return int(lot.id)
