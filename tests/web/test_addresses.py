"""Whatever stands in an address of the staff, and however it is asked for: an answer in words."""

from collections.abc import Iterator

from cast import Cast, token
from conftest import on_both
from factories.shelves import a_loan, a_morning, a_transfer
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from stations.kernel.db import db
from stations.stock.queries.ledger import last_position

NUMBERS = ("2147483647", "2147483648", str(2**63), "9" * 5000, "-1", "0", "１２", "1.0")
WORDS = (
    "%00", "a%00b", "%0a", "%ff%fe", "%25", "_", "..", "..%2f..%2fetc", "%f0%9f%98%80", "x" * 300, "a'--",
    "%7B%7B7*7%7D%7D",
)  # fmt: skip
GOOD = {"code": "GH-HD-01", "item": "water", "deed": "issue", "wanted": "picked", "what": "ledger", "ending": "csv",
        "kind": "stock"}  # fmt: skip
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE")


def addresses(rule: Rule) -> Iterator[str]:
    """The rule's address with each of its parts wrong in every way, the others right."""
    for wrong in sorted(rule.arguments):
        for word in NUMBERS if wrong.endswith("_id") and wrong != "order_id" else WORDS:
            parts = (GOOD | dict.fromkeys(rule.arguments - GOOD.keys(), "1") | {wrong: word}).items()
            address = rule.rule
            for name, part in parts:
                address = address.replace(f"<{name}>", part).replace(f"<id:{name}>", part)
            assert "<" not in address
            yield address


@on_both
def test_nothing_in_an_address_fails(app: Flask, cast: Cast) -> None:
    a_morning()
    a_transfer(water=1)
    a_loan("0412")
    client, before = cast.city, last_position()
    sent = {"csrf_token": token(client, "/account/")}
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(("admin_", "desk"))]
    asked = [address for rule in rules for address in addresses(rule)]
    assert len(asked) > 250
    for address in asked:
        check(client, address, "GET")
        check(client, address, "POST", data=sent)
    db.session.rollback()
    assert last_position() == before


def test_no_method_fails(app: Flask, cast: Cast) -> None:
    a_morning()
    client, before = cast.city, last_position()
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(("admin_stock", "desk")):
            address = rule.rule.replace("<code>", "GH-HD-01").replace("<item>", "water").replace("<id:", "<")
            for method in METHODS:
                check(client, address.replace("<", "").replace(">", ""), method)
    db.session.rollback()
    assert last_position() == before


def check(client: FlaskClient, address: str, method: str, **sent: object) -> None:
    answer = client.open(address, method=method, **sent)
    assert answer.status_code < 500, (method, address[:80], answer.status_code)
    if answer.status_code >= 400 and method != "HEAD":
        assert "<h1" in answer.text or answer.json["detail"], (method, address[:80])
