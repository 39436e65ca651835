"""SupplyItem, KitPart, Lot, StockPlace, StockLevel, Movement, StockLimit, StockCount, StockAlert, Transfer, Loan.
Quantities are whole base units."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from stations.kernel.db import Base, UtcDateTime


class SupplyItem(Base):
    """Something that is handed out or lent. `exam_room`: may it be taken in? `service` is the service of a station
    that is only there while the item is."""

    __tablename__ = "supply_item"
    __table_args__ = (
        CheckConstraint("units_per_case >= 1", name="case_holds_some"),
        CheckConstraint("exam_room IN ('permitted', 'forbidden', 'unknown')", name="exam_room_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    category: Mapped[str] = mapped_column(String(20))
    unit: Mapped[str] = mapped_column(String(10))
    case_unit: Mapped[str] = mapped_column(String(10))
    units_per_case: Mapped[int]
    contains_alcohol: Mapped[bool]
    exam_room: Mapped[str] = mapped_column(String(10))
    is_lent: Mapped[bool]
    is_public: Mapped[bool]
    service: Mapped[str] = mapped_column(String(30))
    version: Mapped[int] = mapped_column(default=1)


class KitPart(Base):
    """One line of a kit's bill of materials."""

    __tablename__ = "kit_part"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="holds_some"),
        CheckConstraint("kit_id <> part_id", name="not_itself"),
    )

    kit_id: Mapped[int] = mapped_column(ForeignKey("supply_item.id"), primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("supply_item.id"), primary_key=True)
    quantity: Mapped[int]


class Lot(Base):
    """One delivery of an item with one expiry date; what has none is in the lot ''."""

    __tablename__ = "lot"
    __table_args__ = (UniqueConstraint("item_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("supply_item.id"))
    code: Mapped[str] = mapped_column(String(40))
    expiry_date: Mapped[date | None]


class StockPlace(Base):
    """Where units of a station can be: there, held for a transfer, on their way from it, or lent by it."""

    __tablename__ = "stock_place"
    __table_args__ = (
        UniqueConstraint("station_id", "kind"),
        CheckConstraint("kind IN ('station', 'held', 'in_transit', 'lent')", name="kind_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    station_id: Mapped[int] = mapped_column(ForeignKey("station.id"))
    kind: Mapped[str] = mapped_column(String(12))


class StockLevel(Base):
    """What is on hand of one lot at one place: always the sum of its movements, never below zero."""

    __tablename__ = "stock_level"
    __table_args__ = (CheckConstraint("on_hand >= 0", name="not_negative"),)

    place_id: Mapped[int] = mapped_column(ForeignKey("stock_place.id"), primary_key=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), primary_key=True, index=True)
    on_hand: Mapped[int]
    as_of: Mapped[datetime] = mapped_column(UtcDateTime)


class Movement(Base):
    """One line of the ledger; triggers refuse to change or remove it. `quantity` is signed; lines of one order share
    `order_id`, the writer's request id. `happened_at` is when the writer's device says it was, `at` when it was
    booked. `about` names what it belongs to, such as transfer:12. A reversal names the line that it takes back."""

    __tablename__ = "movement"
    __table_args__ = (
        UniqueConstraint("order_id", "line"),
        UniqueConstraint("reverses_id"),
        CheckConstraint("quantity <> 0", name="moves_something"),
        Index("ix_movement_place_id_lot_id_id", "place_id", "lot_id", "id"),
        Index("ix_movement_kind_happened_at", "kind", "happened_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(20))
    place_id: Mapped[int] = mapped_column(ForeignKey("stock_place.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    quantity: Mapped[int]
    balance: Mapped[int]
    order_id: Mapped[str] = mapped_column(String(96))
    line: Mapped[int]
    actor: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(200))
    about: Mapped[str] = mapped_column(String(40), index=True)
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("movement.id"))


class StockLimit(Base):
    """When an item is short at a station, and how much fits there."""

    __tablename__ = "stock_limit"
    __table_args__ = (
        CheckConstraint(
            "0 <= min_level AND min_level <= reorder_level AND reorder_level <= max_level", name="in_order"
        ),
    )

    place_id: Mapped[int] = mapped_column(ForeignKey("stock_place.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("supply_item.id"), primary_key=True)
    min_level: Mapped[int]
    reorder_level: Mapped[int]
    max_level: Mapped[int]


class StockCount(Base):
    """One count of an item at a station. `position` is the newest movement that the counter had seen; `expected` the
    balance at it. The adjustment has the same order id."""

    __tablename__ = "stock_count"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    order_id: Mapped[str] = mapped_column(String(64), unique=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("stock_place.id"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("supply_item.id"))
    position: Mapped[int]
    expected: Mapped[int]
    counted: Mapped[int]
    actor: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(200))


class StockAlert(Base):
    """An item that runs short at a station; one live alert for each, acknowledged by name until it gets worse."""

    __tablename__ = "stock_alert"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 3", name="level_known"),
        Index(
            "uq_stock_alert_live", "place_id", "item_id", unique=True,
            sqlite_where=text("cleared_at IS NULL"), postgresql_where=text("cleared_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("stock_place.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("supply_item.id"))
    level: Mapped[int]
    on_hand: Mapped[int]
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    acknowledged_by: Mapped[str | None] = mapped_column(String(80))
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cleared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Transfer(Base):
    """Units on their way from one station to another. `vehicle` is a plate or a sticker number."""

    __tablename__ = "transfer"
    __table_args__ = (
        CheckConstraint(
            "state IN ('requested', 'approved', 'picked', 'sent', 'received', 'refused', 'cancelled')",
            name="state_known",
        ),
        CheckConstraint("from_place_id <> to_place_id", name="goes_somewhere"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    from_place_id: Mapped[int] = mapped_column(ForeignKey("stock_place.id"), index=True)
    to_place_id: Mapped[int] = mapped_column(ForeignKey("stock_place.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), index=True)
    vehicle: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(200))
    requested_by: Mapped[str] = mapped_column(String(80))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(String(80))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class TransferLine(Base):
    """One item of a transfer; `received` and its `reason` are filled in at the end."""

    __tablename__ = "transfer_line"
    __table_args__ = (CheckConstraint("quantity > 0", name="moves_something"),)

    transfer_id: Mapped[int] = mapped_column(ForeignKey("transfer.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("supply_item.id"), primary_key=True)
    quantity: Mapped[int]
    received: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(200))


class Loan(Base):
    """One lent thing by its tag of four digits; nobody's name is kept."""

    __tablename__ = "loan"
    __table_args__ = (
        Index(
            "uq_loan_live", "item_id", "tag", unique=True,
            sqlite_where=text("returned_at IS NULL"), postgresql_where=text("returned_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("stock_place.id"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("supply_item.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    tag: Mapped[str] = mapped_column(String(4))
    lent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    returned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    returned_place_id: Mapped[int | None] = mapped_column(ForeignKey("stock_place.id"))
