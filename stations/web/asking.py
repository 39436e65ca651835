"""What a public page was asked, understood: the form, where distances begin, the answer as cards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import request, url_for

from stations.feeds.finding import find_nearest, list_supplies, need_names, understand
from stations.kernel import clock
from stations.kernel.geo.datum import Point
from stations.places.forms import NearestForm
from stations.places.queries.anchoring import (
    centre_anchor,
    find_nearest_gate,
    get_place_anchor,
    get_site_anchor,
    position_anchor,
)
from stations.places.queries.atlas import Atlas, get_atlas
from stations.places.queries.rows import Anchor, Found, NearestAnswer
from stations.places.rules.links import amap
from stations.seasons.queries import get_calendar, season_revision
from stations.stock.queries.items import ItemRow
from stations.stock.queries.public import PublicLevel, PublicStock, get_public_stock

SHOWN = 5
STEP = 10


@dataclass(frozen=True)
class Card:
    """One station of a list, with its links. `number` is the one on its pin."""

    found: Found
    number: int
    url: str
    tel: str
    navigate_url: str
    supplies: list[tuple[ItemRow, PublicLevel]]


def this_atlas() -> Atlas:
    """The atlas of this process."""
    return get_atlas(get_calendar().zone)


def this_minute(atlas: Atlas, stock: PublicStock | None = None) -> tuple[int, int, str, datetime]:
    """What a public page depends on besides its address: places, season, supplies where it shows any, minute."""
    supplies = stock.revision if stock else ""
    return atlas.revision, season_revision(), supplies, clock.now().replace(second=0, microsecond=0)


def this_stock() -> PublicStock:
    """The public's supplies as this process sees them."""
    return get_public_stock(clock.now(), get_calendar().zone)


def read_form(stock: PublicStock) -> NearestForm:
    """The question in the address, validated or not; an item may be asked for like a service."""
    form = NearestForm(request.args)
    form.need.choices = need_names(stock)
    form.validate()
    return form


def get_anchor(atlas: Atlas, form: NearestForm) -> Anchor:
    """Where distances begin; NotFound for a code that nobody has."""
    if form.site.value:
        return get_site_anchor(atlas, form.site.value)
    if form.place.value:
        return get_place_anchor(atlas, form.place.value)
    if form.point:
        return position_anchor(form.point)
    return centre_anchor(*get_calendar().centre)


def answer_form(atlas: Atlas, stock: PublicStock, form: NearestForm, anchor: Anchor) -> NearestAnswer:
    """The answer to a form."""
    now = clock.now()
    asked = understand(stock, form.need.value, now)
    limit, only_open = form.limit.value or SHOWN, bool(form.open.value)
    return find_nearest(atlas, anchor.starts, asked, now=now, limit=limit, only_open=only_open)


def make_cards(answer: NearestAnswer, anchor: Anchor, stock: PublicStock, needs: Sequence[str]) -> list[Card]:
    """The answer as cards, each with the gate it is nearest to and the supplies that were asked for."""
    return [
        _card(number, found, anchor, list_supplies(stock, found.station.code, needs))
        for number, found in enumerate(answer.found, 1)
    ]


def _card(number: int, found: Found, anchor: Anchor, supplies: list[tuple[ItemRow, PublicLevel]]) -> Card:
    station = found.station
    if anchor.site is not None:
        found = found._replace(gate=find_nearest_gate(anchor.site, station))
    return Card(
        found=found,
        number=number,
        url=url_for("station.page", code=station.code),
        tel=station.phone,
        navigate_url=amap(Point(station.lat, station.lon), station.name),
        supplies=supplies,
    )
