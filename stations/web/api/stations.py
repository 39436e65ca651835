"""All stations, a page at a time, and one of them."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from heapq import nsmallest

from flask import Response

from stations.feeds.finding import Asked, list_found, list_supplies, understand
from stations.feeds.stations_geojson import MEDIA_TYPE, StationCollection, write_collection
from stations.feeds.stations_json import OneStation, StationPage, StationTexts, write_one, write_page
from stations.kernel.errors import NotFound
from stations.kernel.text import _
from stations.places.queries.atlas import Atlas
from stations.places.queries.rows import StationRow
from stations.places.rules import Standing, standing
from stations.seasons.queries import get_calendar
from stations.web.api.answering import answer, following_url, read, revision_of, this_picture
from stations.web.api.describing import described
from stations.web.api.forms import MOST_FEATURES, PAGE, FeaturesQuestion, NoQuestion, StationsQuestion
from stations.web.asking import this_stock

Rows = Sequence[tuple[StationRow, Standing]]
Write = Callable[[Rows, StationTexts, datetime, str | None], bytes]


@described(_("All stations, by code"), asks=StationsQuestion, gives=StationPage)
def stations() -> Response:
    """Pages that follow each other by the last code seen, so that no edit between them makes one skip or repeat."""
    return _list(read(StationsQuestion), PAGE, write_page)


@described(_("All stations as GeoJSON, by code"), asks=FeaturesQuestion, gives=StationCollection, media_type=MEDIA_TYPE)
def stations_geojson() -> Response:
    """The same stations for a map."""
    response = _list(read(FeaturesQuestion), MOST_FEATURES, partial(write_collection, is_demo=get_calendar().is_demo))
    response.mimetype = MEDIA_TYPE
    return response


def _list(form: StationsQuestion, default_limit: int, write: Write) -> Response:
    atlas, texts, now = this_picture()

    stock = this_stock()
    asked = understand(stock, form.need.value, now)

    def write_found() -> bytes:
        limit = form.limit.value or default_limit
        found = nsmallest(limit + 1, _choose(atlas, asked, now, form), key=lambda pair: pair[0].code)
        following = following_url(found[limit - 1][0].code) if len(found) > limit else None
        return write(found[:limit], texts, now, following)

    return answer(revision_of(atlas, asked.stocked and stock), now, write_found)


def _choose(atlas: Atlas, asked: Asked, now: datetime, form: StationsQuestion) -> Iterator[tuple[StationRow, Standing]]:
    after, box = form.after.value or "", form.bbox.value
    for row, how in list_found(atlas, asked, form.need.value, now=now, only_open=bool(form.open.value)):
        if row.code > after and (box is None or box.holds(row.lat, row.lon)):
            yield row, how


@described(_("One station by its code"), asks=NoQuestion, gives=OneStation, refusals=(404,))
def station(code: str) -> Response:
    """As it stands now."""
    atlas, texts, now = this_picture()
    row = atlas.find_station(code)
    if row is None:
        raise NotFound("station.unknown", _("There is no such station, or it has closed for good."), field="code")
    stock = this_stock()

    def write_row() -> bytes:
        how = standing(row.hours, row.said, now, texts.zone)
        return write_one(row, how, list_supplies(stock, code), texts, now)

    return answer(revision_of(atlas, stock), now, write_row)
