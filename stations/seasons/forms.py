"""Forms of the season: a session as a row of a timetable, the confirmation of a cut-off."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from stations.kernel.cells import read_time, read_whole
from stations.kernel.errors import Invalid
from stations.kernel.forms import CellField, CellForm, HiddenField, read_code, read_request_id, text_reader
from stations.kernel.text import _
from stations.seasons.queries import get_calendar
from stations.seasons.rules import SessionOrder, check_times


def read_date(typed: str) -> date:
    """An ISO date."""
    try:
        return date.fromisoformat(typed.replace("/", "-"))
    except ValueError:
        raise Invalid("date.form", _('"%(text)s" is not a date. Write it as 2027-06-07.', text=typed[:40])) from None


class SessionForm(CellForm):
    """A session. Times are local to the season's zone."""

    code = CellField(_("Code"), read_code, is_required=True)
    subject = CellField(_("Subject"), text_reader(40), is_required=True)
    subject_en = CellField(_("English name"), text_reader(60))
    date = CellField(_("Date"), read_date, is_required=True)
    start = CellField(_("Start"), read_time, is_required=True)
    end = CellField(_("End"), read_time, is_required=True)
    entry_closes = CellField(_("Entry closes"), read_time, is_required=True)
    other_entry_closes = CellField(_("Entry closes by another source"), read_time)
    source = CellField(_("Source"), text_reader(300), is_required=True)
    rule = CellField(_("Rule"), text_reader(300))

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Each field by itself, then whether the times make a session."""
        if not super().validate(extra_validators):
            return False
        order = self.order()
        try:
            for cutoff_at in filter(None, (order.entry_cutoff_at, order.other_cutoff_at)):
                check_times(order.starts_at, order.ends_at, cutoff_at)
        except Invalid as refusal:
            self[refusal.field or "start"].errors = [refusal.message]
            return False
        return True

    def order(self) -> SessionOrder:
        """The order that a valid form gives: of two cut-offs the earlier one counts."""
        value = self.values
        zone = get_calendar().zone

        def at(clock: time) -> datetime:
            return datetime.combine(value["date"], clock, zone)

        cutoffs = sorted(at(clock) for clock in (value["entry_closes"], value["other_entry_closes"]) if clock)
        return SessionOrder(
            code=value["code"], subject=value["subject"], subject_en=value["subject_en"] or "",
            starts_at=at(value["start"]), ends_at=at(value["end"]), entry_cutoff_at=cutoffs[0],
            other_cutoff_at=cutoffs[1] if len(cutoffs) > 1 and cutoffs[1] != cutoffs[0] else None,
            source=value["source"], rule=value["rule"] or "",
        )  # fmt: skip


class SeasonForm(CellForm):
    """A season to begin."""

    code = CellField(_("Code"), read_code, is_required=True, hint=_("Short, as in 2027-gaokao"))
    name = CellField(_("Name"), text_reader(80), is_required=True)
    name_en = CellField(_("English name"), text_reader(80))
    starts_on = CellField(_("First exam day"), read_date, is_required=True, hint=_("As in 2027-06-07"))
    ends_on = CellField(_("Last exam day"), read_date, is_required=True, hint=_("As in 2027-06-10"))
    request_id = HiddenField(_("Request id"), read_request_id, is_required=True)


class CutoffForm(CellForm):
    """Until when examinees are let in, by whose word."""

    entry_closes = CellField(_("Entry closes"), read_time, is_required=True)
    source = CellField(_("Source"), text_reader(300), is_required=True)
    version = HiddenField(_("Version"), read_whole, is_required=True)
    request_id = HiddenField(_("Request id"), read_request_id, is_required=True)
