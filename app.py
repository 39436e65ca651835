"""The application: `python app.py` serves it, and `flask --app app` commands run on it."""

import gc

gc.disable()  # until everything is loaded: looking through it for garbage, in vain, is a fifth of the start

from stations import create_app
from stations.config import Config
from stations.serving import serve

config = Config.from_env()
app = create_app(config)
gc.freeze()
gc.enable()

if __name__ == "__main__":
    serve(app, config)
