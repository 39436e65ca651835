"""What a team leader or deputy presses beside a member's name: call, correct, replace."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, request

from stations.kernel import replay
from stations.kernel.db import run_in_transaction
from stations.kernel.errors import Forbidden, Refused
from stations.kernel.forms import read_request_id, text_reader
from stations.seasons.queries import get_calendar
from stations.shifts.actions.acting import NOT_YOURS, leader_of, may_lead
from stations.shifts.actions.attendance import correct_attendance, reveal_volunteer_phone
from stations.shifts.actions.covering import cover
from stations.shifts.actions.placing import LIMITS
from stations.shifts.queries.assignments import AssignmentRow, get_assignment
from stations.shifts.queries.covers import CoverRow, list_covers
from stations.shifts.queries.volunteers import VolunteerRow
from stations.web.attending import MOST_COVERS, CorrectionForm, read_number
from stations.web.volunteer.pages import draw, go_back
from stations.web.volunteer.team_sheet import make_team
from stations.web.volunteer_links import find_volunteer

door = Blueprint("volunteer_team", __name__, url_prefix="/v")


@dataclass(frozen=True)
class CoverSheet:
    """A place of a member's, and who could take it."""

    row: AssignmentRow
    covers: list[CoverRow]


@door.post("/<token>/team/<id:number>/phone")
def phone(token: str, number: int) -> Response:
    """Show a member's number once, with the reason that is kept."""
    row = find_volunteer(token)
    leader = leader_of(row)

    def do() -> Response:
        reason = text_reader(200)(request.form.get("reason", ""))
        shown = run_in_transaction(lambda: reveal_volunteer_phone(number, reason, leader))
        return draw("team", token, row, sheet=make_team(row, {number: shown}))

    return _or_say_why(token, row, do)


@door.post("/<token>/team/<id:number>/correct")
def correct(token: str, number: int) -> Response:
    """Say what it really was."""
    row = find_volunteer(token)
    leader = leader_of(row)

    def do() -> Response:
        form, claimed = CorrectionForm(request.form), read_request_id(request.form.get("id", ""))
        form.require()
        action = f"attendance.correct {number}"
        run_in_transaction(
            lambda: replay.once(
                claimed, action, leader.username, lambda: correct_attendance(form.order(number), leader)
            )
        )
        return go_back("team", token, "correct")

    return _or_say_why(token, row, do)


@door.get("/<token>/team/<id:number>/cover")
def covers(token: str, number: int) -> Response:
    """Which member could stand in."""
    return _draw_covers(token, find_volunteer(token), number)


@door.post("/<token>/team/<id:number>/cover")
def replace(token: str, number: int) -> Response:
    """Let a member stand in."""
    row = find_volunteer(token)
    leader = leader_of(row)
    _get_led(row, number)
    try:
        chosen, claimed = read_number(request.form.get("volunteer", "")), read_request_id(request.form.get("id", ""))
        run_in_transaction(lambda: cover(claimed, number, chosen, leader))
    except Refused as refused:
        return _draw_covers(token, row, number, refused)
    return go_back("team", token, "cover")


def _or_say_why(token: str, row: VolunteerRow, do: Callable[[], Response]) -> Response:
    try:
        return do()
    except Refused as refused:
        return draw("team", token, row, refused=refused)


def _get_led(row: VolunteerRow, number: int) -> AssignmentRow:
    """An assignment of one's own team. Raises Forbidden for any other, there or not."""
    held, leader = get_assignment(number), leader_of(row)
    if not may_lead(leader, held.path, held.volunteer_path):
        raise Forbidden("permission.missing", NOT_YOURS)
    return held


def _draw_covers(token: str, row: VolunteerRow, number: int, refused: Refused | None = None) -> Response:
    held = _get_led(row, number)
    paths = leader_of(row).paths("shifts.lead")
    found = list_covers(held, paths, LIMITS, get_calendar().zone, MOST_COVERS)
    return draw("cover", token, row, refused=refused, sheet=CoverSheet(held, found))
