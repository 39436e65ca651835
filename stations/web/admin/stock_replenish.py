"""Replenishment: the plan that moves surplus to shortage, line by line, accepted with one press."""

from datetime import datetime, timedelta

from flask import Blueprint, Response, make_response, render_template, request, url_for

from stations.kernel import clock
from stations.kernel.cells import read_instant, read_whole
from stations.kernel.errors import Invalid, Refused
from stations.kernel.forms import read_code
from stations.kernel.text import Text, _
from stations.seasons.queries import get_calendar
from stations.stock.queries.items import list_items
from stations.stock.queries.matrix import list_heads
from stations.stock.rules.ledger import MOST_UNITS
from stations.web.guard import actor, needs
from stations.web.units import say_units
from stations.web.working import PART, WHOLE, show_work
from stations.web.writing import go, write_once
from stations.workflows.restock import Choice, accept, propose_transfers

door = Blueprint("admin_stock_replenish", __name__, url_prefix="/admin/stock/replenishment")

HOURS = (1, 2, 4, 8)
LONG_SHELVES = 2000  # stations times items: about half a second
MOST_LINES = 200  # a page that a phone can hold; the rest follows when these are under way
FARTHEST = timedelta(hours=48)


@door.get("")
@needs("stock.approve")
def page() -> Response:
    """The proposal until the moment that the address asks for."""
    until = request.args.get("until", "")
    if len(list_items()) * len(list_heads(actor().paths("stock.approve"))) < LONG_SHELVES:
        return make_response(_draw(until))
    back = url_for("admin_stock.page"), _("Supplies")
    return show_work(_("Replenishment"), lambda: _draw(until, layout=PART), back=back)


@door.post("")
@needs("stock.approve")
def accept_lines() -> Response:
    """Make transfers of the lines that are ticked."""
    try:
        now, zone = clock.now(), get_calendar().zone
        horizon = _read_horizon(request.form.get("horizon", ""), now)
        choices = [_read_choice(text) for text in request.form.getlist("line")]
        write_once(
            request.form.get("request_id"), "stock.replenish",
            lambda by: {"transfers": accept(by, by.paths("stock.approve"), now, zone, horizon, choices)},
            _("%(count)s lines were accepted; their transfers are under way.", count=len(choices)),
        )  # fmt: skip
    except Refused as refused:
        return make_response(_draw(request.form.get("until", ""), refused.message), refused.status)
    until = request.form.get("until", "")
    return go(url_for(".page", until=until if until in _horizons(now) else None))


def _draw(until: str, refusal: Text | None = None, layout: str = WHOLE) -> str:
    me, now, zone = actor(), clock.now(), get_calendar().zone
    horizons = _horizons(now)
    if until not in horizons:
        until = next(iter(horizons))
    horizon = horizons[until][1]
    plan = propose_transfers(me, me.paths("stock.approve"), now, zone, horizon)
    return render_template(
        "admin/stock_replenish.html",
        layout=layout,
        plan=plan,
        lines=plan.proposal.lines[:MOST_LINES],
        most_unmet=MOST_LINES,
        say_units=say_units,
        items=list_items(),
        until=until,
        horizon=horizon,
        horizons=horizons,
        refusal=refusal,
    )


def _horizons(now: datetime) -> dict[str, tuple[Text, datetime]]:
    """What may be asked for: the end of the session that runs or comes next today, of the day, or some hours."""
    calendar = get_calendar()
    today = now.astimezone(calendar.zone).date()
    ends = sorted(s.ends_at for s in calendar.sessions if s.ends_at > now and _day(s.ends_at) == today)
    found = {}
    if ends:
        found["session"] = (_("the end of the session"), ends[0])
        found["day"] = (_("the end of the last session today"), ends[-1])
    return found | {
        f"{hours}h": (_("%(hours)s hours from now", hours=hours), now + timedelta(hours=hours)) for hours in HOURS
    }


def _day(at: datetime) -> object:
    return at.astimezone(get_calendar().zone).date()


def _read_horizon(text: str, now: datetime) -> datetime:
    horizon = read_instant(text)
    if not now < horizon < now + FARTHEST:
        raise Invalid("replenish.horizon", _("This proposal is out of date. Please look at the new one."))
    return horizon


def _read_choice(text: str) -> Choice:
    """A line as its box sends it: source|target|item|units."""
    parts = text.split("|")
    if len(parts) != 4:
        raise Invalid("replenish.line", _("This line cannot be read. Please look at the new proposal."))
    source, target, item = (read_code(part) for part in parts[:3])
    return Choice(source, target, item, read_whole(parts[3], limit=MOST_UNITS))
