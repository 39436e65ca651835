"""The home page: the exam clock, the search, the nearest stations, the map of the same stations."""

from typing import Any, NamedTuple

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from markupsafe import Markup

from stations.feeds.finding import need_names
from stations.feeds.geojson import selection
from stations.kernel import clock
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.text import Text, _
from stations.places.forms import NearestForm
from stations.places.queries.anchoring import centre_anchor, find_sure_match, list_matches
from stations.places.queries.atlas import Atlas
from stations.places.queries.rows import Anchor, Match
from stations.seasons.queries import get_calendar
from stations.seasons.rules import countdown
from stations.stock.queries.public import PublicStock
from stations.web.asking import (
    SHOWN,
    STEP,
    answer_form,
    get_anchor,
    make_cards,
    read_form,
    this_atlas,
    this_minute,
    this_stock,
)
from stations.web.caching import cached
from stations.web.drawings import draw, this_datum

door = Blueprint("home", __name__)

FRESH_SECONDS = 15
MOST_SHOWN = 50


class Chip(NamedTuple):
    """A filter: its code, its name, the address that turns it over, whether it is on."""

    code: str
    name: Text
    url: str
    is_on: bool


@door.get("/")
def page() -> Response:
    """The nearest stations to what was asked."""
    atlas, stock = this_atlas(), this_stock()
    form = read_form(stock)
    match = find_sure_match(atlas, form.q.value) if form.q.value and not form.errors else None
    if match is not None:
        return make_response(redirect(match_url(match, form)))
    shown = stock if any(map(stock.is_stocked, form.need.value)) else None
    return cached(this_minute(atlas, shown), FRESH_SECONDS, lambda: _draw(atlas, stock, form))


def _draw(atlas: Atlas, stock: PublicStock, form: NearestForm) -> Response:
    matches: list[Match] = []
    try:
        anchor = _understand(atlas, form)
        if form.q.value:
            matches = _get_matches(atlas, form.q.value)
    except Refused as refused:
        empty = NearestForm()
        empty.validate()
        anchor = centre_anchor(*get_calendar().centre)
        page = _render(atlas, stock, empty, anchor, [], typed=form.q._value(), refused=refused)
        return make_response(page, refused.status)
    return make_response(_render(atlas, stock, form, anchor, matches, typed=form.q.value or ""))


def _understand(atlas: Atlas, form: NearestForm) -> Anchor:
    if form.errors:
        field, message = next(iter(form.problems.items()))
        raise Invalid("nearest.question", message, field=field)
    return get_anchor(atlas, form)


def _get_matches(atlas: Atlas, typed: str) -> list[Match]:
    matches = list_matches(atlas, typed)
    if not matches:
        message = _(
            'Nothing is called "%(typed)s". Try the name of the school, pinyin, or a metro station.', typed=typed
        )
        raise NotFound("search.nothing", message, field="q")
    return matches


def _render(
    atlas: Atlas, stock: PublicStock, form: NearestForm, anchor: Anchor, matches: list[Match], *, typed: str,
    refused: Refused | None = None,
) -> str:  # fmt: skip
    answer = answer_form(atlas, stock, form, anchor)
    cards = make_cards(answer, anchor, stock, form.need.value)
    return render_template(
        "public/home.html",
        countdown=countdown(get_calendar().sessions, clock.now()),
        anchor=anchor,
        asked={"q": typed, "need": form.need.value, "open": bool(form.open.value)},
        refusal=refused and refused.message,
        is_search_refused=refused is not None and refused.field == "q",
        matches=[{**_fields(match), "url": match_url(match, form)} for match in matches],
        chip_list=_chips(form, atlas.offered, stock),
        clear_url=url_for("home.page", **_question(form, need=(), open=None)),
        cards=cards,
        more_url=_more_url(form) if answer.is_more else None,
        map_part=Markup(draw("home").html),  # noqa: S704 (our own drawing)
        selection_json=selection(answer, anchor, {c.found.station.code: c.url for c in cards}, this_datum()),
    )


def match_url(match: Match, form: NearestForm) -> str:
    """Where choosing a match leads: the same filters, measured from there; a station has its own page."""
    if match.kind == "station":
        return url_for("station.page", code=match.code)
    anchor = {"site": match.code} if match.kind == "site" else {"place": f"{match.kind}:{match.code}"}
    return url_for("home.page", **_question(form, **({"site": None, "place": None, "lat": None, "lon": None} | anchor)))


def _fields(match: Match) -> dict[str, Any]:
    return {name: getattr(match, name) for name in match.__slots__}


def _question(form: NearestForm, **changes: Any) -> dict[str, Any]:
    """The parameters that ask the same question with some changes."""
    values = {
        "site": form.site.value, "place": form.place.value, "lat": form.lat.value, "lon": form.lon.value,
        "need": form.need.value, "open": "1" if form.open.value else None,
    }  # fmt: skip
    return {name: value for name, value in (values | changes).items() if value not in (None, ())}


def _chips(form: NearestForm, offered: frozenset[str], stock: PublicStock) -> list[Chip]:
    is_open = bool(form.open.value) or any(map(stock.is_stocked, form.need.value))
    chips = [
        Chip("open", _("Open now"), url_for("home.page", **_question(form, open=None if is_open else "1")), is_open)
    ]
    for code, name in need_names(stock).items():
        is_on = code in form.need.value
        if code not in offered and not is_on:
            continue
        need = tuple(c for c in form.need.value if c != code) if is_on else (*form.need.value, code)
        chips.append(Chip(code, name, url_for("home.page", **_question(form, need=need)), is_on))
    return sorted(chips, key=lambda chip: not chip.is_on)  # on a phone only the first ones are in sight


def _more_url(form: NearestForm) -> str | None:
    shown = form.limit.value or SHOWN
    if shown >= MOST_SHOWN:
        return None
    return url_for("home.page", **_question(form, limit=min(shown + STEP, MOST_SHOWN)))
