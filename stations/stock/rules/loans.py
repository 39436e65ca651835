"""Lending by tag: four digits on the thing itself, nobody's name."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from stations.kernel.errors import Invalid
from stations.kernel.text import _

RETURN_MINUTES = 30  # after the exam ends, to walk back
WITHOUT_SESSION = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class LoanOrder:
    """One thing lent or brought back at a station, by its tag."""

    request_id: str
    station: str
    item: str
    tag: str
    happened_at: datetime | None = None


def read_tag(text: str) -> str:
    """Four digits, "０４１２" too. Raises Invalid."""
    tag = unicodedata.normalize("NFKC", text).strip()
    if not re.fullmatch(r"[0-9]{4}", tag):
        raise Invalid("loan.tag", _("A tag has four digits."), field="tag")
    return tag


def due_at(session_ends: Sequence[datetime], now: datetime) -> datetime:
    """When a thing lent now should be back: soon after the end of the exam that runs or comes next today."""
    coming = [end for end in sorted(session_ends) if now < end < now + timedelta(hours=12)]
    return coming[0] + timedelta(minutes=RETURN_MINUTES) if coming else now + WITHOUT_SESSION
