"""Changes to the season: its clock, its sessions, who confirmed a cut-off."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import delete, select, update

from stations.kernel import audit, clock
from stations.kernel.db import changed_one, db
from stations.kernel.errors import Invalid, Refused
from stations.kernel.revision import next_revision
from stations.kernel.text import _
from stations.seasons.models import ExamSession, Season
from stations.seasons.queries import TOPIC, find_season, get_calendar, get_session
from stations.seasons.rules import SessionOrder, check_times


@dataclass(frozen=True)
class SeasonOrder:
    """A season to begin."""

    code: str
    name: str
    name_en: str
    zone: str
    starts_on: date
    ends_on: date
    centre: tuple[float, float]
    is_demo: bool


def begin_season(order: SeasonOrder, actor: str) -> dict[str, Any]:
    """Add a season; the newest is the current one."""
    next_revision(TOPIC)
    if db.session.execute(select(Season.id).where(Season.code == order.code)).first():
        raise Refused("season.exists", _("This code is taken. Please choose another one."), field="code")
    if order.ends_on < order.starts_on:
        raise Invalid("season.days", _("A season cannot end before it begins."), field="ends_on")
    season = Season(
        code=order.code, name=order.name, name_en=order.name_en, zone=order.zone, starts_on=order.starts_on,
        ends_on=order.ends_on, centre_lat=order.centre[0], centre_lon=order.centre[1], is_demo=order.is_demo,
    )  # fmt: skip
    db.session.add(season)
    db.session.flush()
    audit.record("season.begin", f"season:{order.code}", actor=actor, after={"name": order.name})
    return {"code": order.code}


def save_session(order: SessionOrder, actor: str) -> None:
    """Add a session to the current season, or bring the one of that code to what the timetable states.

    Another last entry than the confirmed one has to be confirmed anew."""
    season = find_season()
    if season is None:
        raise Refused("season.none", _("Begin a season first."))
    check_times(order.starts_at, order.ends_at, order.entry_cutoff_at)
    next_revision(TOPIC)  # first, so that nobody else adds or confirms the same meanwhile
    same = select(ExamSession).where(ExamSession.season_id == season.id, ExamSession.code == order.code)
    row = db.session.execute(same).scalar() or ExamSession(season_id=season.id, version=0)
    if (row.entry_cutoff_at, row.other_cutoff_at) != (order.entry_cutoff_at, order.other_cutoff_at):
        row.confirmed_by = row.confirmed_at = None
    row.version += 1
    for name, value in vars(order).items():
        setattr(row, name, value)
    db.session.add(row)
    db.session.flush()
    after = {"entry_cutoff_at": order.entry_cutoff_at.isoformat()}
    audit.record("session.save", f"session:{order.code}", actor=actor, after=after)


@dataclass(frozen=True)
class CutoffOrder:
    """Until when examinees are let in; `confirmed_by` is the name that the public reads, `version` what was seen."""

    code: str
    closes: time
    source: str
    confirmed_by: str
    version: int


def confirm_cutoff(order: CutoffOrder, actor: str) -> dict[str, Any]:
    """Say until when examinees are let in, by whose word; from then on the page shows it as confirmed."""
    next_revision(TOPIC)
    session = get_session(order.code)
    zone = get_calendar().zone
    cutoff_at = datetime.combine(session.starts_at.astimezone(zone).date(), order.closes, zone)
    source = order.source.strip()
    check_times(session.starts_at, session.ends_at, cutoff_at)
    if not source:
        raise Invalid("session.source", _("Please name the source of this time."), field="source")
    changed = (
        update(ExamSession)
        .where(ExamSession.id == session.id, ExamSession.version == order.version)
        .values(entry_cutoff_at=cutoff_at, other_cutoff_at=None, source=source, confirmed_by=order.confirmed_by,
                confirmed_at=clock.now(), version=order.version + 1)
    )  # fmt: skip
    if not changed_one(changed):
        raise Refused("session.changed", _("Somebody else changed this session meanwhile. Please look again."))
    before = {"entry_cutoff_at": session.entry_cutoff_at.isoformat(), "confirmed_by": session.confirmed_by}
    after = {"entry_cutoff_at": cutoff_at.isoformat(), "confirmed_by": order.confirmed_by, "source": source}
    audit.record("session.confirm", f"session:{order.code}", actor=actor, before=before, after=after)
    return {"code": order.code}


def restore_confirmation(code: str, confirmed_by: str, confirmed_at: datetime, actor: str) -> None:
    """Put back whose word a session's time was, after an import was undone that had dropped it."""
    next_revision(TOPIC)
    session = get_session(code)
    same = update(ExamSession).where(ExamSession.id == session.id)
    db.session.execute(same.values(confirmed_by=confirmed_by, confirmed_at=confirmed_at, version=session.version + 1))
    after = {"entry_cutoff_at": session.entry_cutoff_at.isoformat(), "confirmed_by": confirmed_by}
    audit.record("session.confirm", f"session:{code}", actor=actor, after=after)


def set_clock(shows: datetime, since: datetime) -> None:
    """Let the season's clock show another time than the machine's (demonstrations only)."""
    season = find_season()
    if season is None or not season.is_demo:
        raise Refused("season.not_demo", _("Only a demonstration may have a clock of its own."))
    season.clock_shows, season.clock_since = shows, since
    db.session.flush()
    next_revision(TOPIC)


def remove_session(code: str, actor: str) -> None:
    """Remove a session from the current season."""
    session = get_session(code)
    db.session.execute(delete(ExamSession).where(ExamSession.id == session.id))
    next_revision(TOPIC)
    audit.record("session.remove", f"session:{code}", actor=actor)
