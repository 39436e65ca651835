"""Exam sites: by name as it is typed, or all of them a page at a time; and one of them."""

from heapq import nsmallest

import msgspec
from flask import Response

from stations.feeds.exams_json import ExamSite, ExamSites, OneExamSite, exam_site
from stations.kernel import clock
from stations.kernel.text import _
from stations.places.queries.anchoring import get_site_anchor, list_matches
from stations.places.queries.atlas import Atlas
from stations.places.queries.rows import SiteRow
from stations.seasons.queries import get_calendar
from stations.web.api.answering import answer, following_url, page_url, read
from stations.web.api.describing import described
from stations.web.api.forms import MATCHES, PAGE, ExamSitesQuestion, NoQuestion
from stations.web.asking import this_atlas

OTHERS = 4  # of what a name finds, at least this part are exam sites


@described(
    _("Exam sites, by name, alias, pinyin or initials, or all of them by code"),
    asks=ExamSitesQuestion,
    gives=ExamSites,
)
def exam_sites() -> Response:
    """A search says by which name it found a site, and which sites it may be confused with."""
    atlas, form = this_atlas(), read(ExamSitesQuestion)
    now = clock.now().astimezone(get_calendar().zone).replace(microsecond=0)

    def write() -> bytes:
        if form.q.value:
            found, following = _search(atlas, form.q.value, form.limit.value or MATCHES), None
        else:
            found, following = _list(atlas, form.after.value or "", form.limit.value or PAGE)
        return msgspec.json.encode(ExamSites(found, now, following))

    return answer(atlas.revision, now, write)


def _search(atlas: Atlas, typed: str, limit: int) -> list[ExamSite]:
    url = page_url("home.page", "site")
    sites = [match for match in list_matches(atlas, typed, limit * OTHERS) if match.kind == "site"]
    return [exam_site(atlas.sites[match.code], url, match.matched_name) for match in sites[:limit]]


def _list(atlas: Atlas, after: str, limit: int) -> tuple[list[ExamSite], str | None]:
    url = page_url("home.page", "site")
    rows: list[SiteRow] = nsmallest(
        limit + 1, (row for row in atlas.sites.values() if row.code > after), key=lambda row: row.code
    )
    following = following_url(rows[limit - 1].code) if len(rows) > limit else None
    return [exam_site(row, url) for row in rows[:limit]], following


@described(_("One exam site by its code"), asks=NoQuestion, gives=OneExamSite, refusals=(404,))
def one_exam_site(code: str) -> Response:
    """With its gates, and the sites it may be confused with."""
    atlas = this_atlas()
    site = get_site_anchor(atlas, code).site
    assert site is not None
    now = clock.now().astimezone(get_calendar().zone).replace(microsecond=0)
    found = exam_site(site, page_url("home.page", "site"))
    return answer(atlas.revision, now, lambda: msgspec.json.encode(OneExamSite(found, now)))
