"""The roll call at a post: whom a leader or the station saw there."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import insert

from stations.accounts.rules import Actor
from stations.kernel import audit
from stations.kernel.db import db
from stations.kernel.errors import Forbidden
from stations.shifts.actions.acting import NOT_YOURS
from stations.shifts.actions.telling import tell
from stations.shifts.models.placing import Assignment
from stations.shifts.models.service import Attendance
from stations.shifts.queries.assignments import load_assignments

SEEN_BY_STAFF = "staff"


def call_roll(assignment_ids: Collection[int], at: datetime, who: Actor) -> int:
    """Note as present since `at` all of these who were not yet; how many those are."""
    rows = [row for row in load_assignments(Assignment.id.in_(sorted(assignment_ids))) if row.in_at is None]
    if not all(who.may("shifts.attend", row.path) or who.may("shifts.attend", row.volunteer_path) for row in rows):
        raise Forbidden("permission.missing", NOT_YOURS)
    fields = {
        "in_at": at, "in_how": SEEN_BY_STAFF, "in_by": who.username, "out_how": "", "out_by": "",
        "is_closed_by_program": False, "version": 1,
    }  # fmt: skip
    if rows:
        db.session.execute(insert(Attendance), [{"assignment_id": row.id, **fields} for row in rows])
    for path, count in sorted(Counter(row.path for row in rows).items()):
        audit.record("attendance.roll", f"station:{path.rstrip('/').rpartition('/')[2]}", actor=who.username,
                     scope=path, after={"present": count})  # fmt: skip
    tell(*(row.path for row in rows))
    return len(rows)
