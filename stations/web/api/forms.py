"""What the API may be asked. Unknown parameters are ignored."""

from functools import lru_cache
from typing import ClassVar, NamedTuple

from werkzeug.datastructures import MultiDict

from stations.kernel.cells import read_flag, read_list
from stations.kernel.errors import Invalid
from stations.kernel.forms import CellField, CellForm, ChoicesField, read_code, text_reader
from stations.kernel.geo.datum import Point, read_point
from stations.kernel.text import _
from stations.places.forms import NearestForm, limit_reader
from stations.places.rules import NEED_WORDS, NEEDS

MOST_NEAREST = 50
MOST_ON_PAGE = 1000
PAGE = 200
MATCHES = 8


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
    after = CellField(_("The code after which to begin"), read_code)
    limit = CellField(_("How many, 200 unless said"), limit_reader(MOST_ON_PAGE))


class ExamSitesQuestion(CellForm):
    """Which exam sites: by name, or from which code on."""

    most: ClassVar = MOST_ON_PAGE
    q = CellField(_("Search"), text_reader(80))
    after = CellField(_("The code after which to begin"), read_code)
    limit = CellField(_("How many; 8 of a search and 200 of the list unless said"), limit_reader(MOST_ON_PAGE))


class Asked(NamedTuple):
    """A nearest question understood: its valid form, and the position where it gave one."""

    form: NearestForm
    point: Point | None


def read_nearest(args: "MultiDict[str, str]") -> Asked:
    """What `NearestQuestion` makes of `args`; raises Invalid. Positions differ with every phone, the rest seldom
    does: a form that was found valid is kept and only the position is read anew."""
    point = _find_position(args)
    if point is not None:
        rest = tuple(pair for pair in args.items(multi=True) if pair[0] not in ("lat", "lon"))
        if not any(name in ("site", "place") for name, _value in rest):
            return Asked(_read_rest(rest), point)
    form = NearestQuestion(args)
    form.require()
    if form.point is None and not (form.site.value or form.place.value):
        message = _("Say from where: lat and lon, or an exam site, or a place.")
        raise Invalid("nearest.nowhere", message, field="lat")
    return Asked(form, form.point)


def _find_position(args: "MultiDict[str, str]") -> Point | None:
    """A valid position given once; None leaves it to the form to say what is wrong."""
    try:
        [lat], [lon] = args.getlist("lat"), args.getlist("lon")
        return read_point(float(lat), float(lon))
    except (ValueError, Invalid):
        return None


@lru_cache(maxsize=256)
def _read_rest(rest: tuple[tuple[str, str], ...]) -> NearestForm:
    form = NearestQuestion(MultiDict(rest))
    form.require()
    return form
