"""What the API may be asked. Unknown parameters are ignored."""

import re
from functools import lru_cache
from typing import ClassVar, NamedTuple
from urllib.parse import parse_qsl

from werkzeug.datastructures import MultiDict

from stations.feeds.finding import need_names
from stations.kernel.cells import read_flag, read_list
from stations.kernel.errors import Invalid
from stations.kernel.forms import CellField, CellForm, ChoicesField, read_code, text_reader
from stations.kernel.geo.box import read_box
from stations.kernel.geo.datum import Point, read_point
from stations.kernel.text import _
from stations.places.forms import NearestForm, limit_reader
from stations.places.rules import NEED_WORDS, NEEDS
from stations.web.asking import this_stock

MOST_NEAREST = 50
MOST_ON_PAGE = 1000
MOST_FEATURES = 10_000
SHOWN = 5
PAGE = 200
MATCHES = 8

_DEGREES = re.compile("(?:^|&)(lat|lon)=([^&]*)")


class NoQuestion(CellForm):
    """Nothing."""


class NearestQuestion(NearestForm):
    """The page's question without its search: here a place is named by its code."""

    most: ClassVar = MOST_NEAREST
    q = None  # type: ignore[assignment]
    limit = CellField(_("How many, 5 unless said"), limit_reader(MOST_NEAREST))


class StationsQuestion(CellForm):
    """Which stations, from which code on."""

    most: ClassVar = MOST_ON_PAGE
    need = ChoicesField(_("Needs"), NEEDS, NEED_WORDS, read_list)
    open = CellField(_("Open now"), read_flag)
    bbox = CellField(_("Within west,south,east,north in degrees"), read_box)
    after = CellField(_("The code after which to begin"), read_code)
    limit = CellField(_("How many, 200 unless said"), limit_reader(MOST_ON_PAGE))


class FeaturesQuestion(StationsQuestion):
    """The same, of which most readers want all at once."""

    most: ClassVar = MOST_FEATURES
    limit = CellField(_("How many, 10,000 unless said"), limit_reader(MOST_FEATURES))


class ExamSitesQuestion(CellForm):
    """Which exam sites: by name, or from which code on."""

    most: ClassVar = MOST_ON_PAGE
    q = CellField(_("Search"), text_reader(80))
    after = CellField(_("The code after which to begin"), read_code)
    limit = CellField(_("How many; 8 of a search and 200 of the list unless said"), limit_reader(MOST_ON_PAGE))


class Asked(NamedTuple):
    """A nearest question understood: where from (the position, or by the form), and what."""

    point: Point | None
    form: NearestForm
    needs: tuple[str, ...]
    limit: int


def read_nearest(query: str) -> Asked:
    """What `NearestQuestion` makes of a query string; raises Invalid. Positions differ with every phone, the rest
    seldom does: a form that was found valid is kept, and only the position is read anew."""
    point = _find_point(_DEGREES.findall(query))
    return _read_rest(_DEGREES.sub("", query))._replace(point=point) if point else _read_whole(query)


def _find_point(degrees: list[tuple[str, str]]) -> Point | None:
    """A valid position given once; None leaves it to the form to say what is wrong."""
    try:
        (one, lat), (other, lon) = sorted(degrees)
        return read_point(float(lat), float(lon)) if one != other else None
    except (ValueError, Invalid):
        return None


def _read_whole(query: str) -> Asked:
    form = NearestQuestion(MultiDict(parse_qsl(query, keep_blank_values=True, errors="replace")))
    form.need.choices = need_names(this_stock())
    form.require()
    if form.point is None and not (form.site.value or form.place.value):
        message = _("Say from where: lat and lon, or an exam site, or a place.")
        raise Invalid("nearest.nowhere", message, field="lat")
    return Asked(form.point, form, form.need.value, form.limit.value or SHOWN)


@lru_cache(maxsize=256)
def _read_rest(query: str) -> Asked:
    """The question but for its position, for which any stands."""
    return _read_whole(f"{query}&lat=39.9&lon=116.4")
