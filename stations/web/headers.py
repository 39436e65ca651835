"""The headers of every answer. No page carries inline script or style, so the policy needs neither nonce nor hash."""

from urllib.parse import urlsplit

from flask import Flask, Response

from stations.config import Config


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
    """Set them on the way out."""
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

    @app.after_request
    def set_headers(response: Response) -> Response:
        response.headers.extend(pairs)
        return response
