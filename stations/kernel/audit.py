"""Who did what, when, from what to what: append-only rows, each sealed with the hash of the one before."""

import hashlib
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import JSON, Row, String, Text, select, text
from sqlalchemy.orm import Mapped, mapped_column

from stations.kernel import clock
from stations.kernel.db import Base, UtcDateTime, db, in_transaction, is_sqlite

CHAIN_LOCK = 7_102_001


class AuditEvent(Base):
    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor: Mapped[str] = mapped_column(String(80))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(120), index=True)
    scope: Mapped[str] = mapped_column(String(200), index=True)
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


def record(
    action: str,
    subject: str,
    *,
    actor: str,
    scope: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> None:
    """Append one event inside the caller's transaction. `before` and `after` hold plain JSON values."""
    event = AuditEvent(
        at=clock.now(), actor=actor, action=action, subject=subject, scope=scope,
        before=before or {}, after=after or {}, reason=reason, previous_hash=_last_hash(),
    )  # fmt: skip
    event.hash = _seal(event)
    in_transaction()["audit"] = event.hash
    db.session.add(event)
    db.session.flush()


def record_change(
    action: str,
    subject: str,
    before: dict[str, str],
    after: dict[str, str],
    *,
    actor: str,
    scope: str = "",
    hidden: frozenset[str] = frozenset(),
) -> None:
    """Append what of `after` differs from `before`; of a `hidden` field only that it holds something."""
    changed = {name for name in after if before.get(name) != after[name]}

    def shown(values: dict[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in values.items() if name in changed}
        return {name: "***" if name in hidden and value else value for name, value in kept.items()}

    record(action, subject, actor=actor, scope=scope, before=shown(before), after=shown(after))


def _last_hash() -> str:
    """The newest seal, locked until the transaction ends: two writers must not seal onto the same one."""
    known = in_transaction().get("audit")
    if known is not None:
        return str(known)
    if not is_sqlite():
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CHAIN_LOCK})
    return db.session.execute(select(AuditEvent.hash).order_by(AuditEvent.id.desc()).limit(1)).scalar() or ""


def list_events(subject: str, limit: int = 50) -> list[Row[datetime, str, str, str]]:
    """The latest events about `subject`, newest first: (at, actor, action, reason)."""
    chosen = select(AuditEvent.at, AuditEvent.actor, AuditEvent.action, AuditEvent.reason)
    found = chosen.where(AuditEvent.subject == subject).order_by(AuditEvent.id.desc()).limit(limit)
    return list(db.session.execute(found))


def list_acts(action: str, since: datetime) -> list[Row[datetime, str, dict[str, Any]]]:
    """Every event of `action` since then, newest first: (at, actor, after)."""
    chosen = select(AuditEvent.at, AuditEvent.actor, AuditEvent.after)
    found = chosen.where(AuditEvent.at >= since, AuditEvent.action == action).order_by(AuditEvent.id.desc())
    return list(db.session.execute(found))


def find_break() -> int | None:
    """The id of the first event whose seal does not fit, or None when the chain is whole."""
    previous = ""
    for event in db.session.execute(select(AuditEvent).order_by(AuditEvent.id)).scalars():
        if event.previous_hash != previous or event.hash != _seal(event):
            return event.id
        previous = event.hash
    return None


def _seal(event: AuditEvent) -> str:
    sealed = (
        event.previous_hash, event.at.isoformat(), event.actor, event.action, event.subject,
        event.scope, event.before, event.after, event.reason,
    )  # fmt: skip
    return hashlib.sha256(msgspec.json.encode(sealed, order="sorted")).hexdigest()
