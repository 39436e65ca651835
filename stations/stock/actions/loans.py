"""Lending by tag, and taking back wherever it is brought."""

from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.exc import IntegrityError

from stations.accounts.rules import Actor
from stations.kernel.db import changed_one, db
from stations.kernel.errors import Invalid, NotFound, Refused
from stations.kernel.text import _
from stations.seasons.queries import get_calendar
from stations.stock.actions.alerts import judge_again, judge_shelf
from stations.stock.actions.booking import Booking, Moved, get_place
from stations.stock.models import Loan
from stations.stock.queries.items import ItemRow, get_item
from stations.stock.queries.ledger import find_shelf, find_shelf_at
from stations.stock.queries.loans import get_loan
from stations.stock.rules.ledger import MovementKind, PlaceKind, check_reason, insufficient, pick
from stations.stock.rules.loans import LoanOrder, due_at, read_tag


def lend(order: LoanOrder, actor: Actor, zone: ZoneInfo) -> Moved:
    """Lend the thing with that tag until the exam ends; a tag that is out is refused."""
    booking, item = _begin(order, MovementKind.LOAN, actor)
    shelf = find_shelf(order.station, order.item)
    actor.require("stock.write", shelf.path if shelf else get_place(order.station).path)
    if not booking.is_first():
        return booking.replayed()
    if not item.is_lent:
        raise Invalid("loan.item", _("This item is handed out, not lent."), field="item")
    if shelf is None:
        raise insufficient(1, 0)
    today = booking.now.astimezone(zone).date()
    ((lot, _one),) = pick(shelf.lots, 1, today)
    lent = get_place(order.station, PlaceKind.LENT)
    booking.move(shelf.place_id, lent.id, lot.lot_id, 1, lot.code)
    ends = [session.ends_at for session in get_calendar().sessions]
    fresh = insert(Loan).values(
        place_id=lent.id, item_id=item.id, lot_id=lot.lot_id, tag=read_tag(order.tag), lent_at=booking.happened_at,
        due_at=due_at(ends, booking.now),
    )  # fmt: skip
    try:
        db.session.execute(fresh)
    except IntegrityError:
        message = _("Tag %(tag)s is out already. Please take another one, or take it back first.", tag=order.tag)
        raise Refused("loan.out", message, field="tag") from None
    judge_shelf(shelf, shelf.usable(today) - 1)
    return booking.done()


def give_back(order: LoanOrder, actor: Actor, zone: ZoneInfo) -> Moved:
    """Take a thing back at any station; once."""
    booking, item = _begin(order, MovementKind.RETURN, actor)
    place = get_place(order.station)
    actor.require("stock.write", place.path)
    if not booking.is_first():
        return booking.replayed()
    find_shelf_at(place.id, item.id)  # locked before what is lent, as who lends does
    lent_id, lot_id = _end(item.id, order.tag, booking, place.id)
    booking.move(lent_id, place.id, lot_id, 1)
    judge_again(place.id, item.id, booking.now.astimezone(zone).date())
    return booking.done()


def give_up(request_id: str, loan_id: int, reason: str, actor: Actor) -> Moved:
    """Write off what is not coming back from this very loan; its tag is free again."""
    check_reason(MovementKind.WRITE_OFF, reason)
    loan = get_loan(loan_id)
    actor.require("stock.write", loan.path)
    order = LoanOrder(request_id, loan.station, loan.item, loan.tag)
    booking, item = _begin(order, MovementKind.WRITE_OFF, actor, reason)
    if not booking.is_first():
        return booking.replayed()
    lent_id, lot_id = _end(item.id, loan.tag, booking, None, Loan.id == loan_id)
    booking.take(lent_id, lot_id, 1)
    return booking.done()


def _begin(order: LoanOrder, kind: MovementKind, actor: Actor, reason: str = "") -> tuple[Booking, ItemRow]:
    tag, item = read_tag(order.tag), get_item(order.item)
    about = f"loan:{item.code[:30]}/{tag}"
    return Booking(order.request_id, kind, actor, reason, about, order.happened_at), item


def _end(
    item_id: int, tag: str, booking: Booking, place_id: int | None, *which: ColumnElement[bool]
) -> tuple[int, int]:  # fmt: skip
    """Close the live loan of that tag, wherever it was lent; the guarded UPDATE is the verdict. (place, lot)."""
    out = select(Loan.id, Loan.place_id, Loan.lot_id).where(
        Loan.item_id == item_id, Loan.tag == read_tag(tag), Loan.returned_at.is_(None), *which
    )
    loan = db.session.execute(out).first()
    if loan is None:
        raise NotFound("loan.unknown", _("Nothing with tag %(tag)s is out.", tag=tag), field="tag")
    back = update(Loan).where(Loan.id == loan.id, Loan.returned_at.is_(None))
    if not changed_one(back.values(returned_at=booking.happened_at, returned_place_id=place_id)):
        raise Refused("loan.back", _("This was taken back already."), field="tag")
    return loan.place_id, loan.lot_id
