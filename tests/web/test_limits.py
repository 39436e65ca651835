"""Tries at signing in are counted, by several processes together where there is a Redis."""

import pytest
from cast import token
from conftest import make_app
from flask import Flask


def _try(app: Flask, times: int) -> list[int]:
    client = app.test_client()
    asked = token(client, "/account/sign-in")
    form = {"username": "haidian", "password": "wrong-password", "csrf_token": asked}
    return [client.post("/account/sign-in", data=form).status_code for _time in range(times)]


@pytest.mark.parametrize("kind", ["memory", "redis"])
def test_sign_in_is_limited_by_name(kind: str, database: str, request: pytest.FixtureRequest) -> None:
    url = "" if kind == "memory" else request.getfixturevalue("redis_url")
    first, second = make_app(database, redis_url=url), make_app(database, redis_url=url)
    codes = _try(first, 6) + _try(second, 6)
    if kind == "redis":
        assert codes == [400] * 10 + [429] * 2
    else:
        assert _try(first, 6)[-2:] == [429, 429]
