"""A volunteer's own pages: a signed link, no password. Every press comes from a plain form or from the outbox."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import msgspec
from flask import Blueprint, Response, make_response, render_template, request, url_for

from stations.feedback.rules import TOPIC_NAMES, WHO_NAMES
from stations.kernel import clock
from stations.kernel.db import setting
from stations.kernel.errors import Refused
from stations.kernel.masking import mask_phone
from stations.kernel.text import Text, _
from stations.shifts.queries.volunteers import VolunteerRow
from stations.shifts.rules.attendance import HOW_NAMES, PRESENCE_NAMES
from stations.shifts.rules.skills import HALVES, POSTS, STANDINGS, post_of, skill_name
from stations.web.addresses import read_id
from stations.web.context import shown_time
from stations.web.errors import TITLES, problem
from stations.web.outboxes import read_entries, settle
from stations.web.volunteer.picture import make_about, make_home, make_hours, make_open, make_shift
from stations.web.volunteer.presses import ANYBODY, DONE, press_once
from stations.web.volunteer.team_sheet import make_team
from stations.web.volunteer_links import find_volunteer, make_calendar_link
from stations.web.writing import go
from stations.workflows.counselling import is_counsellor, list_hotlines, open_desk

door = Blueprint("volunteer", __name__, url_prefix="/v")


@door.get("/<token>")
def home(token: str) -> Response:
    """My next shift, what is asked of me, my shifts ahead."""
    return draw("home", token, find_volunteer(token))


@door.get("/<token>/open")
def open_shifts(token: str) -> Response:
    """The shifts of one day that I may take, and why not the others."""
    return draw("open", token, find_volunteer(token))


@door.get("/<token>/about")
def about(token: str) -> Response:
    """When I am free, what I wish, with whom; my calendar."""
    return draw("about", token, find_volunteer(token))


@door.get("/<token>/hours")
def hours(token: str) -> Response:
    """What I have done."""
    return draw("hours", token, find_volunteer(token))


@door.get("/<token>/counsel")
def counsel(token: str) -> Response:
    """A counsellor's count of today, whom to call and where to send people."""
    return draw("counsel", token, find_volunteer(token))


@door.get("/<token>/team")
def team(token: str) -> Response:
    """A leader's team: who is there, who is missing."""
    return draw("team", token, find_volunteer(token))


@door.get("/<token>/shift/<id:assignment_id>")
def shift(token: str, assignment_id: int) -> Response:
    """One shift of mine: where, who leads, swap, give back."""
    return draw("shift", token, find_volunteer(token), assignment_id)


@door.get("/<token>/now")
def now(token: str) -> Response:
    """What an open page's outbox asks: whether the link still holds."""
    return _send(find_volunteer(token), [])


@door.post("/<token>/press")
def press(token: str) -> Response:
    """One button, from a plain form; back to the page that it came from, or that page with the reason why not."""
    row = find_volunteer(token)
    back, number = request.form.get("back", "home"), request.form.get("number", type=read_id)
    try:
        press_once(request.form, row)
    except Refused as refused:
        return _draw_refused(back, token, number, refused)
    kind = request.form["kind"]
    if kind == "withdraw":
        return go(url_for("volunteer_sign_in.page", done=kind))
    if kind in ("come", "unask", "ask") and back == "shift" and number is not None:
        held = request.form.get("held", number, type=read_id)
        return go(url_for(".shift", token=token, assignment_id=held, done=kind))
    return go_back(back, token, kind)


def go_back(back: str, token: str, kind: str) -> Response:
    """To the page that a press came from, which says that it is done."""
    to = {name: f"volunteer.{name}" for name in ("about", "counsel", "team")} | {"open": "volunteer.open_shifts"}
    day, station = request.form.get("day"), request.form.get("station")
    return go(url_for(to.get(back, "volunteer.home"), token=token, done=kind, day=day, station=station))


@door.post("/<token>/presses")
def presses(token: str) -> Response:
    """A phone's outbox: a JSON list of presses, done in their order, each by itself."""
    row = find_volunteer(token)
    try:
        results = settle(read_entries(), lambda fields: press_once(fields, row).is_replay)
    except Refused as refused:
        return problem(refused.status, refused.code, TITLES[refused.status], refused.message, None)
    return _send(row, results)


def _draw_refused(back: str, token: str, number: int | None, refused: Refused) -> Response:
    """The page again, with what was typed; the first page where that one is no more."""
    row = find_volunteer(token)
    if back == "shift":
        try:
            return draw(back, token, row, request.form.get("held", number, type=read_id), refused=refused)
        except Refused:
            back = "home"
    return draw(back if back in SHEETS else "home", token, row, refused=refused)


def _open(row: VolunteerRow) -> Any:
    try:
        return make_open(row, date.fromisoformat(request.values.get("day", "")))
    except ValueError:
        return make_open(row, None)


def _counsel(row: VolunteerRow) -> Any:
    return open_desk(row, request.values.get("station"))


SAID: Mapping[str, Text] = {
    **DONE, "correct": _("The attendance is corrected."), "cover": _("Replaced. Please call them."),
}  # fmt: skip
SHEETS: Mapping[str, Callable[[VolunteerRow], Any]] = {
    "home": make_home,
    "open": _open,
    "about": make_about,
    "hours": make_hours,
    "counsel": _counsel,
    "team": make_team,
}


def draw(
    name: str, token: str, row: VolunteerRow, number: int | None = None, *, refused: Refused | None = None,
    sheet: Any = None,
) -> Response:  # fmt: skip
    """One of a volunteer's pages; `sheet` is what it shows where that was gathered already."""
    if sheet is None:
        sheet = make_shift(row, number or 0) if name == "shift" else SHEETS[name](row)
    done: Text | None = None if refused else SAID.get(request.args.get("done", ""))
    page = render_template(
        f"volunteer/{name}.html", me=row, token=token, sheet=sheet, refusal=refused and refused.message, done=done,
        typed=request.form, post_of=post_of, skill_name=skill_name, posts=POSTS, halves=HALVES, standings=STANDINGS,
        anybody=ANYBODY, here=name, may_count=is_counsellor(row, clock.now()), who_names=WHO_NAMES,
        topic_names=TOPIC_NAMES, hotlines=list_hotlines() if name == "counsel" else (),
        presence_names=PRESENCE_NAMES, how_names=HOW_NAMES, mask=mask_phone,
        calendar_url=make_calendar_link(row), keep_days=setting("keep_days"),
    )  # fmt: skip
    response = make_response(page, refused.status if refused else 200)
    response.headers["Volunteer"] = str(row.id)
    return _keep_to_oneself(response)


def _send(row: VolunteerRow, results: list[dict[str, Any]]) -> Response:
    at = clock.now()
    content = {
        "results": results, "person": str(row.id), "token": "", "now": at.isoformat(), "as_of": shown_time(at),
        "position": 0,
    }  # fmt: skip
    return _keep_to_oneself(Response(msgspec.json.encode(content), mimetype="application/json"))


def _keep_to_oneself(response: Response) -> Response:
    """Nobody's cache and nobody's index."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
