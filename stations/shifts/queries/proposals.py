"""Rosters that the optimizer proposed and that somebody is to decide on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from stations.kernel.db import db
from stations.kernel.errors import NotFound
from stations.kernel.text import _
from stations.shifts.models.placing import RosterProposal
from stations.shifts.queries.scopes import AnySelect, below


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """One proposal for the shifts below `path` that start from `since` to `until`; open until it is decided on."""

    id: int
    path: str
    since: datetime
    until: datetime
    summary: dict[str, Any]
    made_by: str
    made_at: datetime
    closed_at: datetime | None


def list_open_proposals(paths: Sequence[str]) -> list[ProposalRow]:
    """The proposals below `paths` that are open, the newest first."""
    return _load(RosterProposal.closed_at.is_(None), below(RosterProposal.path, paths))


def get_proposal(proposal_id: int) -> ProposalRow:
    """The proposal of that id, a closed one too."""
    rows = _load(RosterProposal.id == proposal_id)
    if not rows:
        raise NotFound("proposal.unknown", _("There is no such proposal."))
    return rows[0]


def _load(*wanted: ColumnElement[bool]) -> list[ProposalRow]:
    chosen: AnySelect = (
        select(
            RosterProposal.id, RosterProposal.path, RosterProposal.since, RosterProposal.until, RosterProposal.summary,
            RosterProposal.made_by, RosterProposal.made_at, RosterProposal.closed_at,
        )
        .where(*wanted)
        .order_by(RosterProposal.id.desc())
    )  # fmt: skip
    return [ProposalRow(*row) for row in db.session.execute(chosen)]
