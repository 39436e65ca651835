"""Every write carries a request id: sent again, it answers what it answered and writes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import JSON, String, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from stations.kernel import clock
from stations.kernel.db import Base, UtcDateTime, db, in_transaction, is_sqlite
from stations.kernel.errors import Refused
from stations.kernel.text import Text, _

CHANGED: Text = _("This form was saved already with other content. Nothing was changed; please reload the page.")
REUSED: Text = _("This form was already used for something else. Please reload it.")


class AnsweredRequest(Base):
    __tablename__ = "answered_request"

    request_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    action: Mapped[str] = mapped_column(String(60))
    actor: Mapped[str] = mapped_column(String(80))
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    fingerprint: Mapped[str | None] = mapped_column(String(64))


@dataclass(frozen=True)
class Answer:
    """What an action answered; `is_replay` when it had been answered before."""

    content: dict[str, Any]
    is_replay: bool


def once(
    request_id: str, action: str, actor: str, do: Callable[[], dict[str, Any]], fingerprint: str = ""
) -> Answer:  # fmt: skip
    """Do it unless `request_id` was done before; the claim and the deed share the caller's transaction.

    A second sender waits on the first one's row, then reads its answer. An id that was used for another
    action or by another person is refused, and one with another `fingerprint` of what was sent, where one is given.
    """
    if not is_first(request_id, action, actor, fingerprint):
        return Answer(_get_answer(request_id, action, actor, fingerprint), is_replay=True)
    content = do()
    done = update(AnsweredRequest).where(AnsweredRequest.request_id == request_id).values(answer=content)
    db.session.execute(done)
    return Answer(content, is_replay=False)


def is_first(request_id: str, action: str, actor: str, fingerprint: str = "") -> bool:
    """Claim `request_id` in this transaction; False when it was done before, the same action by the same person.

    For actions whose answer can be read back from what they wrote."""
    known: bool | None = in_transaction().pop(f"claimed {request_id}", None)
    if known is not None:
        return known
    claim = {
        "request_id": request_id, "action": action, "actor": actor, "answer": {}, "at": clock.now(),
        "fingerprint": fingerprint,
    }  # fmt: skip
    if db.session.execute(_claims().returning(AnsweredRequest.request_id), claim).first() is not None:
        return True
    _get_answer(request_id, action, actor, fingerprint)
    return False


def claim_many(requests: Mapping[str, str], actor: str) -> None:
    """Claim several requests (id -> action) at once. The actions that `is_first` is asked about next, each once, must
    be these; it looks again at those that were used for something else."""
    if not requests:
        return
    at = clock.now()
    rows = [
        {"request_id": request_id, "action": action, "actor": actor, "answer": {}, "at": at}
        for request_id, action in requests.items()
    ]
    claimed = db.session.execute(_claims().values(rows).returning(AnsweredRequest.request_id))
    new = set(claimed.scalars())
    by_actor = select(AnsweredRequest.request_id, AnsweredRequest.action).where(AnsweredRequest.actor == actor)
    old = by_actor.where(AnsweredRequest.request_id.in_(requests.keys() - new))
    replayed = {known for known, action in db.session.execute(old) if requests[known] == action}
    in_transaction().update({f"claimed {request_id}": request_id in new for request_id in new | replayed})


def _claims() -> sqlite.Insert | postgresql.Insert:
    insert = sqlite.insert if is_sqlite() else postgresql.insert
    return insert(cast(Table, AnsweredRequest.__table__)).on_conflict_do_nothing()


def _get_answer(request_id: str, action: str, actor: str, fingerprint: str) -> dict[str, Any]:
    row = db.session.execute(
        select(
            AnsweredRequest.action, AnsweredRequest.actor, AnsweredRequest.answer, AnsweredRequest.fingerprint
        ).where(AnsweredRequest.request_id == request_id)
    ).one()
    if (row.action, row.actor) != (action, actor):
        raise Refused("request.reused", REUSED)
    if fingerprint and row.fingerprint not in (None, "", fingerprint):
        raise Refused("request.changed", CHANGED)
    return dict(row.answer)
