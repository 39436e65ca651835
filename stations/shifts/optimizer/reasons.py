"""Why a place stays empty: which test left nobody, in the order in which a coordinator would ask."""

import numpy as np

from stations.kernel.text import Text, _
from stations.shifts.optimizer import pairs
from stations.shifts.optimizer.costs import Hold, empty_places
from stations.shifts.optimizer.pairs import Flags, Places
from stations.shifts.optimizer.problem import Problem
from stations.shifts.optimizer.rows import Empty
from stations.shifts.rules.rows import Seat
from stations.shifts.rules.skills import LEADER, post_of, skill_name
from stations.shifts.rules.spans import clock_span


def explain(problem: Problem, chosen: Places) -> tuple[Empty, ...]:
    """Every need with places left, with the reason."""
    empty = empty_places(problem, chosen)
    needs = np.flatnonzero(empty > 0).tolist()
    if not needs:
        return ()
    hold = Hold(problem, chosen)
    return tuple(_explain(problem, n, int(empty[n]), hold) for n in needs)


def _explain(problem: Problem, need: int, places: int, hold: Hold) -> Empty:
    seat = problem.seats[need]
    left, still = {"all": len(problem.candidates)}, np.ones(len(problem.candidates), bool)
    for name, test in _tests(problem, seat, need, hold):
        still &= test
        left[name] = int(still.sum())
    return Empty(seat.need_id, places, _reason(problem, seat, left), left)


def _tests(problem: Problem, seat: Seat, need: int, hold: Hold) -> list[tuple[str, Flags]]:
    given, candidates = problem.given, problem.candidates
    works = pairs.works_in_columns([seat.work], given)
    way = pairs.way_minutes(candidates, works, given.limits)
    fit = {name: flags[:, 0] for name, flags in pairs.fitness(candidates, works, given, way).items()}
    skill = pairs.skilled(candidates, seat.skill, works.days) & pairs.skilled(
        candidates, post_of(seat.work.post).needs, works.days
    )
    mine = np.flatnonzero(problem.need == need)
    able, free = np.zeros((2, len(candidates)), bool)
    able[problem.who[mine]] = True
    hold.free[need] += 1
    good = mine[hold.may(mine)]
    hold.free[need] -= 1
    free[problem.who[[pair for pair in good.tolist() if hold.joins(pair)]]] = True
    names = ("heat", "skill", "age", "free", "near", "wish")
    tests = [(name, skill[:, 0] if name == "skill" else fit[name]) for name in names]
    return [*tests, ("held", able), ("posted", free)]


def _reason(problem: Problem, seat: Seat, left: dict[str, int]) -> Text:
    limits, zone = problem.given.limits, problem.given.zone
    asked = seat.skill or post_of(seat.work.post).needs
    values = {
        "who": _who(asked), "when": clock_span(seat.work.starts_at, seat.work.ends_at, zone),
        "minutes": limits.way_most_minutes,
    }  # fmt: skip
    sentences = {
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
