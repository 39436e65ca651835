"""The server as it is deployed, with one door more: GET /tell?content= publishes an alarm after a commit."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from flask import Flask, request

from stations import create_app
from stations.adapters import live
from stations.config import Config
from stations.kernel.db import transaction
from stations.serving import serve


def tell() -> str:
    with transaction():
        live.publish_after_commit("alarm", request.args["content"], request.args.get("path", ""))
    return "told"


def main() -> None:
    config = Config.from_env()
    app: Flask = create_app(config)
    app.add_url_rule("/tell", "probes.tell", tell)
    serve(app, config)


main()
