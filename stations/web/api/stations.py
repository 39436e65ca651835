"""All stations, a page at a time, and one of them."""

from heapq import nsmallest

from flask import Response

from stations.feeds.stations_json import OneStation, StationPage, write_one, write_page
from stations.kernel.errors import NotFound
from stations.kernel.text import _
from stations.places.rules import standing
from stations.web.api.answering import answer, following_url, read, this_picture
from stations.web.api.describing import described
from stations.web.api.forms import PAGE, NoQuestion, StationsQuestion


@described(_("All stations, by code"), asks=StationsQuestion, gives=StationPage)
def stations() -> Response:
    """Pages that follow each other by the last code seen, so that no edit between them makes one skip or repeat."""
    atlas, texts, now = this_picture()
    form = read(StationsQuestion)

    def write() -> bytes:
        needs, after, limit = set(form.need.value), form.after.value or "", form.limit.value or PAGE
        chosen = (
            (row, how)
            for row, how in atlas.list_standings(now)
            if row.code > after
            and needs.issubset((*row.services, *row.access))
            and (how.is_open or not form.open.value)
        )
        found = nsmallest(limit + 1, chosen, key=lambda pair: pair[0].code)
        following = following_url(found[limit - 1][0].code) if len(found) > limit else None
        return write_page(found[:limit], texts, now, following)

    return answer(atlas.revision, now, write)


@described(_("One station by its code"), asks=NoQuestion, gives=OneStation, refusals=(404,))
def station(code: str) -> Response:
    """As it stands now."""
    atlas, texts, now = this_picture()
    row = atlas.find_station(code)
    if row is None:
        raise NotFound("station.unknown", _("There is no such station, or it has closed for good."), field="code")
    return answer(
        atlas.revision, now, lambda: write_one(row, standing(row.hours, row.said, now, texts.zone), texts, now)
    )
