"""What lies below somebody's paths."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_
from sqlalchemy.orm import InstrumentedAttribute

AnySelect = Select[*tuple[Any, ...]]


def below(column: InstrumentedAttribute[str], paths: Sequence[str]) -> ColumnElement[bool]:
    """Whether the path in `column` begins with any of `paths`; '' is everything, no path nothing."""
    if "" in paths:
        return column.is_not(None)
    return or_(false(), *(func.substr(column, 1, len(path)) == path for path in paths))
