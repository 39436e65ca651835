"""Many new volunteers at once, with all that is known about them: what is written one by one elsewhere, in a handful of
statements."""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from stations.accounts.rules import Actor
from stations.kernel import audit, clock
from stations.kernel.db import attempt, db
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.text import _
from stations.shifts.actions.teams import MOST_DEPUTIES
from stations.shifts.actions.telling import tell
from stations.shifts.actions.volunteers import KEY_BYTES, volunteer_fields
from stations.shifts.actions.writing import TAKEN
from stations.shifts.models.people import Availability, Volunteer, VolunteerSkill, Wish
from stations.shifts.queries.shifts import list_station_spots
from stations.shifts.queries.volunteers import NO_TEAM, TeamRow, list_teams
from stations.shifts.rules.orders import VolunteerOrder, check_post, check_skill
from stations.shifts.rules.rows import Half
from stations.shifts.rules.skills import HALVES, STANDINGS

EVERYTHING = ("",)


@dataclass(frozen=True)
class Enrolment:
    """A new volunteer of a team; `skills` are (proof, valid until) by skill, `free` and the wishes as for
    `set_availability` and `set_wishes`."""

    volunteer: VolunteerOrder
    standing: str = ""
    skills: Mapping[str, tuple[str, date | None]] = field(default_factory=dict)
    free: Mapping[Half, bool] = field(default_factory=dict)
    posts: Mapping[str, bool] = field(default_factory=dict)
    stations: Mapping[str, bool] = field(default_factory=dict)


def enrol(rows: Sequence[Enrolment], actor: Actor) -> dict[str, int]:
    """Add volunteers to teams that have nobody yet: ids by staff number. All of them, or none where one is wrong or
    known already."""
    teams = {team.code: team for team in list_teams(EVERYTHING)}
    _check(rows, teams)
    chosen = {code: teams[code] for code in {row.volunteer.team for row in rows}}
    for team in chosen.values():
        actor.require("volunteers.write", team.path)
    made = insert(Volunteer).returning(Volunteer.id, sort_by_parameter_order=True)
    try:
        with attempt():
            ids = list(db.session.execute(made, [_fields(row, teams[row.volunteer.team]) for row in rows]).scalars())
    except IntegrityError:
        raise Refused("row.exists", TAKEN, field="code") from None
    _insert_known(list(zip(ids, rows, strict=True)), actor)
    counts = Counter(row.volunteer.team for row in rows)
    for code, team in sorted(chosen.items()):
        audit.record(
            "volunteers.enrol", f"team:{code}", actor=actor.username, scope=team.path, after={"count": counts[code]}
        )
    tell(*(team.path for team in chosen.values()))
    return {row.volunteer.staff_no: number for number, row in zip(ids, rows, strict=True)}


def _check(rows: Sequence[Enrolment], teams: Mapping[str, TeamRow]) -> None:
    stations = {spot.code for spot in list_station_spots(EVERYTHING)}
    for row in rows:
        team = teams.get(row.volunteer.team)
        if team is None:
            raise NotFound("team.unknown", NO_TEAM)
        if team.members:
            raise Refused("team.members", _("The team still has volunteers."))
        _check_known(row, stations)
    _check_standings(rows)


def _check_known(row: Enrolment, stations: set[str]) -> None:
    for skill, (proof, _until) in row.skills.items():
        check_skill(skill)
        if not proof.strip():
            raise Invalid("skill.proof", _("Please say which proof you have seen."), field="proof")
    for post in row.posts:
        check_post(post)
    if not row.stations.keys() <= stations:
        raise Invalid("station.unknown", _("There is no such station."), field="stations")
    if not {half for _day, half in row.free} <= HALVES.keys():
        raise Invalid("half.unknown", _("Please choose a half of the day."), field="half")


def _check_standings(rows: Sequence[Enrolment]) -> None:
    if not {row.standing for row in rows} <= STANDINGS.keys():
        raise Invalid("standing.unknown", _("There is no such standing."), field="standing")
    counts = Counter((row.volunteer.team, row.standing) for row in rows)
    if any(count > 1 for (_team, standing), count in counts.items() if standing == "leader"):
        raise Refused("standing.leaders", _("A team has one leader."))
    if any(count > MOST_DEPUTIES for (_team, standing), count in counts.items() if standing == "deputy"):
        raise Refused("standing.deputies", _("A team has at most %(most)s deputies.", most=MOST_DEPUTIES))


def _fields(row: Enrolment, team: TeamRow) -> dict[str, Any]:
    order = row.volunteer
    return {
        "staff_no": order.staff_no, "code_hash": "", "link_no": 1, "feed_key": secrets.token_urlsafe(KEY_BYTES),
        "organization_id": team.organization_id, "team_id": team.id, "path": f"{team.path}{order.staff_no}/",
        "standing": row.standing, "version": 1, **volunteer_fields(order, None),
    }  # fmt: skip


def _insert_known(rows: Sequence[tuple[int, Enrolment]], actor: Actor) -> None:
    seen = {"checked_by": actor.username, "checked_at": clock.now()}
    skills = [
        {"volunteer_id": number, "skill": skill, "proof": proof.strip(), "valid_until": until, **seen}
        for number, row in rows
        for skill, (proof, until) in row.skills.items()
    ]
    free = [
        {"volunteer_id": number, "day": day, "half": half, "is_free": is_free}
        for number, row in rows
        for (day, half), is_free in row.free.items()
    ]
    wishes = [
        {"volunteer_id": number, "about": about, "code": code, "is_liked": is_liked}
        for number, row in rows
        for about, wished in (("post", row.posts), ("station", row.stations))
        for code, is_liked in wished.items()
    ]
    for table, values in ((VolunteerSkill, skills), (Availability, free), (Wish, wishes)):
        if values:
            db.session.execute(insert(table), values)
