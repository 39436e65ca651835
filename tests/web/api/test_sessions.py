"""The exam sessions."""

from datetime import datetime

from conftest import on_both
from flask.testing import FlaskClient

from stations.seasons.queries import get_calendar


@on_both
def test_sessions_tell_until_when_and_how_sure(client: FlaskClient) -> None:
    answer = client.get("/api/v1/sessions")
    rows = answer.json["sessions"]
    calendar = get_calendar()
    assert [row["code"] for row in rows] == [session.code for session in calendar.sessions]
    for row, session in zip(rows, calendar.sessions, strict=True):
        assert row["starts_at"].endswith("+08:00")
        assert datetime.fromisoformat(row["entry_cutoff_at"]) == session.entry_cutoff_at
        assert row["is_confirmed"] == (row["confirmed_by"] is not None)
        assert row["source"]
    doubtful = [row for row in rows if row["other_cutoff_at"]]
    assert doubtful
    assert all(row["entry_cutoff_at"] < row["other_cutoff_at"] for row in doubtful)
    assert answer.json["now"].startswith("2027-06-07T07:45")
