"""Changes to the season: its clock, its sessions, who confirmed a cut-off."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select, update

from stations.kernel import audit, clock
from stations.kernel.db import changed_one, db
from stations.kernel.errors import Invalid, Refused
from stations.kernel.revision import next_revision
from stations.kernel.text import _
from stations.seasons.models import ExamSession, Season
from stations.seasons.queries import TOPIC, find_season, get_session
from stations.seasons.rules import SessionOrder


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


def begin_season(order: SeasonOrder, actor: str) -> None:
    """Add a season; the newest is the current one."""
    season = Season(
        code=order.code, name=order.name, name_en=order.name_en, zone=order.zone, starts_on=order.starts_on,
        ends_on=order.ends_on, centre_lat=order.centre[0], centre_lon=order.centre[1], is_demo=order.is_demo,
    )  # fmt: skip
    db.session.add(season)
    db.session.flush()
    next_revision(TOPIC)
    audit.record("season.begin", f"season:{order.code}", actor=actor, after={"name": order.name})


def save_session(order: SessionOrder, actor: str) -> None:
    """Add a session to the current season, or bring the one of that code to what the timetable states."""
    season = find_season()
    if season is None:
        raise Refused("season.none", _("Begin a season first."))
    _check_times(order.starts_at, order.ends_at, order.entry_cutoff_at)
    same = select(ExamSession).where(ExamSession.season_id == season.id, ExamSession.code == order.code)
    row = db.session.execute(same).scalar() or ExamSession(season_id=season.id, version=1)
    for name, value in vars(order).items():
        setattr(row, name, value)
    db.session.add(row)
    db.session.flush()
    next_revision(TOPIC)
    after = {"entry_cutoff_at": order.entry_cutoff_at.isoformat()}
    audit.record("session.save", f"session:{order.code}", actor=actor, after=after)


def confirm_cutoff(code: str, cutoff_at: datetime, source: str, version: int, actor: str) -> dict[str, Any]:
    """Say until when examinees are let in, by whose word; from then on the page shows it as confirmed."""
    session = get_session(code)
    _check_times(session.starts_at, session.ends_at, cutoff_at)
    if not source.strip():
        raise Invalid("session.source", _("Please name the source of this time."), field="source")
    changed = (
        update(ExamSession)
        .where(ExamSession.id == session.id, ExamSession.version == version)
        .values(entry_cutoff_at=cutoff_at, other_cutoff_at=None, source=source.strip(), confirmed_by=actor,
                confirmed_at=clock.now(), version=version + 1)
    )  # fmt: skip
    if not changed_one(changed):
        raise Refused("session.changed", _("Somebody else changed this session meanwhile. Please look again."))
    next_revision(TOPIC)
    before = {"entry_cutoff_at": session.entry_cutoff_at.isoformat(), "confirmed_by": session.confirmed_by}
    after = {"entry_cutoff_at": cutoff_at.isoformat(), "confirmed_by": actor, "source": source.strip()}
    audit.record("session.confirm", f"session:{code}", actor=actor, before=before, after=after)
    return {"code": code}


def set_clock(shows: datetime, since: datetime) -> None:
    """Let the season's clock show another time than the machine's (demonstrations only)."""
    season = find_season()
    if season is None or not season.is_demo:
        raise Refused("season.not_demo", _("Only a demonstration may have a clock of its own."))
    season.clock_shows, season.clock_since = shows, since
    db.session.flush()
    next_revision(TOPIC)


def _check_times(starts_at: datetime, ends_at: datetime, cutoff_at: datetime) -> None:
    if not starts_at < ends_at:
        raise Invalid("session.times", _("A session must end after it starts."), field="ends_at")
    if abs(cutoff_at - starts_at).total_seconds() > 2 * 3600 or cutoff_at > ends_at:
        raise Invalid(
            "session.cutoff", _("The end of entry must lie within two hours of the start."), field="entry_cutoff_at"
        )


def remove_session(code: str, actor: str) -> None:
    """Remove a session from the current season."""
    session = get_session(code)
    db.session.execute(delete(ExamSession).where(ExamSession.id == session.id))
    next_revision(TOPIC)
    audit.record("session.remove", f"session:{code}", actor=actor)
