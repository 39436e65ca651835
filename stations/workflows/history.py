"""The imports that somebody made, without their rows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from stations.accounts.rules import Actor
from stations.kernel.db import db
from stations.kernel.imports import ImportRun


@dataclass(frozen=True, slots=True)
class RunRow:
    """One import; `changes` is how many rows it wrote."""

    id: int
    kind: str
    filename: str
    actor: str
    state: str
    created_at: datetime
    changes: int


def list_runs(actor: Actor, limit: int, offset: int = 0) -> list[RunRow]:
    """The imports of this person, the newest first."""
    written = func.json_array_length(ImportRun.changes)
    fields = (ImportRun.id, ImportRun.kind, ImportRun.filename, ImportRun.actor, ImportRun.state, ImportRun.created_at)
    chosen = select(*fields, written).where(ImportRun.actor == actor.username).order_by(ImportRun.id.desc())
    return [RunRow(*row) for row in db.session.execute(chosen.limit(limit).offset(offset))]


def count_runs(actor: Actor) -> int:
    """How many imports this person made."""
    mine = select(func.count()).select_from(ImportRun).where(ImportRun.actor == actor.username)
    return db.session.execute(mine).scalar_one()
