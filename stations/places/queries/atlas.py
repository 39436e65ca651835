"""The atlas: every place in memory, for answers in microseconds. A projection of the database with its revision.

An edit made in this process is seen at once, one made in another within a quarter second (`kernel.revision`); only
the rows that changed are read, and nothing is rebuilt for them: when many have been edited, a new picture is made
beside the requests and takes the old one's place.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from threading import Lock, RLock, Thread
from zoneinfo import ZoneInfo

from stations.kernel.db import app_memory, in_transaction
from stations.kernel.names import Entry, NameIndex, list_alike
from stations.kernel.revision import current_revisions, newest, read_revisions
from stations.places.models import ExamSite, Station
from stations.places.queries.loading import (
    SITES,
    STATIONS,
    load_districts,
    load_landmarks,
    load_sites,
    load_stations,
)
from stations.places.queries.picture import Picture, Some
from stations.places.queries.rows import DistrictRow, LandmarkRow, NearestAnswer, SiteRow, StationRow
from stations.places.rules import Standing


class Atlas:
    """The places of one database as this process sees them."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._lock = RLock()
        self._naming = Lock()
        self._is_named = False
        self._names: NameIndex | None = None
        self._while_making: list[StationRow] | None = None
        self._revisions = read_revisions()
        self._picture = Picture(load_stations(lambda s: s.where(Station.archived_at.is_(None))), zone)
        self.offered = self._picture.offered
        self._load_places()

    @property
    def names(self) -> NameIndex:
        """The index of names. The first search waits the second that it takes; a server asks for it at its start."""
        if self._names is None:
            self._make_names_anew()
        assert self._names is not None
        return self._names

    @property
    def revision(self) -> int:
        """One number that grows with every change of any place."""
        return self._revisions.get(STATIONS, 0) + self._revisions.get(SITES, 0)

    def _load_places(self) -> None:
        sites = load_sites(lambda s: s.where(ExamSite.archived_at.is_(None)))
        alike = list_alike({row.code: (row.name, *row.aliases) for row in sites})
        self.sites: dict[str, SiteRow] = {r.code: replace(r, alike=alike.get(r.code, frozenset())) for r in sites}
        self.landmarks: dict[str, LandmarkRow] = {row.code: row for row in load_landmarks()}
        self.districts: dict[str, DistrictRow] = {row.code: row for row in load_districts()}

    def _make_names(self) -> None:
        """The index of names, a second's work."""
        self._names = NameIndex(
            [Entry(f"site:{r.code}", 0, (r.name, *r.aliases)) for r in self.sites.values()]
            + [Entry(f"district:{r.code}", 1, (r.name, r.name_en)) for r in self.districts.values()]
            + [Entry(f"landmark:{r.code}", 2, (r.name, r.name_en)) for r in self.landmarks.values()]
            + [Entry(f"station:{r.code}", 3, (r.name,)) for r in self._picture.stations if r]
        )

    def _make_names_anew(self) -> None:
        """One at a time: an index that is begun later never loses to an earlier one."""
        with self._naming:
            if not self._is_named:
                self._is_named = True
                self._make_names()

    def look(self) -> None:
        """Take in what was committed since the last look."""
        if current_revisions() == self._revisions or in_transaction():
            return
        with self._lock:
            known, seen = self._revisions, read_revisions()
            is_renamed = seen.get(SITES, 0) > known.get(SITES, 0)
            if is_renamed:
                self._load_places()
            if seen.get(STATIONS, 0) > known.get(STATIONS, 0):
                is_renamed |= self._take_in(since=known.get(STATIONS, 0))
            if is_renamed:
                self._is_named = False
                if self._names is not None:
                    Thread(target=self._make_names_anew, daemon=True).start()
            self._revisions = newest(known, seen)

    def _take_in(self, since: int) -> bool:
        """Put every station that changed; whether any name came, went or changed."""
        is_renamed = False
        for row in load_stations(lambda s: s.where(Station.revision > since)):
            known = self.find_station(row.code)
            is_renamed |= row.is_archived or known is None or known.name != row.name
            self._picture.put(row)
            if self._while_making is not None:
                self._while_making.append(row)
        self.offered = self._picture.offered
        if self._picture.is_worn and self._while_making is None:
            self._while_making = []
            Thread(target=self._make_anew, daemon=True).start()
        return is_renamed

    def _make_anew(self) -> None:
        picture = Picture([row for row in self._picture.stations if row], self._zone)
        with self._lock:
            for row in self._while_making or []:
                picture.put(row)
            self._picture = picture
            self._while_making = None

    def find_station(self, code: str) -> StationRow | None:
        """The live station of that code."""
        return self._picture.find(code)

    def list_standings(self, now: datetime) -> list[tuple[StationRow, Standing]]:
        """Every live station and how it stands."""
        return self._picture.found_all(now)

    def nearest(
        self,
        starts: Sequence[tuple[float, float]],
        *,
        now: datetime,
        limit: int,
        need: int = 0,
        only_open: bool = False,
        among: Some = None,
    ) -> NearestAnswer:
        """The `limit` stations nearest to the closest of `starts` (lat, lon), nearest first, in geodesic order;
        those that have every bit of `need`, open at `now` where `only_open`, of `among` where it is given."""
        found, is_more = self._picture.nearest(starts, now, limit, need, only_open, among)
        return NearestAnswer(found, now, self.revision, is_more)


_ATLAS = "atlas"
_making = RLock()


def get_atlas(zone: ZoneInfo) -> Atlas:
    """This process's atlas of the current database, brought up to date."""
    known = app_memory()
    atlas: Atlas | None = known.get(_ATLAS)
    if atlas is None:
        with _making:
            atlas = known.get(_ATLAS) or known.setdefault(_ATLAS, Atlas(zone))
    atlas.look()
    return atlas
