"""What a public page was asked, understood: the form, where distances begin, the answer as cards."""

from dataclasses import dataclass
from datetime import datetime

from flask import request, url_for

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
from stations.places.queries.picture import need_bits
from stations.places.queries.rows import Anchor, Found, NearestAnswer
from stations.places.rules.links import amap
from stations.seasons.queries import get_calendar, season_revision

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


def this_atlas() -> Atlas:
    """The atlas of this process."""
    return get_atlas(get_calendar().zone)


def this_minute(atlas: Atlas) -> tuple[int, int, datetime]:
    """What a public page depends on besides its address: places, season, minute."""
    return atlas.revision, season_revision(), clock.now().replace(second=0, microsecond=0)


def read_form() -> NearestForm:
    """The question in the address, validated or not."""
    form = NearestForm(request.args)
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


def answer_form(atlas: Atlas, form: NearestForm, anchor: Anchor) -> NearestAnswer:
    """The one answer behind list, map and API."""
    return atlas.nearest(
        anchor.starts,
        now=clock.now(),
        limit=form.limit.value or SHOWN,
        need=need_bits(form.need.value),
        only_open=bool(form.open.value),
    )


def make_cards(answer: NearestAnswer, anchor: Anchor) -> list[Card]:
    """The answer as cards, each with the gate it is nearest to."""
    return [_card(number, found, anchor) for number, found in enumerate(answer.found, 1)]


def _card(number: int, found: Found, anchor: Anchor) -> Card:
    station = found.station
    if anchor.site is not None:
        found = found._replace(gate=find_nearest_gate(anchor.site, station))
    return Card(
        found=found,
        number=number,
        url=url_for("station.page", code=station.code),
        tel=station.phone,
        navigate_url=amap(Point(station.lat, station.lon), station.name),
    )
