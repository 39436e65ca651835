"""Assignment, RosterProposal, WaitingEntry, Swap."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from stations.kernel.db import Base, UtcDateTime

ON_LIST = "state IN ('waiting', 'offered')"
ASKED = "state = 'asked'"


class RosterProposal(Base):
    """What the optimizer proposed for the shifts below `path` that start in a span: its assignments are in the state
    'proposed' until somebody accepts all, some or none. `summary` is what the page says of it."""

    __tablename__ = "roster_proposal"

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(String(240), index=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    summary: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_by: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Assignment(Base):
    """A volunteer at a place of a shift. Only a confirmed one takes the place; two confirmed ones of a volunteer may
    not overlap: the database refuses it. The shift's times are repeated here for that; `moved_at` is when they became
    others."""

    __tablename__ = "assignment"
    __table_args__ = (
        CheckConstraint(
            "state IN ('proposed', 'confirmed', 'dropped', 'declined', 'removed', 'cancelled')", name="state_known"
        ),
        CheckConstraint(
            "source IN ('self', 'leader', 'admin', 'optimizer', 'import', 'swap', 'offer')", name="source_known"
        ),
        CheckConstraint("starts_at < ends_at", name="takes_time"),
        Index("ix_assignment_volunteer_id_ends_at", "volunteer_id", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("shift_need.id"), index=True)
    shift_id: Mapped[int] = mapped_column(ForeignKey("shift.id"), index=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"))
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("roster_proposal.id"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(10))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    override_reason: Mapped[str] = mapped_column(String(200))
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    acknowledged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    moved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    end_reason: Mapped[str] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(default=1)


class WaitingEntry(Base):
    """Somebody who waits for a place of a need. An offer keeps a place (`ShiftNeed.offered`) until `offered_until`."""

    __tablename__ = "waiting_entry"
    __table_args__ = (
        CheckConstraint(
            "state IN ('waiting', 'offered', 'accepted', 'declined', 'lapsed', 'left')", name="state_known"
        ),
        CheckConstraint("state <> 'offered' OR offered_until IS NOT NULL", name="offer_ends"),
        Index(
            "uq_waiting_entry_on_list", "need_id", "volunteer_id", unique=True, sqlite_where=text(ON_LIST),
            postgresql_where=text(ON_LIST),
        ),
        Index("ix_waiting_entry_state_offered_until", "state", "offered_until"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    need_id: Mapped[int] = mapped_column(ForeignKey("shift_need.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    offered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    offered_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Swap(Base):
    """Somebody asks another to take over an assignment (replace), or to exchange it for theirs. One open question an
    assignment."""

    __tablename__ = "swap"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'agreed', 'refused', 'withdrawn', 'lapsed')", name="state_known"),
        Index(
            "uq_swap_asked", "assignment_id", unique=True, sqlite_where=text(ASKED), postgresql_where=text(ASKED)
        ),
        Index("ix_swap_state_until", "state", "until"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignment.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), index=True)
    other_assignment_id: Mapped[int | None] = mapped_column(ForeignKey("assignment.id"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
