"""The application: `python app.py` serves it, and `flask --app app` commands run on it."""

from stations import create_app
from stations.config import Config
from stations.serving import serve

config = Config.from_env()
app = create_app(config)

if __name__ == "__main__":
    serve(app, config)
