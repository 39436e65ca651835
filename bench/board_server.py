"""The product as it is deployed, for `board.py`, with one door more: GET /tell?number= publishes an alarm."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from flask import request

from stations import create_app
from stations.adapters import live
from stations.config import Config
from stations.serving import serve

TEXT = "海淀区中关村大街27号，等候接送" * 8  # so that a message is as long as one of a full queue


def tell():
    live.publish("alarm", {"number": int(request.args["number"]), "at": time.monotonic(), "text": TEXT})
    return "told"


def main():
    config = Config.from_env()
    app = create_app(config)
    app.add_url_rule("/tell", "probes.tell", tell)
    serve(app, config)


main()
