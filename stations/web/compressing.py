"""Compression, where an answer is long enough to gain by it and the client takes it."""

from flask import Flask, Response
from flask_compress import Compress

from stations.web.reading import this_request

WORTH_BYTES = 500


def install(app: Flask) -> None:
    """Compress on the way out. The library is asked only where there is something for it to do."""
    app.config.update(
        COMPRESS_ALGORITHM=["br", "gzip"], COMPRESS_BR_LEVEL=4, COMPRESS_STREAMS=False, COMPRESS_MIN_SIZE=WORTH_BYTES,
        COMPRESS_REGISTER=False,
    )  # fmt: skip
    library = Compress(app)

    @app.after_request
    def compress(response: Response) -> Response:
        length = response.headers.get("Content-Length")
        if length is not None and int(length) < WORTH_BYTES:
            return response
        if "HTTP_ACCEPT_ENCODING" in this_request().environ:
            return library.after_request(response)
        response.headers.add("Vary", "Accept-Encoding")
        return response
