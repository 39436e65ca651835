"""The headers of every answer. No page carries inline script or style, so the policy needs neither nonce nor hash."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask

from stations.config import Config

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def policy(config: Config) -> str:
    """The content security policy; only the tile server, where one is set, is allowed besides this origin."""
    tiles = urlsplit(config.tile_url.replace("{s}", "*"))
    pictures = f" {tiles.scheme}://{tiles.netloc}" if tiles.netloc else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'; "
        f"img-src 'self' data:{pictures}; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )


def install(app: Flask, config: Config) -> None:
    """Add them on the way out, below Flask: as a finished list they cost nothing."""
    fixed = {
        "Content-Security-Policy": policy(config),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
    }
    if config.is_production:
        fixed["Strict-Transport-Security"] = "max-age=31536000"
    pairs = list(fixed.items())
    inner = app.wsgi_app

    def with_headers(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None, /) -> Callable[[bytes], object]:
            return start_response(status, headers + pairs, exc_info)

        return inner(environ, start)

    app.wsgi_app = with_headers  # type: ignore[method-assign]
