"""Exam sites and exam sessions as JSON. The structs are what is encoded and what `/openapi.json` describes."""

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from msgspec import Struct

from stations.feeds.stations_json import Code, Latitude, Longitude, Reference
from stations.places.queries.rows import SiteRow
from stations.seasons.rules import SessionRow


class Gate(Struct, frozen=True):
    """A way into an exam site; `step_free` is null where nobody looked."""

    code: str
    name: str
    lat: Latitude
    lon: Longitude
    step_free: bool | None


class ExamSite(Struct, frozen=True):
    """An exam site. `matched_name` is the one of its names that answered the search; `alike` are the codes of the
    sites that people confuse with it."""

    code: Code
    name: str
    matched_name: str
    aliases: tuple[str, ...]
    district: str
    campus: str
    address: str
    lat: Latitude
    lon: Longitude
    is_alike: bool
    alike: tuple[Code, ...]
    gates: tuple[Gate, ...]
    url: Reference


class ExamSites(Struct, frozen=True):
    """Exam sites, best match first or by code; `next` is the address of those that follow by code."""

    exam_sites: list[ExamSite]
    as_of: datetime
    next: Reference | None


class OneExamSite(Struct, frozen=True):
    """One exam site."""

    exam_site: ExamSite
    as_of: datetime


class ExamSession(Struct, frozen=True):
    """An exam session. Where sources disagree on the end of entry, `entry_cutoff_at` is the earlier time and
    `other_cutoff_at` the later, until an organizer has confirmed one."""

    code: Code
    subject: str
    subject_en: str
    starts_at: datetime
    ends_at: datetime
    entry_cutoff_at: datetime
    other_cutoff_at: datetime | None
    is_confirmed: bool
    confirmed_by: str | None
    source: str
    rule: str


class ExamSessions(Struct, frozen=True):
    """The current season's sessions in order of time, and the season's own time."""

    sessions: list[ExamSession]
    now: datetime


def exam_site(row: SiteRow, page_url: str, matched_name: str = "") -> ExamSite:
    """An exam site; `page_url` is its address with CODE in place of its code."""
    gates = tuple(Gate(g.code, g.name, g.lat, g.lon, g.is_step_free) for g in row.gates)
    return ExamSite(
        code=row.code, name=row.name, matched_name=matched_name or row.name, aliases=row.aliases,
        district=row.district, campus=row.campus, address=row.address, lat=row.lat, lon=row.lon,
        is_alike=bool(row.alike), alike=tuple(sorted(row.alike)), gates=gates,
        url=page_url.replace("CODE", quote(row.code)),
    )  # fmt: skip


def exam_sessions(rows: Iterable[SessionRow], zone: ZoneInfo, now: datetime) -> ExamSessions:
    """The sessions with their times in `zone`."""
    return ExamSessions([_session(row, zone) for row in rows], now.astimezone(zone).replace(microsecond=0))


def _session(row: SessionRow, zone: ZoneInfo) -> ExamSession:
    return ExamSession(
        code=row.code, subject=row.subject, subject_en=row.subject_en, starts_at=row.starts_at.astimezone(zone),
        ends_at=row.ends_at.astimezone(zone), entry_cutoff_at=row.entry_cutoff_at.astimezone(zone),
        other_cutoff_at=row.other_cutoff_at and row.other_cutoff_at.astimezone(zone), is_confirmed=row.is_confirmed,
        confirmed_by=row.confirmed_by, source=row.source, rule=row.rule,
    )  # fmt: skip
