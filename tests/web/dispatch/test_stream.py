"""Who may open a stream, and what happens where none can be held."""

import pytest
from cast import Cast
from conftest import leave_database, make_app
from flask import Flask

from stations.web.dispatch.stream import door


@pytest.fixture
def app(app: Flask, database: str) -> Flask:
    made = make_app(database)
    if door.name not in made.blueprints:
        made.register_blueprint(door)
    return made


def test_only_who_reads_the_fleet_may_follow_it(app: Flask) -> None:
    cast = Cast(app)
    visitor = app.test_client().get("/dispatch/stream")
    assert visitor.status_code == 302
    assert "/account/sign-in" in visitor.headers["Location"]
    assert cast.observer.get("/dispatch/stream").status_code == 403
    assert cast.dispatcher.post("/dispatch/stream").status_code in {400, 405}
    with app.app_context():
        leave_database()


def test_a_server_that_cannot_hand_its_socket_over_refuses(app: Flask) -> None:
    answer = Cast(app).dispatcher.get("/dispatch/stream")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.text == ""
    with app.app_context():
        leave_database()
