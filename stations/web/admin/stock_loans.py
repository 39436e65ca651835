"""Everything that is lent in one's scope, overdue first."""

from flask import Blueprint, Response, make_response, render_template, request, url_for

from stations.kernel import clock
from stations.kernel.errors import NotFound, Refused
from stations.kernel.forms import CellField, CellForm, read_request_id, text_reader
from stations.kernel.text import Text, _
from stations.stock.actions.loans import give_up
from stations.stock.queries.loans import get_loan, list_loans
from stations.web.admin.stock_words import in_words
from stations.web.admin.stock_writing import book_once
from stations.web.guard import actor, needs
from stations.web.paging import make_page
from stations.web.writing import go

door = Blueprint("admin_stock_loans", __name__, url_prefix="/admin/stock/loans")


class LostForm(CellForm):
    """Why a thing is not coming back."""

    reason = CellField(_("Reason"), text_reader(200), is_required=True)
    request_id = CellField(_("Request id"), read_request_id, is_required=True)


@door.get("/")
@needs("stock.read")
def page() -> str:
    """The board."""
    return _draw()


def _draw(typed_id: int = 0, typed: str = "", refusal: Text | str = "") -> str:
    me, now = actor(), clock.now()
    loans = list_loans(me.paths("stock.read"))
    above = "" if any(loan.id == typed_id for loan in loans) else refusal
    if typed_id:  # what is being corrected stands first, whatever page it was on
        loans.sort(key=lambda loan: loan.id != typed_id)
    listed = make_page(len(loans), lambda limit, offset: loans[offset : offset + limit], {})
    return render_template(
        "admin/stock_loans.html", page=listed, overdue=sum(loan.due_at < now for loan in loans), in_words=in_words,
        may_lose=lambda loan: me.may("stock.write", loan.path), typed_id=typed_id, typed=typed, refusal=refusal,
        above=above,
    )  # fmt: skip


@door.post("/<id:loan_id>/lost")
@needs("stock.write")
def lost(loan_id: int) -> Response:
    """Write off what is not coming back."""
    _check_mine(loan_id)
    form = LostForm(request.form)
    try:
        form.require()
        request_id, reason = form.request_id.value, form.reason.value
        book_once(lambda me: give_up(request_id, loan_id, reason, me), _("Written off; the tag is free again."))
    except Refused as refused:
        if refused.status == 403:
            raise
        return make_response(_draw(loan_id, form.reason.data or "", refused.message), refused.status)
    return go(url_for(".page"))


def _check_mine(loan_id: int) -> None:
    """One of others is as if it were not there."""
    if not actor().may("stock.read", get_loan(loan_id).path):
        raise NotFound("loan.unknown", _("There is no such loan."))
