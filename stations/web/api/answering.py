"""What the API's answers share."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Response, current_app, request
from werkzeug.routing import Map

from stations.feeds.finding import need_names
from stations.feeds.stations_json import StationTexts
from stations.kernel import clock
from stations.kernel.forms import CellForm
from stations.places.queries.atlas import Atlas, get_atlas
from stations.seasons.queries import get_calendar
from stations.stock.queries.public import PublicStock
from stations.web.asking import this_stock
from stations.web.caching import cached

FRESH_SECONDS = 15


def answer(revision: int | str, now: datetime, write: Callable[[], bytes]) -> Response:
    """The JSON of `write`, or 304 to who holds the same revision's of this minute."""
    parts = f"{revision}.{now.timestamp() // 60:.0f}"
    return cached(parts, FRESH_SECONDS, lambda: Response(write(), content_type="application/json"))


def revision_of(atlas: Atlas, stock: PublicStock | None) -> str:
    """The revision of an answer about places, and about supplies where it speaks of them."""
    return f"{atlas.revision}.{stock.revision if stock else ''}"


def read(form: type[CellForm]) -> Any:
    """The question in the address as a valid form of that kind; raises Invalid."""
    asked = form(request.args)
    if "need" in asked:
        asked.need.choices = need_names(this_stock())
    asked.require()
    return asked


def this_picture() -> tuple[Atlas, StationTexts, datetime]:
    """This process's atlas, the texts of its stations, and the season's time."""
    zone = get_calendar().zone
    return get_atlas(zone), _texts(current_app.url_map, request.environ.get("SCRIPT_NAME", ""), zone), clock.now()


@lru_cache(maxsize=8)
def _texts(url_map: Map, root: str, zone: ZoneInfo) -> StationTexts:
    return StationTexts(zone, _page_url(url_map, root, "station.page", "code"))


def page_url(endpoint: str, name: str) -> str:
    """The address of a page with CODE for its parameter `name`, in no language: the reader of the JSON chooses."""
    return _page_url(current_app.url_map, request.environ.get("SCRIPT_NAME", ""), endpoint, name)


@lru_cache(maxsize=16)
def _page_url(url_map: Map, root: str, endpoint: str, name: str) -> str:
    return url_map.bind("localhost", script_name=root or "/").build(endpoint, {name: "CODE"})


def following_url(last_code: str) -> str:
    """The address of the rows after that code, asked in the same words."""
    asked = [pair for pair in request.args.items(multi=True) if pair[0] != "after"]
    return f"{request.script_root}{request.path}?{urlencode([*asked, ('after', last_code)])}"
