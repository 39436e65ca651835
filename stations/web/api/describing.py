"""What every route of the API says of itself, from which `/openapi.json` is made."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from msgspec import UNSET, Struct, UnsetType

from stations.kernel.forms import CellForm
from stations.kernel.text import Text

View = TypeVar("View", bound=Callable[..., Any])


class Problem(Struct, frozen=True):
    """An RFC 9457 problem; `field` names the parameter at fault."""

    type: str
    title: str
    status: int
    detail: str
    field: str | UnsetType = UNSET


@dataclass(frozen=True)
class Description:
    """One operation: what it is for, the form of its parameters, the type of its answer and how it is
    sent, which refusals it knows."""

    summary: Text
    asks: type[CellForm]
    gives: type[Struct]
    refusals: tuple[int, ...]
    media_type: str


def described(
    summary: Text,
    *,
    asks: type[CellForm],
    gives: type[Struct],
    refusals: tuple[int, ...] = (),
    media_type: str = "application/json",
) -> Callable[[View], View]:
    """Mark a view with its description."""

    def mark(view: View) -> View:
        cast(Any, view).description = Description(summary, asks, gives, refusals, media_type)
        return view

    return mark
