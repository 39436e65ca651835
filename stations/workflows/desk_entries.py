"""What a station's desk writes, one entry or a phone's whole outbox: the same form and the same actions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from stations.accounts.rules import Actor
from stations.kernel.db import attempt
from stations.kernel.errors import Invalid, Refused
from stations.kernel.forms import form_data
from stations.kernel.replay import REUSED, claim_many
from stations.kernel.text import Text, _
from stations.stock.actions.booking import Moved
from stations.stock.actions.ledger import count, receive, reverse, take
from stations.stock.actions.loans import give_back, lend
from stations.stock.forms import EntryForm
from stations.stock.queries.ledger import lock_levels
from stations.stock.rules.ledger import CountOrder, MovementKind, ReceiveOrder, TakeOrder
from stations.stock.rules.loans import LoanOrder

MOST_ENTRIES = 1000
LONGEST_RUN = 100

UNREADABLE: Text = _("This entry could not be read.")

Deed = Callable[[EntryForm, str, Actor, ZoneInfo], Moved]
Read = tuple[str | None, EntryForm | Refused]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one entry: `refused` is the reason, else `moved` is what it moved, now or the first time."""

    id: str | None
    moved: Moved | None = None
    refused: Refused | None = None


def book_entry(form: EntryForm, station: str, actor: Actor, zone: ZoneInfo) -> Moved:
    """Book one valid entry at a station in the caller's transaction."""
    return _DEEDS[form.kind.value](form, station, actor, zone)


def book_entries(entries: Sequence[Any], station: str, actor: Actor, zone: ZoneInfo) -> list[Outcome]:
    """Book decoded JSON entries in their order; one that is refused leaves nothing behind and stops nobody."""
    if len(entries) > MOST_ENTRIES:
        raise Invalid("entries.many", _("Please send at most %(most)s entries at once.", most=MOST_ENTRIES))
    lock_levels(station)
    read = _read_entries(entries)
    outcomes: list[Outcome] = []
    length = LONGEST_RUN
    while len(outcomes) < len(read):
        booked = _book_run(read[len(outcomes) : len(outcomes) + length], station, actor, zone)
        outcomes += booked
        length = min(2 * length, LONGEST_RUN) if len(booked) == length else max(len(booked), 1)
    return outcomes


def _book_run(run: Sequence[Read], station: str, actor: Actor, zone: ZoneInfo) -> list[Outcome]:
    """The outcomes up to the first entry that an action refuses. All share one savepoint and one claim, which cost
    as much as a movement each: where one is refused, those before it are booked again without it."""
    outcomes: list[Outcome] = []
    try:
        with attempt():
            claim_many(dict(_claim(form) for _own_id, form in run if isinstance(form, EntryForm)), actor.username)
            for own_id, form in run:
                if isinstance(form, Refused):
                    outcomes.append(Outcome(own_id, refused=form))
                else:
                    outcomes.append(Outcome(own_id, moved=book_entry(form, station, actor, zone)))
        return outcomes
    except Refused as refused:
        ending = Outcome(run[len(outcomes)][0], refused=refused)
    except IntegrityError:  # an id that the program itself has used
        ending = Outcome(run[len(outcomes)][0], refused=Refused("request.reused", REUSED))
    before = _book_run(run[: len(outcomes)], station, actor, zone) if outcomes else []
    return [*before, ending] if len(before) == len(outcomes) else before


def _claim(form: EntryForm) -> tuple[str, str]:
    """(request id, action) of an entry, as its booking claims them."""
    kind = MovementKind.ADJUSTMENT if form.kind.value == "count" else MovementKind(form.kind.value)
    return form.id.value, f"stock.{kind}"


def _read_entries(entries: Sequence[Any]) -> list[Read]:
    """Every entry with its own id, as a valid form or the reason why it is none. An id stands for one content."""
    known: dict[str, dict[str, str]] = {}
    read: list[Read] = []
    for entry in entries:
        own_id = entry.get("id") if isinstance(entry, dict) else None
        own_id = own_id if isinstance(own_id, str) else None
        try:
            typed = _read_texts(entry)
            form = EntryForm(form_data(typed))
            form.require()
            if known.setdefault(form.id.value, typed) != typed:
                raise Refused("request.reused", REUSED)
            read.append((own_id, form))
        except Refused as refused:
            read.append((own_id, refused))
    return read


def _read_texts(entry: Any) -> dict[str, str]:
    """The fields as they would have been typed. Raises Invalid for what no form can hold."""
    if not isinstance(entry, dict):
        raise Invalid("entry.form", UNREADABLE)
    texts = {}
    for name, value in entry.items():
        if isinstance(value, bool | dict | list):
            raise Invalid("entry.form", UNREADABLE, field=name)
        if value is not None:
            texts[name] = str(value)
    return texts


def _take(form: EntryForm, station: str, actor: Actor, zone: ZoneInfo) -> Moved:
    order = TakeOrder(
        form.id.value, station, form.item.value, form.units, MovementKind(form.kind.value), form.reason.value or "",
        form.lot.value, form.happened_at.value,
    )  # fmt: skip
    return take(order, actor, zone)


def _receive(form: EntryForm, station: str, actor: Actor, zone: ZoneInfo) -> Moved:
    order = ReceiveOrder(
        form.id.value, station, form.item.value, form.units, form.lot.value or "", form.expiry_date.value,
        form.reason.value or "", form.happened_at.value,
    )  # fmt: skip
    return receive(order, actor, zone)


def _count(form: EntryForm, station: str, actor: Actor, zone: ZoneInfo) -> Moved:
    order = CountOrder(
        form.id.value, station, form.item.value, form.units, form.position.value, form.lot.value,
        form.reason.value or "", form.happened_at.value, form.seen.value or (),
    )  # fmt: skip
    return count(order, actor, zone)


def _lend(form: EntryForm, station: str, actor: Actor, zone: ZoneInfo) -> Moved:
    return lend(_loan(form, station), actor, zone)


def _give_back(form: EntryForm, station: str, actor: Actor, zone: ZoneInfo) -> Moved:
    return give_back(_loan(form, station), actor, zone)


def _loan(form: EntryForm, station: str) -> LoanOrder:
    return LoanOrder(form.id.value, station, form.item.value, form.tag.value, form.happened_at.value)


def _reverse(form: EntryForm, station: str, actor: Actor, zone: ZoneInfo) -> Moved:
    return reverse(form.id.value, form.order_id.value, form.reason.value or "", actor, zone, station=station)


_DEEDS: dict[str, Deed] = {
    "issue": _take,
    "receipt": _receive,
    "write_off": _take,
    "count": _count,
    "loan": _lend,
    "return": _give_back,
    "reversal": _reverse,
}
