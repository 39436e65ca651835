"""Why a place stays empty: which test left nobody, in the order in which a coordinator would ask."""

from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np

from stations.kernel.text import Text, _
from stations.shifts.optimizer import pairs
from stations.shifts.optimizer.costs import Hold, empty_places
from stations.shifts.optimizer.pairs import Flags, Given, Places
from stations.shifts.optimizer.problem import Problem
from stations.shifts.optimizer.rows import Empty
from stations.shifts.rules.rows import Candidate, Seat
from stations.shifts.rules.skills import LEADER, post_of, skill_name
from stations.shifts.rules.spans import clock_span

# In the order in which somebody drops out of question.
TESTS = ("all", "heat", "skill", "age", "free", "near", "wish", "held", "posted")


def explain(
    problem: Problem, chosen: Places, away: Sequence[Candidate] = (), need_ids: Collection[int] | None = None
) -> tuple[Empty, ...]:
    """Every need with places left (of those asked for), with the reason; `away` are volunteers out of reach of all the
    problem's seats."""
    empty = empty_places(problem, chosen)
    needs = np.flatnonzero(empty > 0).tolist()
    needs = [n for n in needs if need_ids is None or problem.seats[n].need_id in need_ids]
    if not needs:
        return ()
    hold = Hold(problem, chosen)
    return tuple(_explain(problem, n, int(empty[n]), hold, away) for n in needs)


def _explain(problem: Problem, need: int, places: int, hold: Hold, away: Sequence[Candidate]) -> Empty:
    seat = problem.seats[need]
    left = _left(_alone(problem.candidates, seat, problem.given) + _among(problem, need, hold))
    if not left["near"] and away:
        left = dict(Counter(left) + Counter(_left(_alone(away, seat, problem.given)))) | {"near": 0}
        left = {name: left.get(name, 0) for name in TESTS}
    return Empty(seat.need_id, places, _reason(problem, seat, left), left)


def _left(tests: Sequence[Flags]) -> dict[str, int]:
    """How many remain after each test, in order."""
    counts = np.logical_and.accumulate(np.stack(tests)).sum(axis=1).tolist()
    return dict(zip(TESTS, counts, strict=False))


def _alone(candidates: Sequence[Candidate], seat: Seat, given: Given) -> list[Flags]:
    """Who passes each of the tests that look at one seat only."""
    works = pairs.works_in_columns([seat.work], given)
    way = pairs.way_minutes(candidates, works, given.limits)
    fit = {name: flags[:, 0] for name, flags in pairs.fitness(candidates, works, given, way).items()}
    skills = (
        pairs.skilled(candidates, skill, works.days)[:, 0] for skill in (seat.skill, post_of(seat.work.post).needs)
    )
    everybody = np.ones(len(candidates), bool)
    fit |= {"all": everybody, "skill": np.logical_and(*skills)}
    return [fit[name] for name in TESTS[:-2]]


def _among(problem: Problem, need: int, hold: Hold) -> list[Flags]:
    """Who could beside what is confirmed, and who beside the whole roster."""
    mine = np.flatnonzero(problem.need == need)
    able, free = np.zeros((2, len(problem.candidates)), bool)
    able[problem.who[mine]] = True
    good = [pair for pair in mine[hold.may(mine)].tolist() if hold.joins(pair)]
    free[problem.who[good]] = True
    return [able, free]


def _reason(problem: Problem, seat: Seat, left: dict[str, int]) -> Text:
    limits, zone = problem.given.limits, problem.given.zone
    asked = seat.skill or post_of(seat.work.post).needs
    values = {
        "who": _who(asked), "when": clock_span(seat.work.starts_at, seat.work.ends_at, zone),
        "minutes": limits.way_most_minutes,
    }  # fmt: skip
    sentences = {
        "all": _("%(who)s has registered."),
        "heat": _("In the heat that is expected nobody may be posted there %(when)s."),
        "skill": _("%(who)s has registered."),
        "age": _("%(who)s is of the age for it and has a guardian's consent where one is needed."),
        "free": _("%(who)s is free %(when)s."),
        "near": _("%(who)s is free %(when)s within %(minutes)s minutes."),
    }
    for name, sentence in sentences.items():
        if not left[name]:
            return sentence % values
    if not left["wish"]:
        return _("All %(count)s who could have asked not to be posted there.", count=left["near"])
    if not left["posted"]:
        return _("All %(count)s who could are posted then, or have no hours left.", count=left["wish"])
    return _("%(count)s could, but the roster was stopped before it found a way.", count=left["posted"])


def _who(skill: str) -> Text:
    if not skill:
        return _("No one")
    if skill == LEADER:
        return _("No team leader or deputy")
    return _("No one with a valid proof (%(skill)s)", skill=skill_name(skill))
