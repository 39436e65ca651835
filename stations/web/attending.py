"""What is typed of somebody's attendance, on the station's desk and on a team leader's page alike."""

from datetime import datetime, timedelta

from stations.kernel.errors import Invalid
from stations.kernel.forms import CellField, CellForm, text_reader
from stations.kernel.text import _
from stations.seasons.queries import get_calendar
from stations.shifts.actions.attendance import Correction
from stations.shifts.queries.attendance import get_attendance
from stations.shifts.rules.attendance import AROUND_START

AHEAD = timedelta(hours=12)  # of the posts that are shown
MOST_COVERS = 12
ONE_DAY = timedelta(days=1)


def read_number(typed: str) -> int:
    """The number of an assignment."""
    if not (typed.isascii() and typed.isdigit() and len(typed) < 10):
        raise Invalid("assignment.form", _("This does not name anybody. Please reload the page."))
    return int(typed)


def read_clock(typed: str) -> str:
    """HH:MM."""
    try:
        return datetime.strptime(typed, "%H:%M").strftime("%H:%M")  # noqa: DTZ007 (the zone is added with the day)
    except ValueError:
        raise Invalid("moment.form", _("Write the time as 07:30.")) from None


def first_after(since: datetime, typed: str) -> datetime:
    """When the clock first shows `typed` (HH:MM) from `since` on; a shift may go past midnight."""
    at = since.replace(hour=int(typed[:2]), minute=int(typed[3:]), second=0, microsecond=0)
    return at if at >= since else at + ONE_DAY


class CorrectionForm(CellForm):
    """When they came and left; both empty: they never came."""

    came = CellField(_("Came at"), read_clock)
    left = CellField(_("Left at"), read_clock)
    reason = CellField(_("Why"), text_reader(200), is_required=True)
    version = CellField(_("Version"), read_number, is_required=True)

    def order(self, number: int) -> Correction:
        """The correction of one assignment, on the days of its shift. Raises NotFound."""
        starts_at = get_attendance(number).starts_at.astimezone(get_calendar().zone)

        def on_day(typed: str | None) -> datetime | None:
            return first_after(starts_at - AROUND_START, typed) if typed else None

        came, left = on_day(self.came.value), on_day(self.left.value)
        return Correction(number, came, left, self.reason.value or "", self.version.value)
