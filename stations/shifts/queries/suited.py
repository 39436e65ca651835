"""Who could take a place, the best first: as the guard sees them, by their way, then by what they have served."""

from collections.abc import Sequence
from dataclasses import dataclass

from stations.seasons.queries import get_calendar
from stations.shifts.queries.judging import list_beside, list_candidates, list_held, load_heat, work_of
from stations.shifts.queries.volunteers import VolunteerRow, list_volunteers
from stations.shifts.queries.waiting import list_waiting
from stations.shifts.rules.placing import objections
from stations.shifts.rules.planning import ShiftRow
from stations.shifts.rules.rows import Limits, Objection
from stations.shifts.rules.spans import minutes_from_home


@dataclass(frozen=True, slots=True)
class Suited:
    """A volunteer and what speaks against them in the place. `way_minutes` is 0 where no home is known; `waits` is
    their rank on the waiting list, 0 for none."""

    row: VolunteerRow
    objections: tuple[Objection, ...]
    way_minutes: int
    minutes_before: int
    waits: int

    @property
    def may_be_placed(self) -> bool:
        """Whether nothing speaks against them that no reason could override."""
        return all(one.may_override for one in self.objections)


def list_suited(
    shift: ShiftRow, need_id: int, paths: Sequence[str], text: str = "", limits: Limits | None = None
) -> list[Suited]:
    """The volunteers below `paths` with `text` in number, name or team who are not on the shift: first those against
    whom nothing speaks, those who wait at their head; last those whom no reason could place. As many SELECTs for one
    volunteer as for a thousand."""
    limits, zone = limits or Limits(), get_calendar().zone
    work, skill = work_of(shift), next((need.skill for need in shift.needs if need.id == need_id), "")
    rows = list_volunteers(paths, text)
    candidates = list_candidates(paths, shift.starts_at, shift.ends_at)
    held = list_held(shift.starts_at, shift.ends_at)
    beside = list_beside([shift.id])[shift.id]
    heat = load_heat(shift.starts_at, shift.ends_at)
    ranks = {one.volunteer_id: rank for rank, one in enumerate(list_waiting([need_id]), 1)}
    found = []
    for row in rows:
        if row.id in beside or row.id not in candidates:
            continue
        one = candidates[row.id]
        against = objections(one, work, skill, held.get(row.id, []), limits, heat, zone=zone, beside=beside)
        way = minutes_from_home(one.lat, one.lon, work, limits)
        found.append(Suited(row, against, way, one.minutes_before, ranks.get(row.id, 0)))
    return sorted(found, key=_rank)


def _rank(one: Suited) -> tuple[bool, int, float, int, int, str]:
    waits = one.waits or float("inf")
    return not one.may_be_placed, len(one.objections), waits, one.way_minutes, one.minutes_before, one.row.staff_no
