"""Who may open a stream, and what happens where none can be held."""

from cast import Cast
from flask.testing import FlaskClient


def test_only_who_reads_the_fleet_may_follow_it(client: FlaskClient, cast: Cast) -> None:
    visitor = client.get("/dispatch/stream")
    assert visitor.status_code == 302
    assert "/account/sign-in" in visitor.headers["Location"]
    assert cast.observer.get("/dispatch/stream").status_code == 403
    assert cast.dispatcher.post("/dispatch/stream").status_code in {400, 405}


def test_a_server_that_cannot_hand_its_socket_over_refuses(cast: Cast) -> None:
    answer = cast.dispatcher.get("/dispatch/stream")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.text == ""
