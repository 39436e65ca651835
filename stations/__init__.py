"""Bankao: the software that runs the support stations of the exam season."""

from flask import Flask

from stations.cli import add_commands
from stations.config import ROOT, Config
from stations.kernel.db import db
from stations.web.doors import open_all


def create_app(config: Config) -> Flask:
    """The whole application, ready to serve; the schema must have been brought up to date (`flask init`)."""
    app = Flask(__name__, root_path=str(ROOT), template_folder="templates", static_folder=None)
    app.config.update(
        SETTINGS=config,
        SECRET_KEY=config.secret_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": not config.database_url.startswith("sqlite")},
    )
    db.init_app(app)
    open_all(app)
    add_commands(app)
    return app
