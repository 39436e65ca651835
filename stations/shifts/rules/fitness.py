"""What keeps a volunteer from a shift whatever else is held: skill, age, heat, duty, wishes, the way from home."""

from collections.abc import Iterator
from datetime import tzinfo

from stations.kernel.text import _
from stations.shifts.rules.rows import Candidate, Heat, Limits, Objection, Work
from stations.shifts.rules.skills import HALVES, LEADER, SKILLS, post_of, skill_name
from stations.shifts.rules.spans import (
    age_on,
    clock_span,
    halves_of,
    is_at_hours,
    local_day,
    minutes_from_home,
    overlap_minutes,
)


def unfit(
    candidate: Candidate, work: Work, skill: str, limits: Limits, heat: Heat, zone: tzinfo, asks_self: bool
) -> Iterator[Objection]:
    """Every objection that one shift alone raises, the firmest first."""
    yield from _of_age(candidate, work, limits, zone)
    yield from _of_skill(candidate, work, skill, zone)
    yield from _of_heat(candidate, work, limits, heat, zone)
    yield from _of_duty(candidate, work, zone)
    yield from _of_time(candidate, work, zone, asks_self)
    yield from _of_wishes(candidate, work)
    minutes = minutes_from_home(candidate.lat, candidate.lon, work, limits)
    if minutes > limits.way_most_minutes:
        message = _(
            "%(station)s is about %(minutes)s min from home; %(most)s min is the most.",
            station=work.station_name, minutes=minutes, most=limits.way_most_minutes,
        )  # fmt: skip
        yield Objection("home.far", message, may_override=True)


def _of_age(candidate: Candidate, work: Work, limits: Limits, zone: tzinfo) -> Iterator[Objection]:
    age = age_on(candidate.born_on, local_day(work.starts_at, zone))
    post = post_of(work.post)
    if age < post.least_age:
        message = _("%(post)s is from %(least)s years of age; this is %(age)s.",
                    post=post.name, least=post.least_age, age=int(age))  # fmt: skip
        yield Objection("age.least", message, may_override=False)
    if age >= limits.adult_age:
        return
    if not candidate.has_guardian_consent:
        message = _("Under %(age)s a guardian has to agree first.", age=limits.adult_age)
        yield Objection("age.guardian", message, may_override=False)
    if is_at_hours(work, limits.minor_night_from_hour, limits.minor_night_until_hour, zone):
        message = _("Under %(age)s nobody is posted between %(from)s:00 and %(until)s:00.", age=limits.adult_age) % {
            "from": limits.minor_night_from_hour, "until": limits.minor_night_until_hour,
        }  # fmt: skip
        yield Objection("age.night", message, may_override=False)


def _of_skill(candidate: Candidate, work: Work, skill: str, zone: tzinfo) -> Iterator[Objection]:
    day = local_day(work.starts_at, zone)
    for needed in sorted({skill, post_of(work.post).needs} - {""}):
        name = skill_name(needed)
        if needed == LEADER:
            if not candidate.standing:
                message = _("This place is for a team leader or deputy.")
                yield Objection("skill.leader", message, may_override=True)
            continue
        may_override = needed in SKILLS and not SKILLS[needed].needs_proof
        if needed not in candidate.skills:
            message = _("%(skill)s: no proof is recorded.", skill=name)
            yield Objection("skill.missing", message, may_override)
            continue
        until = candidate.skills[needed]
        if until is not None and until < day:
            message = _("%(skill)s: the proof ended on %(until)s, before %(day)s.", skill=name, until=until, day=day)
            yield Objection("skill.expired", message, may_override)


def _of_heat(candidate: Candidate, work: Work, limits: Limits, heat: Heat, zone: tzinfo) -> Iterator[Objection]:
    celsius = celsius_at(work, heat, zone)
    if celsius is None or celsius < limits.heat_warm_celsius:
        return
    if celsius >= limits.heat_stop_celsius:
        message = _("%(celsius)s degrees expected: no post outdoors that day.", celsius=f"{celsius:g}")
        yield Objection("heat.stop", message, may_override=False)
    elif celsius >= limits.heat_hot_celsius and is_at_hours(
        work, limits.heat_hottest_from_hour, limits.heat_hottest_until_hour, zone
    ):
        message = _("%(celsius)s degrees expected: no post outdoors from %(from)s:00 to %(until)s:00.") % {
            "celsius": f"{celsius:g}", "from": limits.heat_hottest_from_hour, "until": limits.heat_hottest_until_hour,
        }  # fmt: skip
        yield Objection("heat.hottest", message, may_override=False)
    if age_on(candidate.born_on, local_day(work.starts_at, zone)) < limits.adult_age:
        message = _("%(celsius)s degrees expected: nobody under %(age)s outdoors.",
                    celsius=f"{celsius:g}", age=limits.adult_age)  # fmt: skip
        yield Objection("heat.minor", message, may_override=False)


def celsius_at(work: Work, heat: Heat, zone: tzinfo) -> float | None:
    """The highest temperature expected that day where the post is outdoors; None indoors or when nothing is known."""
    return heat.get((work.district, local_day(work.starts_at, zone))) if post_of(work.post).is_outdoor else None


def _of_duty(candidate: Candidate, work: Work, zone: tzinfo) -> Iterator[Objection]:
    """A duty is no obstacle to the post that consists in it."""
    for busy in candidate.busy:
        is_the_post = busy.skill and busy.skill == post_of(work.post).needs
        if not is_the_post and overlap_minutes(busy.starts_at, busy.ends_at, work.starts_at, work.ends_at) > 0:
            message = _("On other duty %(when)s: %(reason)s.",
                        when=clock_span(busy.starts_at, busy.ends_at, zone), reason=busy.reason)  # fmt: skip
            yield Objection("busy", message, may_override=False)


def _of_time(candidate: Candidate, work: Work, zone: tzinfo, asks_self: bool) -> Iterator[Objection]:
    if candidate.available is None:
        if not asks_self:
            yield Objection("free.unsaid", _("Has not said yet when free."), may_override=True)
        return
    for day, half in halves_of(work.starts_at, work.ends_at, zone):
        if (day, half) not in candidate.available:
            message = _("Not free on %(day)s: %(half)s.", day=day, half=HALVES[half][0])
            yield Objection("free.not", message, may_override=True)


def _of_wishes(candidate: Candidate, work: Work) -> Iterator[Objection]:
    if work.post in candidate.dislikes:
        message = _("Has asked not to be posted there: %(post)s.", post=post_of(work.post).name)
        yield Objection("refused.post", message, may_override=True)
    if work.station_id in candidate.dislikes:
        message = _("Has asked not to be posted there: %(post)s.", post=work.station_name)
        yield Objection("refused.station", message, may_override=True)
