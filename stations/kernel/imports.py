"""An import that was previewed, applied or undone: what it would change or has changed, row by row."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from stations.kernel.db import Base, UtcDateTime


class ImportRun(Base):
    """`rows` are the cells as read, by heading, with what was `fixed` since, by field; `columns` says which heading
    stands for which field (empty where the headings are the fields); `changes` is what applying did, for the undo."""

    __tablename__ = "import_run"
    __table_args__ = (CheckConstraint("state IN ('previewed', 'applied', 'undone')", name="state_known"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(30), index=True)
    filename: Mapped[str] = mapped_column(String(200))
    actor: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(10))
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    columns: Mapped[dict[str, str]] = mapped_column(JSON)
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
