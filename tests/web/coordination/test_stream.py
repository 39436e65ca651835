"""Who may follow the shifts."""

from cast import Cast
from flask.testing import FlaskClient


def test_only_who_reads_shifts_may_follow_them(client: FlaskClient, cast: Cast) -> None:
    visitor = client.get("/coordination/stream")
    assert visitor.status_code == 302
    assert "/account/sign-in" in visitor.headers["Location"]
    assert cast.dispatcher.get("/coordination/stream").status_code == 403
    for reader in (cast.observer, cast.lead, cast.city):
        answer = reader.get("/coordination/stream")
        assert answer.status_code == 503, "this server cannot hand its socket over"
        assert (answer.headers["Cache-Control"], answer.text) == ("no-store", "")
