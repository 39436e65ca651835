"""Whatever is sent to a public address: an answer in words, never a failure of ours."""

from functools import cache

import html5lib
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ROUTES = (
    "/",
    "/help",
    "/help/ask",
    "/help/places",
    "/help/r/nobody",
    "/d/nobody",
    "/s/GH-HD-01",
    "/e/KD0108-12",
    "/s/nowhere",
    "/nowhere",
    "/map/pins.json",
    "/map/ground-en-x.json",
)
NAMES = (
    "q", "site", "place", "lat", "lon", "need", "open", "limit", "lang", "view", "bbox", "zoom", "datum", "code",
    "kind", "station",
)  # fmt: skip
# Words that mean something to the makers of addresses, to Python and to templates.
STRANGE_NAMES = (
    "endpoint", "_scheme", "_external", "_anchor", "_method", "_endpoint", "values", "self", "locale", "kind", "name",
    "", "__class__", "a.b", "q[]", "csrf_token", "filename",
)  # fmt: skip
ATTACKS = (
    "' OR 1=1 --", "'; DROP TABLE station;--", "<script>alert(1)</script>", '"><svg onload=alert(1)>', "{{7*7}}",
    "%(x)s %s %n {0} ${x}", "../../etc/passwd", "\0", "a\0b", "\r\nSet-Cookie: a=b", "\u202e", "\ud7ff\ufffe", "NaN",
    "inf", "-0", "1e400", "9" * 400, "九" * 200, "１２", "1_0", "٣", "0x10", "é" * 81, "x" * 20_000,
    "landmark:", "district:'",
    "zh", "en", "elder", "wgs84", "KD0108-12", "water", "1", "39.9", "116.3", "1,2,3,4", "-540,-540,540,540",
    "nan,0,0,0",
    "http://evil.example/", "//evil.example", "javascript:alert(1)",
)  # fmt: skip
values = st.sampled_from(ATTACKS) | st.text(max_size=40)
questions = st.lists(st.tuples(st.sampled_from(NAMES + STRANGE_NAMES), values), max_size=5)
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def check(client: FlaskClient, address: str, **asked: object) -> None:
    answer = client.get(address, **asked)
    assert answer.status_code < 500, (address, asked)
    assert "Content-Security-Policy" in answer.headers
    assert "Set-Cookie" not in answer.headers
    to = answer.headers.get("Location", "/").removeprefix("http://localhost/")
    assert not to.startswith(("//", "http"))
    if answer.mimetype == "text/html" and answer.status_code not in (302, 308):
        check_page(answer.text)


@cache  # most questions get a page that another got
def check_page(text: str) -> None:
    page = html5lib.parse(text, namespaceHTMLElements=False)
    assert page.find(".//h1") is not None
    for script in page.iter("script"):
        assert script.get("src") or script.get("type") == "application/json"
    for element in page.iter():
        assert not [name for name in element.attrib if str(name).startswith("on")]
        for name in ("href", "src", "action"):
            link = element.get(name, "/")
            assert (link.startswith(("/", "#", "tel:", "https://")) and not link.startswith("//")) or link == ""


@quick
@given(route=st.sampled_from(ROUTES), question=questions)
def test_any_question_is_answered(reader: FlaskClient, route: str, question: list[tuple[str, str]]) -> None:
    check(reader, route, query_string=question)


@pytest.mark.parametrize("route", ["/", "/help", "/s/GH-HD-01", "/e/KD0108-12", "/nowhere", "/map/pins.json"])
@pytest.mark.parametrize("name", STRANGE_NAMES)
def test_parameters_that_nobody_asks_for_change_nothing(reader: FlaskClient, route: str, name: str) -> None:
    check(reader, route, query_string=[(name, "x")])
    check(reader, route, query_string=[(name, "x"), (name, "http")])
    assert reader.get(route, query_string=[(name, "x")]).status_code == reader.get(route).status_code


@quick
@given(route=st.sampled_from(ROUTES), raw=st.binary(max_size=30))
def test_any_bytes_after_the_question_mark_are_answered(reader: FlaskClient, route: str, raw: bytes) -> None:
    check(reader, route, environ_overrides={"QUERY_STRING": raw.decode("latin-1")})


@pytest.mark.parametrize("route", ROUTES)
def test_bytes_that_are_no_text_are_answered(reader: FlaskClient, route: str) -> None:
    for raw in ("\xff", "q=\xff\xfe", "lang=en&\xc3", "%ff=%fe", "site=%00"):
        check(reader, route, environ_overrides={"QUERY_STRING": raw})


@quick
@given(door=st.sampled_from(("/s/", "/e/", "/help/r/", "/d/", "/map/", "/static/x/", "/vendor/1/", "/")), name=values)
def test_any_name_in_an_address_is_answered(reader: FlaskClient, door: str, name: str) -> None:
    path = "/" + (door + name).lstrip("/")
    check(reader, "/", environ_overrides={"PATH_INFO": path.encode("utf-8", "surrogatepass").decode("latin-1")})


def test_the_switch_of_language_leads_to_the_same_page(reader: FlaskClient) -> None:
    for asked in ("?code=MD-001", "?endpoint=home.page", "?_anchor=x"):
        page = html5lib.parse(reader.get(f"/s/GH-HD-01{asked}").text, namespaceHTMLElements=False)
        links = [a.get("href", "") for a in page.iter("a") if "lang=en" in a.get("href", "")]
        assert links
        assert all(link.startswith("/s/GH-HD-01?") for link in links), asked


@pytest.mark.parametrize("route", ["/", "/help", "/s/GH-HD-01", "/e/KD0108-12", "/map/pins.json", "/favicon.ico"])
def test_head_is_get_without_the_body(reader: FlaskClient, route: str) -> None:
    get, head = reader.get(route), reader.head(route)
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Type", "ETag", "Cache-Control", "Content-Security-Policy"):
        assert head.headers.get(name) == get.headers.get(name)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "X" * 200])
@pytest.mark.parametrize("route", ["/", "/help", "/s/GH-HD-01", "/e/KD0108-12", "/map/pins.json"])
def test_other_methods_are_not_possible_here(reader: FlaskClient, route: str, method: str) -> None:
    answer = reader.open(route, method=method)
    assert answer.status_code in (400, 405)
    assert "Content-Security-Policy" in answer.headers
    assert answer.status_code == 400 or "GET" in answer.headers["Allow"]


def test_options_names_the_methods(reader: FlaskClient) -> None:
    answer = reader.options("/")
    assert (answer.status_code, set(answer.headers["Allow"].split(", "))) == (200, {"GET", "HEAD", "OPTIONS"})
