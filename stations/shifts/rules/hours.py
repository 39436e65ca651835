"""What keeps a volunteer from a shift because of those held already: overlap, ways, rest, hours, stretches, heat."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo

from stations.kernel.text import _
from stations.shifts.rules.fitness import celsius_at
from stations.shifts.rules.rows import Candidate, Heat, Limits, Objection, Work
from stations.shifts.rules.spans import age_on, clock_span, gap_minutes, local_day, minutes_between


def untimely(
    candidate: Candidate, work: Work, others: Sequence[Work], limits: Limits, heat: Heat, zone: tzinfo
) -> Iterator[Objection]:
    """Every objection that `work` raises beside the `others`, the firmest first."""
    is_minor = age_on(candidate.born_on, local_day(work.starts_at, zone)) < limits.adult_age
    for other in others:
        yield from _beside(work, other, limits, zone)
        yield from _rest(work, other, limits, zone, is_minor)
    yield from _day(work, others, limits, heat, zone, is_minor)
    yield from _stretch(work, others, limits, heat, zone, is_minor)
    yield from _hot_day(work, others, limits, heat, zone)


def _beside(work: Work, other: Work, limits: Limits, zone: tzinfo) -> Iterator[Objection]:
    gap = gap_minutes(work, other)
    values = {"when": clock_span(other.starts_at, other.ends_at, zone), "station": other.station_name}
    if gap < 0:
        yield Objection("time.overlap", _("Posted at %(station)s %(when)s at the same time.") % values, False)
        return
    way = minutes_between(work, other, limits)
    if gap < way:
        message = _("Posted at %(station)s %(when)s; the way takes about %(way)s min and %(gap)s min are left.")
        yield Objection("time.travel", message % {**values, "way": way, "gap": int(gap)}, may_override=True)


def _rest(work: Work, other: Work, limits: Limits, zone: tzinfo, is_minor: bool) -> Iterator[Objection]:
    if local_day(work.starts_at, zone) == local_day(other.starts_at, zone):
        return
    gap = gap_minutes(work, other)
    if 0 <= gap < limits.rest_minutes:
        message = _(
            "Only %(gap)s h of rest beside %(station)s %(when)s; %(least)s h are the least.",
            gap=f"{gap / 60:.1f}", station=other.station_name, when=clock_span(other.starts_at, other.ends_at, zone),
            least=f"{limits.rest_minutes / 60:g}",
        )  # fmt: skip
        yield Objection("rest.short", message, may_override=not is_minor)


def _day(
    work: Work, others: Sequence[Work], limits: Limits, heat: Heat, zone: tzinfo, is_minor: bool
) -> Iterator[Objection]:
    day = local_day(work.starts_at, zone)
    joined = [work, *(other for other in others if local_day(other.starts_at, zone) == day)]
    minutes = sum(one.minutes for one in joined)
    most = limits.minor_day_minutes if is_minor else limits.day_minutes
    if minutes > most:
        message = _("%(day)s would have %(minutes)s h; %(most)s h are the most.",
                    day=day, minutes=f"{minutes / 60:.1f}", most=f"{most / 60:g}")  # fmt: skip
        is_warm = any((celsius_at(one, heat, zone) or 0) >= limits.heat_warm_celsius for one in joined)
        yield Objection("heat.overtime" if is_warm else "day.long", message, not (is_warm or is_minor))


def _stretch(
    work: Work, others: Sequence[Work], limits: Limits, heat: Heat, zone: tzinfo, is_minor: bool
) -> Iterator[Objection]:
    joined = stretch_of(work, others, limits)
    minutes = stretch_minutes(joined)
    temperatures = [celsius_at(one, heat, zone) or 0 for one in joined]
    is_warm = max(temperatures) >= limits.heat_warm_celsius
    most = min(limits.stretch_minutes, limits.heat_warm_stretch_minutes) if is_warm else limits.stretch_minutes
    if minutes > most:
        message = _(
            "%(minutes)s h without a break of %(break)s min; %(most)s h are the most.",
            minutes=f"{minutes / 60:.1f}", most=f"{most / 60:g}",
        ) % {"break": limits.break_minutes}  # fmt: skip
        yield Objection("heat.stretch" if is_warm else "stretch.long", message, not (is_warm or is_minor))


def stretch_of(work: Work, others: Sequence[Work], limits: Limits) -> list[Work]:
    """The shift with those that join it without a break in between."""
    joined, rest = [work], list(others)
    grown = True
    while grown:
        near = [one for one in rest if any(gap_minutes(one, kept) < limits.break_minutes for kept in joined)]
        rest = [one for one in rest if one not in near]
        joined += near
        grown = bool(near)
    return joined


def stretch_minutes(joined: Sequence[Work]) -> float:
    """From the first start to the last end."""
    return (max(one.ends_at for one in joined) - min(one.starts_at for one in joined)).total_seconds() / 60


def _hot_day(work: Work, others: Sequence[Work], limits: Limits, heat: Heat, zone: tzinfo) -> Iterator[Objection]:
    if not is_hot(work, limits, heat, zone):
        return
    day = local_day(work.starts_at, zone)
    hot = [one for one in others if local_day(one.starts_at, zone) == day and is_hot(one, limits, heat, zone)]
    minutes = work.minutes + sum(one.minutes for one in hot)
    if minutes > limits.heat_hot_day_minutes:
        message = _("%(day)s would have %(minutes)s h outdoors in the heat; %(most)s h are the most.", day=day,
                    minutes=f"{minutes / 60:.1f}", most=f"{limits.heat_hot_day_minutes / 60:g}")  # fmt: skip
        yield Objection("heat.day", message, may_override=False)


def is_hot(work: Work, limits: Limits, heat: Heat, zone: tzinfo) -> bool:
    """Whether it is outdoors on a day whose minutes outdoors are counted."""
    return (celsius_at(work, heat, zone) or 0) >= limits.heat_hot_celsius
