"""The current season and its sessions."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from stations.kernel.db import db
from stations.kernel.errors import NotFound
from stations.kernel.revision import current_revisions, kept
from stations.kernel.text import _
from stations.seasons.models import ExamSession, Season
from stations.seasons.rules import SessionOrder, SessionRow

TOPIC = "seasons"
DEFAULT_ZONE = "Asia/Shanghai"
DEFAULT_CENTRE = (39.9087, 116.3975)  # Tian'anmen


@dataclass(frozen=True, slots=True)
class Calendar:
    """The current season with its sessions in order of time. Before one was made: no days, no sessions."""

    season_id: int | None
    code: str
    name: str
    name_en: str
    zone: ZoneInfo
    days: tuple[date, ...]
    centre: tuple[float, float]
    is_demo: bool
    sessions: tuple[SessionRow, ...]

    def year(self, now: datetime) -> tuple[datetime, datetime]:
        """When the year of the season begins and ends in its zone; the year of `now` where there is no season."""
        number = self.days[0].year if self.days else now.astimezone(self.zone).year
        return datetime(number, 1, 1, tzinfo=self.zone), datetime(number + 1, 1, 1, tzinfo=self.zone)


_NO_SEASON = Calendar(None, "", "", "", ZoneInfo(DEFAULT_ZONE), (), DEFAULT_CENTRE, False, ())


def get_calendar() -> Calendar:
    """The newest season that is not archived, kept in memory until it is edited."""
    return kept(TOPIC, _load)


def season_revision() -> int:
    """A number that grows with every change of a season or session."""
    return current_revisions().get(TOPIC, 0)


def find_season() -> Season | None:
    """The row of the current season."""
    newest = select(Season).where(Season.archived_at.is_(None)).order_by(Season.starts_on.desc()).limit(1)
    return db.session.execute(newest).scalar()


def _load() -> Calendar:
    season = find_season()
    if season is None:
        return _NO_SEASON
    zone = ZoneInfo(season.zone)
    sessions = tuple(list_sessions(season.id))
    days = tuple(sorted({s.starts_at.astimezone(zone).date() for s in sessions}))
    centre = (season.centre_lat, season.centre_lon)
    return Calendar(
        season.id, season.code, season.name, season.name_en, zone, days, centre, season.is_demo, sessions
    )  # fmt: skip


def list_sessions(season_id: int) -> list[SessionRow]:
    """The season's sessions in order of time."""
    fields = [getattr(ExamSession, name) for name in SessionRow.__slots__]
    chosen = select(*fields).where(ExamSession.season_id == season_id).order_by(ExamSession.starts_at, ExamSession.code)
    return [SessionRow(*row) for row in db.session.execute(chosen)]


def get_session(code: str) -> SessionRow:
    """One session of the current season."""
    for session in get_calendar().sessions:
        if session.code == code:
            return session
    raise NotFound("session.unknown", _("There is no such exam session."))


def session_values() -> dict[str, dict[str, str]]:
    """Every session of the current season as the texts of its form, by code; with who confirmed it and when, which
    no form brings."""
    calendar = get_calendar()
    return {
        row.code: session_order(row, calendar.zone).values()
        | {
            "confirmed_by": row.confirmed_by or "",
            "confirmed_at": row.confirmed_at.isoformat() if row.confirmed_at else "",
        }
        for row in calendar.sessions
    }


def session_order(row: SessionRow, zone: ZoneInfo) -> SessionOrder:
    """A session as it stands."""
    return SessionOrder(
        code=row.code, subject=row.subject, subject_en=row.subject_en, starts_at=row.starts_at.astimezone(zone),
        ends_at=row.ends_at, entry_cutoff_at=row.entry_cutoff_at, other_cutoff_at=row.other_cutoff_at,
        source=row.source, rule=row.rule,
    )  # fmt: skip
