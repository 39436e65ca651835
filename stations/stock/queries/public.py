"""What the public may know of supplies: item by item and station by station, with the time it was last true.

A picture of this process beside the ledger: it looks as often as that of the places, and reads only what moved."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from threading import RLock
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, case, func, select, true

from stations.kernel.db import app_memory, db
from stations.kernel.revision import current_revisions, last_look
from stations.places.models import Station
from stations.stock.models import Lot, Movement, StockLevel, StockLimit, StockPlace
from stations.stock.queries.items import TOPIC, ItemRow, list_items
from stations.stock.rules.ledger import PlaceKind
from stations.stock.rules.limits import PublicState, public_state

LATE = 500  # movements get their numbers before they are committed: so many of the last ones are looked at again


@dataclass(frozen=True, slots=True)
class PublicLevel:
    """What a station has of an item that may be handed out, and when that was last true."""

    on_hand: int
    reorder_level: int
    as_of: datetime

    def state(self, now: datetime) -> PublicState:
        """What the public reads at `now`."""
        return public_state(self.on_hand, self.reorder_level, self.as_of, now)


class Stocked(NamedTuple):
    """The stations that count for a need: those of `having` where it is not None, never those of `lacking`."""

    having: frozenset[str] | None
    lacking: frozenset[str]


class PublicStock:
    """The public items and their levels by station."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._looked_at = float("-inf")
        self._known: tuple[int, int, int, date | None] = (0, 0, -1, None)
        self.items: dict[str, ItemRow] = {}
        self._levels: dict[str, dict[str, PublicLevel]] = {}  # item -> station -> level
        self._of_service: dict[str, list[str]] = {}

    @property
    def revision(self) -> str:
        """What a page that shows supplies depends on, besides the minute."""
        return "-".join(map(str, self._known))

    def look(self, now: datetime, zone: ZoneInfo) -> None:
        """Take in what moved since the last look."""
        looked_at = last_look()
        if looked_at == self._looked_at:
            return
        with self._lock:
            self._looked_at = looked_at
            newest, last_count, items, day = self._known
            since = max(newest - LATE, 0)
            recent = select(func.coalesce(func.max(Movement.id), 0), func.count()).where(Movement.id > since)
            found, counted = db.session.execute(recent).one()
            seen = (max(newest, found), counted, current_revisions().get(TOPIC, 0), now.astimezone(zone).date())
            if seen[2:] != (items, day):
                self._load_items()
                self._load(seen[3], true())
            elif seen[:2] != (newest, last_count):
                self._load(seen[3], _moved_after(since))
            self._known = seen

    def _load_items(self) -> None:
        self.items = {code: item for code, item in list_items().items() if item.is_public}
        self._levels = {}
        self._of_service = {}
        for item in self.items.values():
            if item.service:
                self._of_service.setdefault(item.service, []).append(item.code)

    def _load(self, today: date, which: ColumnElement[bool]) -> None:
        codes = {item.id: item.code for item in self.items.values()}
        usable = func.sum(case((Lot.expiry_date < today, 0), else_=StockLevel.on_hand))
        reorder = func.coalesce(func.max(StockLimit.reorder_level), 0)
        fields: tuple[Any, ...] = (Station.code, Lot.item_id, usable, reorder, func.max(StockLevel.as_of))
        chosen = (
            select(*fields)
            .select_from(StockLevel)
            .join(StockPlace, and_(StockPlace.id == StockLevel.place_id, StockPlace.kind == PlaceKind.STATION.value))
            .join(Station, Station.id == StockPlace.station_id)
            .join(Lot, Lot.id == StockLevel.lot_id)
            .outerjoin(StockLimit, and_(StockLimit.place_id == StockPlace.id, StockLimit.item_id == Lot.item_id))
            .where(Lot.item_id.in_(codes), which)
            .group_by(Station.code, Lot.item_id)
        )
        for station, item_id, on_hand, reorder_level, as_of in db.session.execute(chosen):
            of_item = self._levels.setdefault(codes[item_id], {})
            of_item[station] = PublicLevel(int(on_hand), reorder_level, as_of)

    def list_levels(self, station: str) -> list[tuple[ItemRow, PublicLevel]]:
        """The public items that a station has or had."""
        return [
            (item, of_item[station])
            for code, item in self.items.items()
            if station in (of_item := self._levels.get(code, {}))
        ]

    def find_level(self, station: str, item: str) -> PublicLevel | None:
        """What a station has of an item; None where it never had any."""
        return self._levels.get(item, {}).get(station)

    def is_stocked(self, need: str) -> bool:
        """Whether this need is something that can run out."""
        return need in self.items or any(self._levels.get(code) for code in self._of_service.get(need, ()))

    def stocked(self, needs: Iterable[str], now: datetime) -> Stocked:
        """Which stations count: an item must be there for certain; a service that hands out items is not offered by a
        station whose every such item is gone or unknown."""
        having: frozenset[str] | None = None
        lacking: set[str] = set()
        for need in needs:
            codes = self._of_service.get(need, ())
            if not codes:
                there = self._having(need, now)
                having = there if having is None else having & there
            tracked = {station for code in codes for station in self._levels.get(code, {})}
            lacking |= tracked.difference(*(self._having(code, now) for code in codes))
        return Stocked(having, frozenset(lacking))

    def _having(self, item: str, now: datetime) -> frozenset[str]:
        there = (PublicState.ENOUGH, PublicState.SHORT)
        levels = self._levels.get(item, {})
        return frozenset(station for station, level in levels.items() if level.state(now) in there)


def _moved_after(since: int) -> ColumnElement[bool]:
    """Levels of the places and items that have moved."""
    moved = (
        select(Movement.place_id, Lot.item_id)
        .join(Lot, Lot.id == Movement.lot_id)
        .where(Movement.id > since)
        .distinct()
        .subquery()
    )
    same = and_(moved.c.place_id == StockLevel.place_id, moved.c.item_id == Lot.item_id)
    return select(moved.c.place_id).where(same).correlate(StockLevel, Lot).exists()


def get_public_stock(now: datetime, zone: ZoneInfo) -> PublicStock:
    """This process's picture of the public's supplies, brought up to date."""
    memory = app_memory()
    stock: PublicStock = memory.get("public_stock") or memory.setdefault("public_stock", PublicStock())
    stock.look(now, zone)
    return stock
