"""Files for the browser: the right ones, for ever, the same in every encoding."""

import gzip

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from stations.web.assets import STATIC, VENDOR, _own_bytes, _vendor_bytes, asset, vendor

OWN = sorted(str(path.relative_to(STATIC)) for path in STATIC.rglob("*") if path.is_file())
OUTSIDE = (
    "../app.py", "..%2fapp.py", "%2e%2e/app.py", "..%5capp.py", "....//app.py", "/etc/passwd", "%2fetc/passwd",
    "css/../../app.py", "css/..%2f..%2fpyproject.toml", ".", "..", "css", "css/", "%00", "site.css%00", "x" * 5000,
)  # fmt: skip


def test_every_own_file_is_sent_and_may_be_kept_for_ever(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        addresses = {name: asset(name) for name in OWN}
    for name, address in addresses.items():
        answer = client.get(address)
        assert (answer.status_code, answer.data) == (200, (STATIC / name).read_bytes())
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.mimetype != "application/octet-stream"


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_files_are_the_same_after_decompression(app: Flask, client: FlaskClient, encoding: str) -> None:
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress}[encoding]
    with app.test_request_context():
        addresses = [asset("site.css"), asset("js/map.js"), *(vendor(name) for name in VENDOR)]
    for address in addresses:
        plain, packed = client.get(address), client.get(address, headers={"Accept-Encoding": encoding})
        assert packed.headers["Content-Encoding"] == encoding
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert "Accept-Encoding" in plain.headers["Vary"]
        assert "Content-Encoding" not in plain.headers
        assert len(packed.data) == packed.content_length < len(plain.data)
        assert unpack(packed.data) == plain.data


def test_the_style_sheet_is_the_sum_of_all_of_them(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        sheet = client.get(asset("site.css")).data
    for path in (STATIC / "css").rglob("*.css"):
        assert path.read_bytes() in sheet


@pytest.mark.parametrize("door", ["/static/x/", "/vendor/1/"])
@pytest.mark.parametrize("name", OUTSIDE)
def test_nothing_else_is_sent(client: FlaskClient, door: str, name: str) -> None:
    answer = client.get(door + name)
    assert answer.status_code in (308, 404)
    assert b"create_app" not in answer.data
    assert b"root:" not in answer.data


def test_names_of_nothing_are_not_remembered(client: FlaskClient) -> None:
    known = [kept.cache_info().currsize for kept in (_own_bytes, _vendor_bytes)]
    for number in range(20):
        for door in ("/static/x/", "/vendor/1/"):
            assert client.get(f"{door}none-{number}.js").status_code == 404
    assert [kept.cache_info().currsize for kept in (_own_bytes, _vendor_bytes)] == known


def test_an_old_version_in_the_address_finds_todays_file(client: FlaskClient) -> None:
    assert client.get("/static/000000000000/js/map.js").data == (STATIC / "js/map.js").read_bytes()


def test_the_icon_is_where_browsers_look(client: FlaskClient) -> None:
    icon = client.get("/favicon.ico")
    assert (icon.status_code, icon.mimetype) == (200, "image/svg+xml")
