"""The automatic roster: started, watched, shown beside the one that stands, accepted whole, in part or not at all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, flash, make_response, render_template, request, url_for

from stations.accounts.queries import list_organizations
from stations.accounts.rules import Actor
from stations.kernel.cells import read_last_day, read_whole
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.forms import CellField, CellForm, HiddenField, read_request_id, text_reader
from stations.kernel.replay import once
from stations.kernel.text import Text, _
from stations.shifts.actions.proposals import accept_proposal, keep_proposal, reject_proposal
from stations.shifts.queries.assignments import AssignmentRow, list_assignments, list_proposed
from stations.shifts.queries.proposals import ProposalRow, get_proposal, list_open_proposals
from stations.shifts.queries.shifts import list_shifts
from stations.shifts.rules.planning import ShiftRow
from stations.web.addresses import read_id
from stations.web.coordination.days import Day, find_day
from stations.web.coordination.words import words
from stations.web.guard import actor, needs
from stations.web.working import PART, WHOLE, show_work
from stations.web.writing import go, write_once
from stations.workflows.rostering import unpack_text, work_out

door = Blueprint("coordination_roster", __name__, url_prefix="/coordination/roster")

LEAST_SECONDS, USUAL_SECONDS, MOST_SECONDS = 2, 20, 300
MOST_TOLD = 20
DONE: Text = _("The proposal is kept. Nobody was placed yet.")


def _read_seconds(typed: str) -> int:
    seconds = read_whole(typed)
    if not LEAST_SECONDS <= seconds <= MOST_SECONDS:
        message = _("Please choose %(least)s to %(most)s seconds.", least=LEAST_SECONDS, most=MOST_SECONDS)
        raise Invalid("roster.seconds", message)
    return seconds


class RosterForm(CellForm):
    """For whose shifts of which day, and how long it may think."""

    day = CellField(_("Day"), read_last_day, is_required=True)
    organization = CellField(_("Organization"), text_reader(40))
    seconds = CellField(_("Seconds to think"), _read_seconds)
    request_id = HiddenField(_("Request id"), read_request_id, is_required=True)


@dataclass(frozen=True)
class Beside:
    """A shift that the proposal changes or that stays short: who is on it, who would come, why places stay empty."""

    shift: ShiftRow
    people: list[AssignmentRow]
    proposed: list[AssignmentRow]
    empty: list[tuple[str, int, Text]]


@door.get("/")
@needs("shifts.write")
def page() -> str:
    """What to work out, and the proposals that wait for a decision."""
    return _draw_start(RosterForm())


def _draw_start(form: RosterForm) -> str:
    paths = actor().paths("shifts.write")
    return render_template(
        "coordination/roster.html", form=form, day=find_day(form.day.value), organizations=_organizations(paths),
        proposals=list_open_proposals(paths), usual=USUAL_SECONDS, **words(),
    )  # fmt: skip


def _organizations(paths: Sequence[str]) -> dict[str, str]:
    return {row.code: row.name for row in list_organizations(tuple(paths))}


@door.post("/")
@needs("shifts.write")
def start() -> Response:
    """Work it out while the page counts; then show what came of it."""
    form, me = RosterForm(request.form), actor()
    try:
        form.require()
        path = _read_path(form.organization.value or "", me)
    except Refused as refused:
        if not form.errors:
            form.organization.errors = [refused.message]
        return make_response(_draw_start(form), refused.status)
    day, seconds = find_day(form.day.value), form.seconds.value or USUAL_SECONDS

    def do() -> str:
        proposal_id = _propose(form.request_id.value, path, day, seconds, me)
        return _draw_proposal(_get_mine(proposal_id, me), PART)

    back = (url_for(".page"), _("Roster"))
    return show_work(_("Work out a roster"), do, page_class="page--wide stack", back=back)


def _read_path(code: str, me: Actor) -> str:
    """Below which path shifts are filled: an organization's, or all that one may write where that is one."""
    paths = me.paths("shifts.write")
    named = next((row.path for row in list_organizations(paths) if row.code == code), None)
    if named is None and (code or len(paths) != 1):
        raise Invalid("organization.choose", _("Please choose an organization."), field="organization")
    return named if named is not None else paths[0]


def _propose(request_id: str, path: str, day: Day, seconds: int, me: Actor) -> int:
    order = work_out(path, day.since, day.until, seconds, me)
    answer = run_in_transaction(
        lambda: once(request_id, "roster.propose", me.username, lambda: keep_proposal(order, me))
    )
    return int(answer.content["id"])


def _get_mine(proposal_id: int, me: Actor) -> ProposalRow:
    row = get_proposal(proposal_id)
    if not me.may("shifts.write", row.path):
        raise NotFound("proposal.unknown", _("There is no such proposal."))
    return row


@door.get("/<id:proposal_id>")
@needs("shifts.write")
def proposal(proposal_id: int) -> str:
    """The proposal beside the roster that stands."""
    return _draw_proposal(_get_mine(proposal_id, actor()))


def _draw_proposal(row: ProposalRow, layout: str = WHOLE, error: Text | None = None) -> str:
    shown = list_beside(row)
    return render_template(
        "coordination/proposal.html", layout=layout, proposal=row, shown=shown, error=error,
        changed=sum(bool(one.proposed) for one in shown), day=find_day(), **words(),
    )  # fmt: skip


def list_beside(row: ProposalRow) -> list[Beside]:
    """The shifts of the proposal of which something is to be said, those that stay short first."""
    paths = (row.path,)
    people, proposed = _by_shift(list_assignments(paths, row.since, row.until)), _by_shift(list_proposed(row.id))
    reasons = {one["need"]: (one["places"], unpack_text(one["reason"])) for one in row.summary.get("empty", ())}
    found = []
    for shift in list_shifts(paths, row.since, row.until):
        empty = [(need.skill, *reasons[need.id]) for need in shift.needs if need.id in reasons]
        if empty or shift.id in proposed:
            found.append(Beside(shift, people.get(shift.id, []), proposed.get(shift.id, []), empty))
    return sorted(found, key=lambda one: (not one.empty, one.shift.starts_at, one.shift.station))


def _by_shift(rows: Collection[AssignmentRow]) -> dict[int, list[AssignmentRow]]:
    found: dict[int, list[AssignmentRow]] = {}
    for row in rows:
        found.setdefault(row.shift_id, []).append(row)
    return found


@door.post("/<id:proposal_id>/accept")
@needs("shifts.write")
def accept(proposal_id: int) -> Response:
    """Place all of it, or what is ticked."""
    row = _get_mine(proposal_id, actor())
    is_all = request.form.get("which") == "all"
    chosen = None if is_all else set(request.form.getlist("chosen", type=read_id))
    try:
        request_id, action = request.form.get("request_id"), f"roster.accept {row.id}"
        done = write_once(request_id, action, lambda by: accept_proposal(row.id, by, chosen), None)
    except Invalid as refused:
        return make_response(_draw_proposal(row, error=refused.message), refused.status)
    flash(str(_("%(count)s people are placed.", count=done["placed"])), "success")
    for _number, why in done["refused"][:MOST_TOLD]:
        flash(str(_("Left out, because meanwhile: %(why)s", why=why)), "caution")
    return go(url_for("coordination.page", day=find_day_of(row)))


def find_day_of(row: ProposalRow) -> str:
    """The local day that a proposal is about, as addresses write it."""
    zone = find_day().since.tzinfo
    return row.since.astimezone(zone).date().isoformat()


@door.post("/<id:proposal_id>/reject")
@needs("shifts.write")
def reject(proposal_id: int) -> Response:
    """Close it; nobody is placed."""
    row = _get_mine(proposal_id, actor())
    done = _("The proposal is put aside. Nobody was placed.")
    write_once(request.form.get("request_id"), f"roster.reject {row.id}", lambda by: reject_proposal(row.id, by), done)
    return go(url_for(".page"))
