"""The volunteers of the demonstration, its shifts and the first day's roster, each deed at its own time."""

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path

from stations.accounts.rules import Actor
from stations.kernel import clock
from stations.seasons.queries import get_calendar
from stations.shifts.actions.acting import Oneself, Who, note_seen
from stations.shifts.actions.attendance import check_in
from stations.shifts.actions.enrolling import enrol
from stations.shifts.actions.knowing import set_companion
from stations.shifts.actions.placing import PlaceOrder, note_placed, place_all
from stations.shifts.actions.swapping import ask_swap
from stations.shifts.actions.teams import save_team
from stations.shifts.actions.templates import regenerate, save_template
from stations.shifts.actions.waiting import join_waiting
from stations.shifts.queries.shifts import list_made_shifts
from stations.shifts.queries.templates import list_templates
from stations.shifts.rules.states import Source
from stations.workflows.demo_people import (
    Deed,
    read_companions,
    read_deeds,
    read_teams,
    read_templates,
    read_volunteers,
)

EVERYTHING = ("",)
SOURCES = {"admin": Source.ADMIN, "lead": Source.LEADER, "sign_up": Source.SELF}


class Roster:
    """Loads `demo/teams.csv`, `volunteers.csv`, `shift_templates.csv` and plays `roster.csv`."""

    def __init__(self, folder: Path, people: dict[str, Actor], keeper: Actor) -> None:
        self._folder = folder
        self._people = people
        self._keeper = keeper
        self._volunteers: dict[str, int] = {}
        self._needs: dict[tuple[str, str, str, str], int] = {}
        self._held: dict[tuple[int, int], int] = {}
        self._deeds: dict[str, Callable[[Sequence[Deed]], None]] = {
            "admin": self._place, "lead": self._place, "sign_up": self._place, "present": self._check_in,
            "wait": self._wait, "ask": self._ask,
        }  # fmt: skip

    def enrol(self) -> None:
        """Teams, volunteers, templates and their shifts; in the caller's transaction."""
        for team in read_teams(self._folder / "teams.csv"):
            save_team(team, self._keeper)
        self._volunteers = enrol(read_volunteers(self._folder / "volunteers.csv"), self._keeper)
        for staff_no, other, together in read_companions(self._folder / "volunteers.csv"):
            set_companion(staff_no, other, together, self._keeper)
        for template in read_templates(self._folder / "shift_templates.csv"):
            save_template(template, self._keeper)
        regenerate(EVERYTHING, self._keeper)
        self._needs = _list_needs()

    def play(self) -> None:
        """What became of the shifts until the demonstration begins. Raises ValueError where the guard refuses."""
        deeds = read_deeds(self._folder / "roster.csv", get_calendar().zone)
        for (at, _by, what), group in groupby(deeds, key=lambda deed: (deed.at, deed.by, deed.what)):
            self.show(at)
            self._deeds[what](list(group))

    def show(self, at: datetime) -> None:
        """Let the clock tell this time."""
        clock.show(at, clock.real_now())

    def _who(self, deed: Deed) -> Who:
        return self._people.get(deed.by) or Oneself(self._volunteers[deed.by])

    def _place(self, deeds: Sequence[Deed]) -> None:
        who, source = self._who(deeds[0]), SOURCES[deeds[0].what]
        orders = [PlaceOrder(self._needs[deed.place], self._volunteers[deed.staff_no]) for deed in deeds]
        verdicts = place_all(orders, source, who)
        for deed, verdict in zip(deeds, verdicts, strict=True):
            if not verdict.is_granted:
                raise ValueError(f"{deed}: {verdict.objections[0].message}")
            self._held[verdict.order.need_id, verdict.order.volunteer_id] = verdict.assignment_id
        note_seen(who)
        note_placed(verdicts, source, who)

    def _find_held(self, deed: Deed) -> int:
        return self._held[self._needs[deed.place], self._volunteers[deed.staff_no]]

    def _check_in(self, deeds: Sequence[Deed]) -> None:
        for deed in deeds:
            check_in(self._find_held(deed), self._people[deed.by], deed.at)

    def _wait(self, deeds: Sequence[Deed]) -> None:
        for deed in deeds:
            join_waiting(self._needs[deed.place], self._volunteers[deed.staff_no], self._who(deed))

    def _ask(self, deeds: Sequence[Deed]) -> None:
        for deed in deeds:
            ask_swap(self._find_held(deed), deed.other, self._who(deed))


def _list_needs() -> dict[tuple[str, str, str, str], int]:
    templates = {row.id: row.code for row in list_templates(EVERYTHING)}
    sessions = {session.id: session.code for session in get_calendar().sessions}
    return {
        (templates[row.template_id], sessions[row.exam_session_id], row.station, need.skill): need.id
        for row in list_made_shifts(EVERYTHING)
        for need in row.needs
        if row.template_id is not None and row.exam_session_id is not None
    }
