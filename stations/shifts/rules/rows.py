"""What the guard and the roster are told: shifts, seats, volunteers and the limits that bind them. Times are aware."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from stations.kernel.text import Text

# (day, half of HALVES)
Half = tuple[date, str]
# (district, day) -> the highest temperature expected, degrees Celsius
Heat = Mapping[tuple[str, date], float]


class State(StrEnum):
    """How firm a placement is. Only what is confirmed takes a place and a volunteer's time."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Work:
    """One shift: where, at which post, from when until when."""

    shift_id: int
    station_id: int
    district: str
    post: str
    lat: float
    lon: float
    starts_at: datetime
    ends_at: datetime
    station_name: str = ""

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


@dataclass(frozen=True, slots=True)
class Seat:
    """What a shift needs: so many `places` for volunteers with `skill` ('' for anyone), of which some are taken."""

    need_id: int
    work: Work
    skill: str
    places: int
    taken: int = 0


@dataclass(frozen=True, slots=True)
class Busy:
    """A span of other duty and what it is; `skill` where the duty is that skill, as a vehicle's driver."""

    starts_at: datetime
    ends_at: datetime
    reason: Text
    skill: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A volunteer. `skills`: until which day each is valid (None: for good). `available` is None for one who has not
    said; whose `born_on` is not known is of age, as staff are. `likes` and `dislikes` hold post codes and station
    numbers, `together` and `apart` volunteers' numbers; `minutes_before` were served this season."""

    volunteer_id: int
    team_id: int | None = None
    standing: str = ""
    born_on: date | None = None
    has_guardian_consent: bool = False
    skills: Mapping[str, date | None] = field(default_factory=dict)
    available: frozenset[Half] | None = None
    lat: float | None = None
    lon: float | None = None
    likes: frozenset[str | int] = frozenset()
    dislikes: frozenset[str | int] = frozenset()
    together: frozenset[int] = frozenset()
    apart: frozenset[int] = frozenset()
    minutes_before: int = 0
    busy: tuple[Busy, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """A placement that a volunteer has already, in the place of need `need_id`."""

    work: Work
    state: State = State.CONFIRMED
    need_id: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """What a volunteer may be asked.

    Rest: the night between shifts of two days; Directive 2003/88/EC art. 3 asks 11 h of employees, and 10 are left
    between an evening that ends at 20:00 and a roll call at 06:00. A day: 劳动法 §36, eight hours; under 18 half.
    A stretch without `break_minutes`: Directive 2003/88/EC art. 4, six hours. Night: art. 9 of 94/33/EC for the young.
    Heat, by the day's highest temperature: 防暑降温措施管理办法 (安监总安健〔2012〕89号) §8: outdoors from 40 none that
    day, from 37 six hours in all and none in the three hottest hours, from 35 shorter stretches (here four hours), no
    overtime and, under 18, none; nor of the pregnant, whom the files do not know: their leaders must. Ways: straight
    metres by kernel/geo's detour at the pace of a city's buses and trains, door to door, and `way_fixed_minutes` for
    stops and stairs; assumptions.
    """

    rest_minutes: int = 600
    day_minutes: int = 480
    minor_day_minutes: int = 240
    stretch_minutes: int = 360
    break_minutes: int = 30
    adult_age: int = 18
    minor_night_from_hour: int = 22
    minor_night_until_hour: int = 6
    heat_warm_celsius: float = 35
    heat_hot_celsius: float = 37
    heat_stop_celsius: float = 40
    heat_warm_stretch_minutes: int = 240
    heat_hot_day_minutes: int = 360
    heat_hottest_from_hour: int = 12
    heat_hottest_until_hour: int = 15
    way_detour: float = 1.3
    way_metres_per_minute: float = 300
    way_fixed_minutes: int = 8
    way_most_minutes: int = 60


@dataclass(frozen=True, slots=True)
class Objection:
    """Why not: a stable code, a sentence for the reader, and whether a reason may override it."""

    code: str
    message: Text
    may_override: bool
