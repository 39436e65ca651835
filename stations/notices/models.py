"""Notice."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from stations.kernel.db import Base, UtcDateTime


class Notice(Base):
    """Something to tell a volunteer at `due_at`, of no use from `until` on. `key` keeps it from being told twice. The
    phone number is looked up when it is sent, and never kept here."""

    __tablename__ = "notice_outbox"
    __table_args__ = (Index("ix_notice_outbox_due_at", "sent_at", "failed_reason", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("volunteer.id"), index=True)
    path: Mapped[str] = mapped_column(String(240), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    values: Mapped[dict[str, str]] = mapped_column(JSON)
    is_urgent: Mapped[bool]
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    receipt: Mapped[str] = mapped_column(String(120), default="")
    failed_reason: Mapped[str] = mapped_column(String(120), default="")
