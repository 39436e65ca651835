"""The exam sessions of the current season."""

import msgspec
from flask import Response

from stations.feeds.exams_json import ExamSessions, exam_sessions
from stations.kernel import clock
from stations.kernel.revision import current_revisions
from stations.kernel.text import _
from stations.seasons.queries import TOPIC, get_calendar
from stations.web.api.answering import answer
from stations.web.api.describing import described
from stations.web.api.forms import NoQuestion


@described(
    _("The exam sessions of the current season, each with the end of entry and its source"),
    asks=NoQuestion,
    gives=ExamSessions,
)
def sessions() -> Response:
    """In order of time."""
    calendar, now = get_calendar(), clock.now()
    revision = current_revisions().get(TOPIC, 0)
    return answer(revision, now, lambda: msgspec.json.encode(exam_sessions(calendar.sessions, calendar.zone, now)))
