"""A leader's team today: who is expected where, who is there, who is missing."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from stations.kernel import clock
from stations.shifts.actions.acting import leader_of
from stations.shifts.queries.attendance import AttendanceRow, PostRow, list_team_attendance
from stations.shifts.queries.volunteers import VolunteerRow
from stations.shifts.rules.attendance import AFTER_END
from stations.web.attending import AHEAD

NOTHING_SHOWN: Mapping[int, str] = {}


@dataclass(frozen=True)
class TeamPost:
    """The members of the team at one post of one shift."""

    station_name: str
    row: PostRow


@dataclass(frozen=True)
class TeamSheet:
    """The posts where the team has members, from now to twelve hours ahead; `phones` are shown whole this once, by
    assignment."""

    posts: list[TeamPost]
    at: datetime
    phones: Mapping[int, str]


def make_team(row: VolunteerRow, phones: Mapping[int, str] = NOTHING_SHOWN) -> TeamSheet:
    """Gather it. Raises Forbidden for who leads no team."""
    leader, at = leader_of(row), clock.now()
    people: dict[int, list[AttendanceRow]] = defaultdict(list)
    for one in list_team_attendance(leader.paths("shifts.lead"), at - AFTER_END, at + AHEAD):
        people[one.shift_id].append(one)
    return TeamSheet([_post(rows) for rows in people.values()], at, phones)


def _post(rows: list[AttendanceRow]) -> TeamPost:
    first = rows[0]
    return TeamPost(
        first.station_name, PostRow(first.shift_id, first.post, first.starts_at, first.ends_at, tuple(rows), empty=0)
    )
